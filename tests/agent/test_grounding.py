"""What may be claimed and what may not, in the wordings that models use."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from commerce_agent.agent.grounding import check_sentence, list_grounds
from conversations.events import Recorded
from conversations.events.carts import CartLine, Proposal, ProposalMade
from conversations.events.constraints import Constraint, ConstraintStated
from conversations.events.facts import Amount, Fact, FactsObserved, FactValue
from conversations.ids import EntityRef
from conversations.state import ConversationState, apply

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LAMP = EntityRef("variant", "MEADOW-G")


def fact(name: str, value: FactValue, *, subject: EntityRef = LAMP) -> Fact:
    """A fact read now."""
    return Fact(id=name, subject=subject, name=name, value=value, source="test", observed_at=NOW)


def known() -> ConversationState:
    """A green lamp at 80 euros, 12 in stock, returns within 30 days, a code, and a limit of 100."""
    facts = (
        fact("price", Amount(amount=Decimal("80.00"), currency="EUR")),
        fact("stock", 12),
        fact("availability", "in_stock"),
        fact("policy.returns", "Send it back within 30 days.", subject=EntityRef("policy", "returns")),
        fact("promotion", "Ten percent off", subject=EntityRef("promotion", "WELCOME10")),
    )
    limit = Constraint(id="c1", field="price", op="<=", value=100.0)
    state = ConversationState()
    for event in (FactsObserved(facts=facts), ConstraintStated(constraint=limit)):
        state = apply(state, Recorded(seq=state.version + 1, frame=None, at=NOW, turn=1, event=event))
    return state


@pytest.mark.parametrize(
    "sentence",
    [
        "It costs €80.00.",
        "It costs €80.",
        "It is 80,00 € today.",
        "80 euros for the green one.",
        "EUR 80.00 for the green one.",
        "There are 12 left.",
        "Yes, it is in stock.",
        "You have 30 days to return it.",
        "Here is what I found under €100.",
        "Use code WELCOME10 at the checkout.",
        "A warm light for long evenings.",
    ],
)
def test_what_stands_on_a_fact_is_said(sentence: str) -> None:
    assert check_sentence(sentence, grounds=list_grounds(state=known())).passed


@pytest.mark.parametrize(
    "sentence",
    [
        "It costs €79.99.",
        "It is 12,00 € today.",
        "It costs 12 € today.",
        "It costs $5.",
        "It costs SEK 4,000.",
        "It costs 4,000 SEK.",
        "That is twelve dollars.",
        "It costs only five euros.",
        "There are 3 left.",
        "It is sold out.",
        "You have 60 days to return it.",
        "It is 20% off.",
        "Use code SAVE20.",
    ],
)
def test_what_stands_on_none_is_not(sentence: str) -> None:
    grounds = list_grounds(state=known(), said="is it $5?")

    checked = check_sentence(sentence, grounds=grounds)

    assert checked.verdicts
    assert not checked.passed


def test_an_offer_says_its_total_beside_free_shipping_and_its_tax() -> None:
    price = Amount(amount=Decimal("94.00"), currency="EUR")
    proposal = Proposal(
        id="p1",
        hash="h",
        lines=(CartLine(ref=LAMP, title="Meadow lamp", quantity=2, unit_price=price),),
        total=Amount(amount=Decimal("188.00"), currency="EUR"),
        shipping=Amount(amount=Decimal("0.00"), currency="EUR"),
        tax=Amount(amount=Decimal("14.33"), currency="EUR"),
        expires_at=NOW,
    )
    made = Recorded(seq=3, frame=None, at=NOW, turn=1, event=ProposalMade(proposal=proposal))
    grounds = list_grounds(state=apply(known(), made))

    assert check_sentence("That is €188.00, with free shipping and €14.33 tax.", grounds=grounds).passed
    assert not check_sentence("That is €180.00, with free shipping.", grounds=grounds).passed
    assert not check_sentence("That is €188.00, with €19.00 tax.", grounds=grounds).passed


@pytest.mark.parametrize(
    ("sentence", "passes"),
    [
        ("Here is what I found with weight up to 0.5 pound.", True),
        ("It weighs up to 0.5 pounds.", True),
        ("Here is what I found with weight up to 0.7 pound.", False),
        ("It costs 0.5 pound.", False),
    ],
)
def test_a_weight_the_shopper_set_is_a_limit_in_any_unit(sentence: str, passes: bool) -> None:
    limit = Constraint(id="c2", field="weight", op="<", value=226.796, text="lighter than half a pound")
    state, event = known(), ConstraintStated(constraint=limit)
    state = apply(state, Recorded(seq=state.version + 1, frame=None, at=NOW, turn=1, event=event))

    assert check_sentence(sentence, grounds=list_grounds(state=state)).passed is passes
