"""What a shopper was told and is so no longer: the very next answer says what it was and what it is, once."""

from typing import Any

import pytest

from tests.flows.conftest import LAMP_SHOP, Converse

STOCK = {"kind": "stock.changed", "sku": "MEADOW-G", "quantity": 2}
GONE = {"kind": "stock.changed", "sku": "MEADOW-G", "quantity": 0}
PRICE = {"kind": "price.changed", "sku": "MEADOW-G", "price": "99.00 EUR"}
RETURNS = {"kind": "policy.changed", "policy": "returns", "text": "Send it back within 40 days."}
OVER = {
    "kind": "promotion.changed",
    "promotion": {
        "title": "Five off from 150",
        "discount": {"amount": "5.00 EUR"},
        "requires": {"min_total": "150 EUR"},
        "valid_until": "2026-01-01T00:00:00Z",
    },
}
TERMS: dict[str, Any] = {
    **LAMP_SHOP,
    "promotions": [
        {
            "code": None,
            "title": "Five off from 150",
            "discount": {"amount": "5.00 EUR"},
            "requires": {"min_total": "150 EUR"},
        }
    ],
}
# For each language: how one asks, thanks, and what the next answers say of it.
TALKS = {
    "en": (
        "do you have a green lamp?",
        "what is your return policy?",
        "are there any promotions?",
        "thank you",
        ("was in stock when I told you of it; now only 2 are left", "was €80.00", "it is €99.00 now"),
        ("the returns policy has changed", "it was 60 days when you asked; since today it is 40 days"),
        ("“Five off from 150”", "has ended"),
        "has sold out since",
    ),
    "de": (
        "habt ihr eine grüne Lampe?",
        "wie kann ich Sachen zurückgeben?",
        "gibt es Aktionen?",
        "danke",
        (
            "auf Lager, als ich davon sprach; jetzt sind nur noch 2",
            "kostete 80,00 €",
            "jetzt sind es 99,00 €",
        ),
        ("„Rückgabe“", "war es 60 Tage; seit heute ist es 40 Tage"),
        ("„Five off from 150“", "vorbei"),
        "ist ausverkauft, seit",
    ),
    "es": (
        "¿tenéis una lámpara verde?",
        "¿cómo puedo devolver las cosas?",
        "¿hay promociones?",
        "gracias",
        ("cuando se lo mencioné; ahora solo quedan 2", "costaba 80,00 €", "ahora cuesta 99,00 €"),
        ("«devoluciones»", "cuando preguntó era 60 días; desde hoy es 40 días"),
        ("«Five off from 150»", "ha terminado"),
        "se ha agotado desde",
    ),
    "fr": (
        "avez-vous une lampe verte ?",
        "comment puis-je retourner un article ?",
        "y a-t-il des promotions ?",
        "merci",
        ("en stock quand je vous en ai parlé ; il n'en reste plus que 2", "était à 80,00 €", "c'est 99,00 €"),
        ("« retours »", "c'était 60 jours ; depuis aujourd'hui, c'est 40 jours"),
        ("« Five off from 150 »", "est terminée"),
        "est épuisé depuis",
    ),
}


@pytest.mark.parametrize("language", TALKS)
def test_the_next_answer_says_what_it_was_and_what_it_is(converse: Converse, language: str) -> None:
    lamp, returns, promotions, thanks, items, policy, promotion, gone = TALKS[language]
    turns: list[dict[str, Any]] = [
        {"say": lamp},
        {"event": STOCK},
        {"event": PRICE},
        {"say": returns},
        {"event": RETURNS},
        {"say": promotions},
        {"event": OVER},
        {"event": GONE},
        {"say": thanks},
        {"say": thanks},
    ]

    shown, first, second, third, last = (
        " ".join(step["reply"].split())
        for step, turn in zip(converse(turns, **TERMS), turns, strict=True)
        if "say" in turn
    )

    assert "80" in shown
    assert [part for part in items if part not in first] == []
    assert [part for part in policy if part not in second] == []
    assert [part for part in (*promotion, gone) if part not in third] == []
    assert not any(part in last for part in (*items, *policy, *promotion, gone))


def test_of_a_number_that_was_told_the_next_answer_says_the_number_before(converse: Converse) -> None:
    turns = [
        {"say": "how many of the green one are left?"},
        {"event": STOCK},
        {"say": "is the green one still there?"},
    ]

    told, _, after = converse([{"say": "show me lamps"}, *turns], **TERMS)[1:]

    assert "12 of the Meadow lamp" in told["reply"]
    assert "2 left" in after["reply"]
    assert "When I looked before, it was 12." in after["reply"]


def test_whoever_bought_the_last_piece_is_not_told_that_it_has_sold_out(converse: Converse) -> None:
    last = {"event": {"kind": "stock.changed", "sku": "MEADOW-W", "quantity": 1}}
    gone = {"event": {"kind": "stock.changed", "sku": "MEADOW-W", "quantity": 0}}
    dearer = {"event": {"kind": "price.changed", "sku": "MEADOW-W", "price": "85.00 EUR"}}
    asked = [last, {"say": "how many of the white Meadow lamp are left?"}, {"say": "add it"}]
    ordered = [{"say": "check out"}, {"confirm": "latest"}, {"advance": 70}]

    for news in (gone, dearer):
        turns = converse([*asked, *ordered, {"say": "thank you"}, news, {"say": "thanks"}], **TERMS)

        *_, placed, _, thanked, heard, again = turns
        assert placed["order"]["total"] == 80
        said = [notice["text"] for notice in heard["notices"] if notice["text"]]
        assert said == (
            [] if news is gone else ["The Meadow lamp in white now costs €85.00 (it was €80.00)."]
        )
        assert "sold out" not in thanked["reply"] + again["reply"]
