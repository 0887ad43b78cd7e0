"""While the shop's systems are out of reach, a reply says so once, and of each answer how old it is."""

import pytest

from tests.flows.conftest import Converse, say
from tests.flows.test_told_otherwise import TERMS

DOWN = [
    {"event": {"kind": "connector.down", "connector": name}}
    for name in ("inventory", "pricing", "promotions", "policies")
]

NAMES = {
    "en": ("the shop's system", "can't check these prices"),
    "de": ("System des Ladens", "nachprüfen", "neuer bekomme"),
    "es": ("sistema de la tienda", "comprobar estos precios", "otro más reciente"),
    "fr": ("système de la boutique", "vérifier ces prix", "plus récente"),
}
"""What says in each language that prices or facts could not be asked for."""


def test_two_answers_of_one_message_name_it_once(converse: Converse) -> None:
    asked = ("any promotions?", "what is the return policy?")
    steps = converse([*say(*asked), *DOWN, {"advance": 120}, *say(" and ".join(asked))], **TERMS)

    promotions, policy = steps[-1]["reply"].split("\n\n")
    assert "the shop's system" in promotions
    assert "as of 2 minutes ago" in promotions
    assert "Send it back within 60 days." in policy
    assert "as of 2 minutes ago" in policy
    assert "system" not in policy


@pytest.mark.parametrize(
    ("locale", "asked", "added", "age"),
    [
        ("en", "the green Meadow lamp", "add the Tall lamp", "as of a moment ago"),
        ("de", "die grüne Meadow-Lampe", "leg die Tall lamp in den Warenkorb", "von gerade eben"),
        ("es", "la lámpara Meadow verde", "añade la Tall lamp a la cesta", "de hace un momento"),
        ("fr", "la lampe Meadow verte", "ajoutez la Tall lamp au panier", "d'il y a un instant"),
    ],
)
def test_prices_that_nobody_can_check_are_said_to_be_so_once(
    converse: Converse, locale: str, asked: str, added: str, age: str
) -> None:
    steps = converse([*say(asked), *DOWN, *say(added)], **TERMS, locale=locale)

    reply = steps[-1]["reply"]
    assert sum(reply.count(words) for words in NAMES[locale]) == 1, reply
    assert reply.count(age) == 1
