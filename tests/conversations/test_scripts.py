"""The corpus: every script beside this file gives what stands in it, and no sentence is withheld."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commerce_agent.scripted.playing import check, describe, list_scripts
from commerce_agent.scripted.script import read_script
from commerce_agent.scripted.stage import Stage, set_stage

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ELECTRONICS = list_scripts([HERE / "electronics"])
FEED = HERE.parents[2] / "shared/data/feeds/electronics.tsv.gz"


@pytest.mark.parametrize("path", list_scripts([HERE / "scripts"]), ids=lambda path: path.stem)
def test_the_script_gives_what_is_expected(path: Path, database: str) -> None:
    differing = describe(check(path, now=NOW))

    assert not differing, "\n".join([path.stem, *differing])


@pytest.fixture(scope="module")
def electronics(database: str) -> Iterator[Stage]:
    """One shop of twenty thousand goods for all the scripts that talk in it: they touch different goods."""
    if not FEED.exists():
        pytest.skip("the electronics feed is not beside the project")
    with set_stage(read_script(ELECTRONICS[0]), now=NOW) as stage:
        yield stage


@pytest.mark.parametrize("path", ELECTRONICS, ids=lambda path: path.stem)
def test_the_script_over_a_large_feed_gives_what_is_expected(path: Path, electronics: Stage) -> None:
    differing = describe(check(path, now=NOW, stage=electronics))

    assert not differing, "\n".join([path.stem, *differing])
