"""Five turns over a real feed of 19,406 products."""

import shutil
from pathlib import Path

import pytest

from tests.flows.conftest import SCRIPTS, SHARED, Converse

FEED = SHARED / "data" / "feeds" / "electronics.tsv.gz"


@pytest.mark.skipif(not FEED.exists(), reason="the shared feed is not beside the project")
@pytest.mark.timeout(600)
def test_a_limit_an_ordinal_and_a_brand_hold_over_a_real_feed(converse: Converse, tmp_path: Path) -> None:
    script = tmp_path / "electronics.yaml"
    shutil.copy(SCRIPTS / "electronics.yaml", script)
    (tmp_path / "electronics.tsv.gz").symlink_to(FEED)

    looking, second, stock, brand, cheaper = converse(script)

    prices = {fact["subject"]: fact["value"] for fact in looking["facts"] if fact["name"] == "price"}
    assert len(looking["cards"]) == 5
    assert max(prices.values()) <= 80
    assert [(r["outcome"], r["skus"]) for r in second["references"]] == [("resolved", [looking["cards"][1]])]
    assert [(r["text"], r["skus"]) for r in stock["references"]] == [("it", [looking["cards"][1]])]
    assert [(r["outcome"], len(r["skus"])) for r in brand["references"]] == [("resolved", 1)]
    assert brand["references"][0]["skus"][0] in looking["cards"]
    active = [
        (t["field"], t["value"]) for t in cheaper["constraints"] if t["active"] and t["field"] == "price"
    ]
    assert active == [("price", 40.0)]
    assert all(f["value"] <= 40 for f in cheaper["facts"] if f["name"] == "price")
