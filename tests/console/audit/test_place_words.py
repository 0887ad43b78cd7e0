"""Where a record differs, in words."""

import pytest

from commerce_agent.agent.explain.plain import tell_plain
from commerce_agent.console.audit.place_words import list_place_names, tell_place
from tests.console.audit.conftest import Kept

NAMES = {
    "A.1[x]": "Desk lamp (A.1[x])",
    "c2": "“price at most $100”",
    "variant:A.1[x]:price": "price of Desk lamp (A.1[x])",
}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("constraints.stated[0].value", "Stated term 1, value"),
        ("constraints.applied.c2", "Applied, “price at most $100”"),
        ("candidates.A.1[x].kept", "Desk lamp (A.1[x]), kept"),
        ("facts.variant:A.1[x]:price.value.amount", "Price of Desk lamp (A.1[x]), value, amount"),
        ("cards.A.1[x].list_price", "Desk lamp (A.1[x]), list price"),
        ("cards.NEVER-SEEN.price", "NEVER-SEEN, price"),
        ("facts.variant:NEW-1:list_price.value", "List price of NEW-1, value"),
        ("shown[2]", "Place 3"),
        ("tables[0][1][2]", "Table 1 / 2 / 3"),
        ("grounding[1].passed", "Claim 2, passed"),
        ("text", "Words"),
        ("[0]", "Entry 1"),
        ("", "The whole"),
        ("a.[odd", "[odd"),
    ],
)
def test_a_place_is_told_in_words(path: str, told: str) -> None:
    assert tell_place(path, names=NAMES, is_headed=True) == told


def test_without_a_heading_the_first_step_is_told() -> None:
    assert tell_place("constraints.active[0].op", names={}) == "Constraints, active 1, op"


def test_items_facts_and_terms_of_a_conversation_have_names(kept: Kept) -> None:
    names = list_place_names(kept.held.events)

    assert names["MEADOW-G"].endswith("(MEADOW-G)")
    assert names["variant:MEADOW-G"] == names["MEADOW-G"]
    assert names["variant:MEADOW-G:price"] == f"price of {names['MEADOW-G']}"
    assert names["policy:returns:policy.returns"] == "words of the policy returns"
    assert names["policy:returns:returns.window_days"] == "window days of the policy returns"
    assert any(name.startswith("“") for name in names.values())


def test_values_are_told_by_what_they_stand_for() -> None:
    assert tell_plain('"A.1[x]"', names=NAMES) == "Desk lamp (A.1[x])"
    assert tell_plain(
        '{"availability": "out_of_stock", "rule": "below_cut", "skus": ["A.1[x]", "B"]}', names=NAMES
    ) == ("availability Sold out · rule Ranked lower · skus Desk lamp (A.1[x]); B")
