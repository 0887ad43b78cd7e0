"""Bold type, cells and bullets hide no claim: what is checked is what a reader sees."""

from pathlib import Path

import pytest
import yaml

from commerce_agent.agent.grounding.table_rows import Rows
from commerce_agent.agent.markup import tidy, without_marks
from commerce_agent.management.judged.claims.claimed_shops import make_state
from tests.agent.prose_claims import read_shops
from tests.agent.streaming import stream

SETS = yaml.safe_load((Path(__file__).parent / "said_by_template.yaml").read_text(encoding="utf-8"))
STATE = make_state(read_shops(SETS["first"]["shops"])[0])


async def passes(said: str) -> bool:
    """As it streams; the grinder costs €89.00 instead of €109.00 and there are six, the espresso maker is sold out."""
    return not (await stream(said, state=STATE)).held_back


@pytest.mark.parametrize(
    "said",
    [
        "You can return it within **60** days.",
        "It has a **10**-year warranty.",
        "You get **50**% off.",
        "You get 5**0**% off.",
        "The Brauwerk Hand Grinder costs **39** euros.",
        "The Brauwerk Hand Grinder costs € **39**.",
        "The Brauwerk Hand Grinder costs €8**1.00**.",
        "The Brauwerk Hand Grinder costs [€3](https://shop.example/a)9.",
        "The Brauwerk Hand Grinder costs €<b>39</b>.",
        "The Brauwerk Hand Grinder costs &#8364;39.",
        "The Brauwerk Hand Grinder costs €٣٩.",
        "The Brauwerk Hand Grinder costs €𝟑𝟗.",
        "The Brauwerk Hand Grinder costs €③⑨.",
        "The Pilano Espresso Maker is **in** **stock**.",
        "The Pilano Espresso Maker is in st*ock*.",
        "The Pilano Espresso Maker is іn stоck.",
        "Use code BREW**50** at checkout.",
        "**Brauwerk Hand Grinder**\n- Price: €89.00\n- SKU: KFM-330",
        "**Brauwerk Hand Grinder**\n- Price: €89.00\n- In stock: 9",
        "**Pilano Espresso Maker**\n- In stock: yes",
    ],
)
async def test_marks_and_look_alikes_hide_no_claim(said: str) -> None:
    assert not await passes(said)


@pytest.mark.parametrize(
    "said",
    [
        "You can return it within **30** days.",
        "The **Brauwerk** Hand Grinder costs **€89.00**.",
        "**Brauwerk Hand Grinder**\n- Price: €89.00\n- In stock: 6\n- SKU: KFM-210\n- Warranty: **3** years",
        "**Pilano Espresso Maker**\n- Price: 149.50\n- In stock: no",
        "2 * Brauwerk Hand Grinder is €178.00.",
    ],
)
async def test_what_is_right_may_be_marked(said: str) -> None:
    assert await passes(said)


@pytest.mark.parametrize(
    ("head", "row", "true"),
    [
        ("Item | Price (EUR) | In stock", "Brauwerk Hand Grinder | 89.00 | 6", True),
        ("Item | Price (EUR) | In stock", "Brauwerk Hand Grinder | 81.00 | 6", False),
        ("Item | Price (EUR) | In stock", "Brauwerk Hand Grinder | 89.00 | 12", False),
        ("Item | In stock", "Brauwerk Hand Grinder | Yes", True),
        ("Item | In stock", "Pilano Espresso Maker | Yes", False),
        ("Item | In stock", "Brauwerk Hand Grinder | ❌", False),
        ("Item | Availability", "Pilano Espresso Maker | ✅", False),
        ("Item | Availability", "Pilano Espresso Maker | ❌", True),
        ("Item | SKU", "Brauwerk Hand Grinder | KFM-210", True),
        ("Item | SKU", "Brauwerk Hand Grinder | KFM-508", False),
        ("Item | Was | Now", "Brauwerk Hand Grinder | €109.00 | €89.00", True),
        ("Item | Was | Now", "Brauwerk Hand Grinder | €119.00 | €89.00", False),
        ("Policy | Days", "Returns | 30", True),
        ("Policy | Days", "Returns | 60", False),
        ("Return window (days) | Warranty (years)", "30 | 3", True),
        ("Return window (days) | Warranty (years)", "60 | 3", False),
        ("Code | Discount (%)", "BREW15 | 15", True),
        ("Code | Discount (%)", "BREW15 | 25", False),
        ("Code | Valid until", "BREW15 | December 6", True),
        ("Code | Valid until", "BREW15 | December 9", False),
        (" | Brauwerk Hand Grinder | Cascada Pour-Over Set", "Price | €89.00 | €62.00", True),
        (" | Brauwerk Hand Grinder | Cascada Pour-Over Set", "Price | €62.00 | €89.00", False),
        ("Feature | Brauwerk Hand Grinder | Cascada Pour-Over Set", "In stock | 6 | 24", True),
        ("Feature | Brauwerk Hand Grinder | Cascada Pour-Over Set", "In stock | 6 | 6", False),
        ("Item | Good for | Rating", "Brauwerk Hand Grinder | travel | daily use", True),
    ],
)
async def test_a_cell_is_read_under_its_head(head: str, row: str, true: bool) -> None:
    rule = "|".join("---" for _ in head.split("|"))
    table = f"| {head} |\n|{rule}|\n| {row} |\n\nShall I add one?"

    assert await passes(table) is true


def test_a_table_ends_with_the_next_words() -> None:
    rows = Rows()

    assert rows.read("| Item | Stock |") == "| Item | Stock |"
    assert rows.read("|---|---|") == "|---|---|"
    assert rows.read("| Lamp | 6 |") == "Item: Lamp; Stock: 6"
    assert rows.read("| Lamp |") == "| Lamp |"
    assert rows.read("That is all.") == "That is all."
    assert rows.read("| Lamp | 6 |") == "| Lamp | 6 |"


def test_what_is_heard_has_no_marks() -> None:
    shown = tidy("A __bold__ [page](https://shop.example/a_b)", origins=("https://shop.example",))

    assert without_marks(shown) == "A bold page"
    assert without_marks("[2-pack] Bulbs (4.5)") == "[2-pack] Bulbs (4.5)"
