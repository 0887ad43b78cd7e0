from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Merchant
from tests.catalog.conftest import FEEDS


def test_evaluate_search_ranks_each_judged_query_and_leaves_nothing(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judgements, predictions = tmp_path / "judgements.tsv", tmp_path / "predictions.tsv"
    judgements.write_text("query\tid\trating\nkettle\tCAFE\t3\nkettle\tSOCK-M\t0\nhl-77\tHARBOUR\t3\n")

    call_command(
        "evaluate", "search", feed=FEEDS / "tidewater.tsv", judgements=judgements, predictions=predictions
    )

    assert predictions.read_text() == "query\trank\tid\nkettle\t1\tCAFE\nhl-77\t1\tHARBOUR\n"
    said = capsys.readouterr().out
    assert said.startswith("2 queries, p50 ")
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
