"""What the shop's terms deny is no ground for the claim of it, and is itself a ground."""

from datetime import UTC, datetime

import pytest

from commerce_agent.agent.grounding import check_sentence, list_grounds
from conversations.events import Recorded
from conversations.events.facts import Fact, FactsObserved
from conversations.ids import EntityRef
from conversations.state import ConversationState, apply

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def passes(sentence: str, *, terms: str, topic: str = "services", said: str = "") -> bool:
    """Whether it may be said by a shop with these terms, to who said that."""
    told = Fact(
        id="f1",
        subject=EntityRef("policy", topic),
        name=f"policy.{topic}",
        value=terms,
        source="test",
        observed_at=NOW,
    )
    recorded = Recorded(seq=1, frame=None, at=NOW, turn=1, event=FactsObserved(facts=(told,)))
    grounds = list_grounds(state=apply(ConversationState(), recorded), said=said)
    return check_sentence(sentence, grounds=grounds).passed


DENIED = [
    ("We do not offer gift wrapping.", "Yes, we offer gift wrapping."),
    ("We don't accept PayPal.", "You can pay with PayPal."),
    ("Klarna is not accepted.", "We accept Klarna."),
    ("There is no restocking fee.", "A restocking fee applies."),
    ("We do not deliver to Switzerland.", "We deliver to Switzerland."),
    ("We ship to France, but not to Switzerland.", "We ship to Switzerland."),
    ("We do not offer free returns.", "Returns are free."),
    ("Returns are not free.", "Returns are free of charge."),
]


@pytest.mark.parametrize(("terms", "claim"), DENIED)
def test_what_the_terms_deny_is_not_claimed(terms: str, claim: str) -> None:
    assert not passes(claim, terms=terms, topic="returns" if "eturn" in terms else "services")


@pytest.mark.parametrize(
    "terms",
    [
        "We do not offer gift wrapping.",
        "We don't accept PayPal.",
        "There is no restocking fee.",
        "We do not deliver to Switzerland.",
        "We ship to France, but not to Switzerland.",
    ],
)
def test_a_denial_may_be_said_as_the_terms_say_it(terms: str) -> None:
    assert passes(terms, terms=terms)


@pytest.mark.parametrize(
    ("terms", "claim", "topic"),
    [
        ("Gift wrapping is available for 3 euros.", "We offer gift wrapping.", "services"),
        ("We accept PayPal and Klarna.", "You can pay with PayPal.", "services"),
        ("A restocking fee applies to opened goods.", "A restocking fee applies.", "returns"),
        ("We ship to France, but not to Switzerland.", "We ship to France.", "shipping"),
        ("Returns are free.", "Returns are free.", "returns"),
        (
            "Standard shipping is free. Express shipping is not free.",
            "Standard shipping is free.",
            "shipping",
        ),
    ],
)
def test_what_the_terms_offer_is_said(terms: str, claim: str, topic: str) -> None:
    assert passes(claim, terms=terms, topic=topic)


def test_a_country_in_the_shoppers_question_is_no_ground_for_sending_there() -> None:
    said, terms = "Do you deliver to Norway?", "Delivery takes three days."
    assert not passes("We deliver to Norway.", terms=terms, topic="shipping", said=said)
