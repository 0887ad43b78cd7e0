"""Names of goods of any trade, in the languages that are read by way of English."""

import pytest

from conversations.language import Category, Vocabulary
from conversations.language.glossing import detect_language, gloss

MIXED = Vocabulary(
    categories=tuple(
        Category(name=name) for name in ("Hand Weights", "Saws", "Baking Tins", "Sheets", "Bags", "Braces")
    ),
    attributes={"waterproof": ("yes", "no")},
)


@pytest.mark.parametrize(
    ("language", "said", "english"),
    [
        ("de", "Zeigen Sie mir Hanteln bis 30 Euro", "show me hand weights up to 30 euros"),
        ("de", "zwei Yogamatten und ein Springseil", "two yoga mats and a skipping rope"),
        ("de", "eine rote Gartenschere", "a red secateurs"),
        ("es", "busco unas pesas de 5 kg", "i am looking for some hand weights of 5 kg"),
        ("es", "una sarten y unas manoplas de horno", "a pan and some oven gloves"),
        ("es", "una bolsa de tela", "a tote bag"),
        # What goods are is no name of other goods: waterproof boots are no raincoats.
        ("es", "unas botas impermeables", "some waterproof boots"),
        ("fr", "vous avez des haltères ?", "do you have some hand weights?"),
        ("es", "una silla plegable", "a folding chair"),
        # A name of several words in whatever form it stands.
        ("fr", "des moules à gâteaux", "some baking tins"),
        ("fr", "un drap et une bouilloire", "a sheet and a kettle"),
    ],
)
def test_goods_are_known_by_their_usual_names(language: str, said: str, english: str) -> None:
    assert gloss(said, language=language, vocabulary=MIXED).text == english


def test_what_a_shop_tells_of_its_goods_is_no_part_of_a_name() -> None:
    chairs = Vocabulary(categories=(Category(name="Sillas"),), attributes={"plegable": ("sí", "no")})
    assert gloss("una silla plegable", language="es", vocabulary=chairs).text == "a plegable sillas"


@pytest.mark.parametrize(
    "said", ["a garden hose and a kayak paddle", "do you sell pesto, salami and parmesan?", "mocha pralines"]
)
def test_goods_that_english_has_borrowed_tell_no_other_language(said: str) -> None:
    assert detect_language(said, default="en") == "en"
