"""The corpus: every script beside this file gives what stands in it, and no sentence is withheld."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.models import Merchant, Order
from commerce_agent.scripted.playing import check, describe, list_scripts
from commerce_agent.scripted.script import Script, ScriptRefused, read_script
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


def write_script(folder: Path, *shoppers: str) -> Script:
    path = folder / "orders.yaml"
    steps = "".join(f"- shopper: {shopper}\n" for shopper in shoppers)
    path.write_text(f"feed: {HERE / 'scripts' / 'wine.tsv'}\nturns:\n{steps}")
    return read_script(path)


def test_what_every_shopper_bought_is_there_under_a_number_of_its_own(database: str, tmp_path: Path) -> None:
    script = write_script(
        tmp_path,
        "{id: s-1, orders: [{lines: [{sku: RO-PRO}]}]}",
        "{id: s-2, orders: [{lines: [{sku: RO-PRO}]}]}",
        "{id: s-1, orders: [{lines: [{sku: RO-PRO}]}, {number: W-7, lines: [{sku: RO-PRO, quantity: 2}]}]}",
    )

    with set_stage(script, now=NOW) as stage:
        orders = Order.objects.filter(merchant_id=stage.merchant).order_by("pk")
        told = list(orders.values_list("customer_key", "number", "lines__quantity"))

    # What is said again is no second order.
    assert told == [("s-1", "1001", 1), ("s-1", "W-7", 2), ("s-2", "1002", 1)]


def test_two_orders_of_one_number_are_refused_and_leave_no_shop(database: str, tmp_path: Path) -> None:
    of = "orders: [{number: W-7, lines: [{sku: RO-PRO}]}]"
    before = Merchant.objects.count()

    with (
        pytest.raises(ScriptRefused, match="two orders have the number 'W-7'"),
        set_stage(write_script(tmp_path, f"{{id: s-1, {of}}}", f"{{id: s-2, {of}}}"), now=NOW),
    ):
        pass

    assert Merchant.objects.count() == before
