from math import log2
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Merchant
from tests.catalog.conftest import FEEDS


def test_evaluate_search_ranks_each_judged_query_and_leaves_nothing(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judgements, predictions = tmp_path / "judgements.tsv", tmp_path / "predictions.tsv"
    judgements.write_text(
        "query\tid\trating\nkettle\tCAFE\t3\nkettle\tSOCK-M\t0\nhl-77\tHARBOUR\t3\nlamp\tHARBOUR\t3\n"
    )

    call_command(
        "evaluate", "search", feed=FEEDS / "tidewater.tsv", judgements=judgements, predictions=predictions
    )

    assert predictions.read_text().splitlines() == [
        "query\trank\tid",
        *("kettle\t1\tCAFE", "hl-77\t1\tHARBOUR"),
        # As shoppers are shown it: another product comes before the first one in another colour.
        *("lamp\t1\tMEADOW-GRN", "lamp\t2\tHARBOUR", "lamp\t3\tMEADOW-WHT"),
    ]
    said = capsys.readouterr().out
    assert said.startswith("3 queries, p50 ")
    assert "; the first time p50 " in said
    assert "; plain full text beside it p50 " in said
    assert not Merchant.objects.filter(key__startswith="evaluate-").exists()


def test_evaluate_search_says_what_it_cannot_read(database: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Cannot rank"):
        call_command(
            "evaluate",
            "search",
            feed=FEEDS / "tidewater.tsv",
            judgements=tmp_path / "none.tsv",
            predictions=tmp_path / "out.tsv",
        )


KENNEL = Path(__file__).parent.parent / "conversations" / "scripts" / "kennel.tsv"
JUDGED = {
    "chicken dry food": {"PF-D1": 3, "PF-C3": 2, "PF-D3": 1, "PF-D5": 1},
    "puppy food": {"PF-D3": 3, "PF-D1": 1, "PF-D4": 1},
    "senior turkey": {"PF-D5": 3, "PF-C4": 1},
    "fleece bed": {"PF-B3": 3, "PF-B1": 1},
    "bed": {"PF-B2": 3, "PF-B3": 3},
    "clumping cat liter": {"PF-C5": 3},
    "tuna pouches": {"PF-C1": 3, "PF-C2": 1},
    "teeth chews": {"PF-D6": 3},
    "rope toy": {"PF-T1": 3, "PF-T3": 1},
}


def test_what_judges_want_stands_first_in_the_order_in_which_it_is_offered(
    database: str, tmp_path: Path
) -> None:
    judgements, predictions = tmp_path / "judgements.tsv", tmp_path / "predictions.tsv"
    rows = [f"{query}\t{sku}\t{rating}" for query, rated in JUDGED.items() for sku, rating in rated.items()]
    judgements.write_text("\n".join(["query\tid\trating", *rows]) + "\n")

    call_command("evaluate", "search", feed=KENNEL, judgements=judgements, predictions=predictions)

    ranked: dict[str, list[str]] = {}
    for row in predictions.read_text().splitlines()[1:]:
        query, _, sku = row.split("\t")
        ranked.setdefault(query, []).append(sku)
    shares = {
        query: gain([rated.get(sku, 0) for sku in ranked[query]]) / gain(sorted(rated.values(), reverse=True))
        for query, rated in JUDGED.items()
    }
    assert sum(shares.values()) / len(shares) >= 0.95, (shares, ranked)


def gain(ratings: list[int]) -> float:
    """The discounted gain of the first ten."""
    return sum((2**rating - 1) / log2(place + 2) for place, rating in enumerate(ratings[:10]))
