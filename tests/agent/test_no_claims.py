"""Sentences with words of a claim in them that claim nothing of offers, and others that do claim stock."""

import pytest

from commerce_agent.agent.grounding import list_grounds
from commerce_agent.agent.grounding.deadlines import list_deadlines
from commerce_agent.agent.grounding.mentions import read_sentence
from commerce_agent.agent.grounding.stock_words import list_stock
from commerce_agent.management.judged.claims.claimed_shops import NOW, make_state
from tests.agent.test_said_by_template import CAMPING


def _list_deadlines(said: str) -> list[str]:
    grounds = list_grounds(state=make_state(CAMPING), at=NOW)
    read = read_sentence(said, names={})
    return [claim.text for claim in list_deadlines(read, grounds=grounds, on_offer=False)]


@pytest.mark.parametrize(
    "said",
    [
        "I can offer you another lamp that runs for 40 hours.",
        "We offer the Trail Lamp, which runs for 40 hours, and two more.",
        "On sale is another lamp, and it runs for 40 hours.",
    ],
)
def test_how_long_goods_run_is_no_end_of_an_offer(said: str) -> None:
    assert _list_deadlines(said) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("The sale ends in 3 days.", ["3 days"]),
        ("You have ten more days to use the code.", ["ten more days"]),
        ("The discount runs for another 3 days.", ["3 days"]),
        ("Der Gutscheincode gilt noch 3 Tage.", ["3 Tage"]),
    ],
)
def test_what_is_left_of_an_offer_is_claimed(said: str, told: list[str]) -> None:
    assert _list_deadlines(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "The filters are sold out.",
        "Both coffee filters are sold out.",
        "Leider sind die Filter ausverkauft.",
        "The filters are gone.",
    ],
)
def test_filters_are_goods(said: str) -> None:
    assert [claim.unit for claim in list_stock(said)] == ["out"]


@pytest.mark.parametrize("said", ["Your filters are gone.", "Your limits are gone."])
def test_what_was_asked_for_is_no_stock(said: str) -> None:
    assert list(list_stock(said)) == []
