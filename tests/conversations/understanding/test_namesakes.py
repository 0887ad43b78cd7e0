"""Currencies of one name: whose crowns and pesos are meant, in each language."""

import pytest

from conversations.language.amounts import list_amounts
from conversations.language.glossing import gloss
from conversations.language.tokens import list_tokens
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("language", "said", "shop", "value", "currency"),
    [
        ("es", "una silla de menos de 50 pesos", "MXN", 50.0, "MXN"),
        ("es", "unos 50 pesos", "COP", 50.0, "COP"),
        ("es", "menos de 50 coronas", "SEK", 50.0, "SEK"),
        ("de", "ein Futterhaus für höchstens 50 Kronen", "NOK", 50.0, "NOK"),
        ("fr", "moins de 1000 couronnes", "DKK", 1000.0, "DKK"),
        ("en", "kettles up to 50 pesos", "MXN", 50.0, "MXN"),
        ("en", "under 50 sek", "NOK", 50.0, "SEK"),
    ],
)
def test_crowns_and_pesos_are_the_shops_own_where_it_has_such(
    language: str, said: str, shop: str, value: float, currency: str
) -> None:
    read = gloss(said, language=language, vocabulary=Vocabulary()).text

    amounts = list_amounts(list_tokens(read), get_tongue("en"), currency=shop)

    assert [(amount.value, amount.currency) for amount in amounts] == [(value, currency)]
