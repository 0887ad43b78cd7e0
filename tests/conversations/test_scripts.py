"""The corpus: every script beside this file gives what stands in it, and no sentence is withheld."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from commerce_agent.scripted.playing import check, describe, list_scripts

CORPUS = Path(__file__).parent / "scripts"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("path", list_scripts([CORPUS]), ids=lambda path: path.stem)
def test_the_script_gives_what_is_expected(path: Path, database: str) -> None:
    differing = describe(check(path, now=NOW))

    assert not differing, "\n".join([path.stem, *differing])
