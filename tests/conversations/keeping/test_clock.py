"""What the clock and the operator do to the journal."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from commerce_agent.composition import read_clock
from commerce_agent.tasks import keep_journal
from conversations.store.partitions import get_month


def test_the_clock_has_this_month_and_the_next_three_ready(database: str) -> None:
    assert keep_journal() == 0

    this = get_month(read_clock())
    with connection.cursor() as cursor:
        for ahead in range(4):
            cursor.execute("SELECT to_regclass(%s)", [this.after(ahead).partition])
            assert cursor.fetchone() == (this.after(ahead).partition,)


def test_the_operator_hears_what_would_go(database: str) -> None:
    out = StringIO()

    # Sixty years ago nobody talked.
    call_command("drop_quiet", "--months", "720", "--dry-run", stdout=out)

    assert out.getvalue().endswith(
        "(nothing was changed): 0 conversations with 0 events, 0 partitions dropped,"
        " 0 conversations of those months kept.\n"
    )
    with pytest.raises(CommandError, match="1 or more"):
        call_command("drop_quiet", "--months", "0")
