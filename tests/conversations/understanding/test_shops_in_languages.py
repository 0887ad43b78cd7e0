"""Shops that write German, Spanish or French: their compounds, sizes and makers in the words of their shoppers."""

import pytest

from conversations.language import Category, Vocabulary
from conversations.language.catalogue import has_quality_shape
from conversations.language.compounds import list_heads
from conversations.language.glossing import gloss
from conversations.references import resolve_references
from tests.conversations.understanding.shops import item, shown, terms, told

PEAK = Vocabulary(
    categories=(
        Category(name="Zeltheringe", path=("Zubehör",)),
        Category(name="Wanderrucksäcke", path=("Rucksäcke",)),
        Category(name="Campingkocher", path=("Kochen",)),
        Category(name="Zelte"),
    ),
    colors=("Grün", "Blau"),
    materials=("Stahl", "Nylon"),
)
SHOES = Vocabulary(
    categories=(Category(name="Botines", path=("Mujer",)), Category(name="Zapatillas", path=("Deporte",))),
    brands=("Taller Lavapiés",),
    colors=("Negro", "Marrón"),
    sizes=("37", "38", "42"),
    materials=("Piel", "Lona"),
)
LINEN = Vocabulary(
    categories=(Category(name="Chemises", path=("Vêtements",)), Category(name="Draps", path=("Linge",))),
    colors=("Blanc", "Vert"),
    sizes=("38", "40"),
    materials=("Lin", "Coton"),
)


@pytest.mark.parametrize(
    ("name", "heads"),
    [
        ("Zeltheringe", ("heringe",)),
        ("Wanderrucksäcke", ("rucksäcke",)),
        ("Regenjacken", ("jacken",)),
        # Words of their own that only look like compounds, or mean something else than their halves.
        ("Handschuhe", ()),
        ("Hosenträger", ()),
        ("Teppiche", ()),
        ("Sandalen", ()),
        ("Kerzen", ()),
    ],
)
def test_goods_are_also_called_what_their_compound_ends_in(name: str, heads: tuple[str, ...]) -> None:
    assert list_heads(name, language="de") == heads
    assert list_heads(name, language="en") == ()


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("ich brauche noch Heringe", "Zeltheringe"),
        ("Habt ihr auch Kocher?", "Campingkocher"),
        ("ein Rucksack zum Wandern", "Rucksäcke"),
        ("ich suche ein Zelt", "Zelte"),
    ],
)
def test_a_shelf_is_found_by_the_head_of_its_name(said: str, category: str) -> None:
    assert ("category", "=", category) in terms(told(said, vocabulary=PEAK, currency="EUR", language="de"))


def test_shelves_that_only_sound_alike_stay_apart() -> None:
    found = terms(told("etwas zum Kochen", vocabulary=PEAK, currency="EUR", language="de"))
    assert ("category", "=", "Campingkocher") not in found


def test_an_item_is_meant_by_the_head_of_its_shelfs_name() -> None:
    pegs = item("P", "Alu 18", category="Zeltheringe", color="Blau")
    tent = item("T", "Gamsgrube", category="Zelte", color="Blau")
    found = resolve_references(
        text="was kosten die Heringe?", entities=shown((pegs, tent)), vocabulary=PEAK, language="de"
    )
    assert [ref.key for reference in found.references for ref in reference.refs] == ["P"]


@pytest.mark.parametrize(
    ("language", "shop", "said", "english"),
    [
        ("es", SHOES, "unos botines del 38", "some botines size 38"),
        ("es", SHOES, "para mi marido, calza un 42", "for my husband, wears size 42"),
        ("es", SHOES, "el pedido del 24", "the order of the 24"),
        ("es", SHOES, "un 38 % de descuento", "a 38% on sale"),
        ("es", SHOES, "¿los hay en esa talla?", "the do you have in that size?"),
        ("es", SHOES, "finalmente las de lona", "actually the ones of lona"),
        ("es", SHOES, "el más barato de los dos", "the cheapest one of the two"),
        ("fr", LINEN, "une chemise du 40", "a chemises size 40"),
        ("fr", LINEN, "la livraison du 24", "the delivery of the 24"),
        ("fr", LINEN, "elle se lave à combien, la chemise ?", "how is the chemises washed?"),
        ("fr", LINEN, "je la prends, et un drap", "i'll take it, and a draps"),
        ("de", PEAK, "ist der wasserdicht, der Rucksack?", "is the rucksäcke waterproof?"),
        ("de", PEAK, "das Zelt ist gut, der Preis auch", "the zelte is good, the price also"),
    ],
)
def test_the_grammar_of_a_shop_in_its_own_language(
    language: str, shop: Vocabulary, said: str, english: str
) -> None:
    assert gloss(said, language=language, vocabulary=shop).text == english


@pytest.mark.parametrize(
    ("language", "name", "quality"),
    [
        ("fr", "lavable au lave-vaisselle", True),
        ("fr", "largeur utile", False),
        ("es", "apilable", True),
        ("es", "garantía extendida", False),
        ("de", "spülmaschinenfest", True),
        ("de", "Gewicht", False),
    ],
)
def test_what_goods_are_is_told_from_what_they_have(language: str, name: str, quality: bool) -> None:
    assert has_quality_shape(name, language=language) is quality


@pytest.mark.parametrize(
    ("language", "said", "english"),
    [
        ("es", "una manta que se pueda lavar", "a washable blanket"),
        ("es", "¿se puede lavar?", "is it washable?"),
        ("es", "mejor la azul que la negra", "actually the blue one, not the black one"),
        ("es", "quiero también dos mochilas rojas", "also i want two red backpacks"),
        ("es", "me las quedo", "i'll take them"),
        ("es", "no la quiero, gracias", "remove it, thanks"),
        ("es", "no la quiero de plástico", "i don't want it of plastic"),
        ("es", "solo quiero una", "make it one"),
        ("es", "solo quiero una lámpara", "only i want a lamp"),
        ("es", "¿la azul es mejor que la negra?", "is the blue one actually that the black one?"),
        ("es", "¿cuántas quedan?", "how many are left?"),
        ("es", "¿qué color tiene?", "what color do you have?"),
        ("fr", "je valide la commande", "place the order"),
        ("fr", "où est la commande", "where is the order"),
        ("fr", "plutôt le jaune que le noir", "actually the yellow one, not the black one"),
        ("fr", "je préfère que le sac soit rouge", "i prefer that the bag be red"),
        ("fr", "combien de temps", "how long"),
        ("fr", "combien de pages", "how many pages"),
        ("de", "wirf die Lampe raus", "take the lamp out"),
        ("de", "wann kommt die an?", "when does it arrive?"),
        ("de", "die Lampe an der Wand", "the lamp on the wall"),
        ("de", "lieber die rote als die blaue", "rather the red one, not the blue one"),
        ("de", "ist die rote besser als die blaue?", "is the red better one than the blue one?"),
        ("de", "ich brauche auch zwei Flaschen", "also i need two bottles"),
    ],
)
def test_everyday_turns_of_each_language(language: str, said: str, english: str) -> None:
    assert gloss(said, language=language, vocabulary=Vocabulary()).text == english
