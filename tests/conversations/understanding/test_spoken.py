"""How people really write: spoken forms, slips of the finger, and shops that write another language than English."""

import pytest

from commerce_agent.agent.phrases import get_book
from conversations.language import Category, Vocabulary
from conversations.language.colors import build_palette, list_colors
from conversations.language.glossing import gloss
from conversations.language.shop_language import find_english, list_measures_of
from conversations.language.telling_shops import find_shop_language
from conversations.language.tongues import get_tongue

ENGLISH = Vocabulary(categories=(Category(name="Helmets"), Category(name="Locks")), colors=("Red", "Grey"))
GERMAN = Vocabulary(
    categories=(Category(name="Töpfe", path=("Küche",)), Category(name="Tassen")),
    colors=("Rot", "Blau"),
    materials=("Gusseisen",),
    attributes={"spülmaschinenfest": ("ja", "nein")},
)
FRENCH = Vocabulary(
    categories=(Category(name="Tables basses", path=("Salon",)), Category(name="Coussins")),
    colors=("Rouge", "Noir"),
    materials=("Verre",),
)
CASTLES = Vocabulary(categories=(Category(name="Castles", path=("Toys",)),))


@pytest.mark.parametrize(
    ("language", "said", "english"),
    [
        ("de", "gibts den auch in Rot?", "do you have that one also in red?"),
        ("de", "was hab ich eigentlich gesucht?", "what did i ask for?"),
        ("de", "mach doch mal 12 draus", "make it 12"),
        ("de", "den zweiten, was wiegt der?", "the second one, how heavy is it?"),
        ("de", "sind die wasserdicht?", "are those waterproof?"),
        ("de", "lieber was Leichtes", "rather something light"),
        ("de", "das Schloss, das ich gestern angeschaut habe", "the lock that i looked at yesterday"),
        ("de", "ich will meinen Kaffee nochmal bestellen", "i want to reorder my coffee"),
        ("es", "q no pase de 40 dolares", "no more than 40 dollars"),
        ("es", "nada de negro", "not black"),
        ("es", "que no importa la marca", "any brand is fine"),
        ("es", "que no importa el color", "any color is fine"),
        ("fr", "Comment je paie ?", "what are the payment methods?"),
        ("fr", "Je paie combien en tout ?", "what is the total?"),
        ("fr", "c'est bon pour le dos ?", "is it good for the dos?"),
        ("fr", "c'est bon pour moi", "okay"),
        ("fr", "c'est bon marché ?", "it is cheap?"),
        ("es", "quiero 3 unidades de la roja", "i want 3 of the red one"),
        ("de", "Räumen Sie bitte meinen Warenkorb leer", "empty the cart"),
        ("de", "räum den Warenkorb leer", "empty the cart"),
        ("es", "la tenes en rojo?", "do you have it in red?"),
        ("fr", "jcherche un casque svp", "i am looking for a helmet please"),
        ("fr", "celui des Pyrénées", "the one of the Pyrénées"),
        ("fr", "la couleur m'est égale", "any color is fine"),
    ],
)
def test_spoken_words_are_read_as_they_are_meant(language: str, said: str, english: str) -> None:
    assert gloss(said, language=language, vocabulary=ENGLISH).text == english


def test_a_misspelt_word_is_the_one_nearest_and_a_name_is_left_alone() -> None:
    assert gloss("wasserdihcte Helme", language="de", vocabulary=ENGLISH).text == "waterproof helmets"
    assert gloss("me gusta el Metropol", language="es", vocabulary=ENGLISH).text.endswith("Metropol")


def test_what_a_shop_sells_chooses_the_meaning_of_a_word() -> None:
    assert gloss("ein Schloss", language="de", vocabulary=ENGLISH).text == "a lock"
    assert gloss("ein Schloss", language="de", vocabulary=CASTLES).text == "a castle"


def test_the_name_of_an_item_that_came_up_stays_a_name() -> None:
    read = gloss("la légère", language="fr", vocabulary=FRENCH, names=("Couette légère Plume",))

    assert read.text == "the légère one"


def test_a_shop_is_known_by_its_words_and_named_in_english() -> None:
    assert find_shop_language(ENGLISH) == "en"
    assert find_shop_language(GERMAN) == "de"
    assert find_shop_language(FRENCH) == "fr"
    assert find_english("Töpfe", language="de") == "pots"
    assert find_english("Helmets", language="en") == ""
    assert list_measures_of("Gewicht") >= {"gewicht", "weight"}


def test_a_shops_name_of_several_words_stays_whole() -> None:
    assert gloss("une table basse", language="fr", vocabulary=FRENCH).text == "a tables basses"


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_a_colour_that_a_reply_names_is_understood_where_a_button_sends_it(language: str) -> None:
    palette = build_palette(get_tongue("en"))
    strange: list[str] = []
    for english, named in get_book(language).names["color"].items():
        shop = Vocabulary(colors=(english.title(),))
        read = gloss(f"in {named}" if language == "de" else f"en {named}", language=language, vocabulary=shop)
        wanted = {family for color in list_colors(english, palette) for family in color.families}
        understood = {family for color in list_colors(read.text, palette) for family in color.families}
        if english not in read.text.lower() and not wanted & understood:
            strange.append(f"{english}: {named} → {read.text}")

    assert strange == []
