"""German, Spanish and French shoppers in shops whose words are English, and a German shop with words of its own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce_agent.agent.understanding.understand import understand
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from conversations.language import Category, Vocabulary
from conversations.language.glossing import detect_language, find_language, gloss
from conversations.language.tongue import word_set
from conversations.references import Resolution, resolve_references
from conversations.state import ConversationState
from tests.conversations.understanding.shops import (
    FURNITURE,
    LAMP,
    LAMP_DESK,
    SOFA,
    SOFA_NAVY,
    SOFA_TEAL,
    focused,
    item,
    shown,
    terms,
    told,
)
from tests.conversations.understanding.test_ledger import OUTDOORS

LISTS = shown((LAMP, LAMP_DESK), (SOFA, SOFA_NAVY, SOFA_TEAL))
WORDS = ShopWords(vocabulary=OUTDOORS, policies=(("returns", "Returns"), ("shipping", "Shipping")))


def resolve(text: str, language: str) -> Resolution:
    return resolve_references(text=text, entities=LISTS, vocabulary=FURNITURE, language=language)


def meant(resolution: Resolution) -> list[str]:
    return [ref.key for reference in resolution.references for ref in reference.refs]


def read(said: str) -> Understanding:
    return understand(said=said, state=ConversationState(), words=WORDS)


@pytest.mark.parametrize(
    ("language", "text", "keys"),
    [
        ("de", "die marineblaue", ["S2"]),
        ("de", "das graue Sofa", ["S1"]),
        ("de", "was kostet das Sofa aus Leder?", ["S2"]),
        ("de", "die Samtsofas", ["S1", "S3"]),
        ("de", "das zweite", ["S2"]),
        ("de", "die letzten beiden", ["S2", "S3"]),
        ("de", "das billigste", ["S3"]),
        ("de", "das teuerste Sofa", ["S2"]),
        ("de", "die schwarze Lampe", ["L1"]),
        ("de", "zurück zur schwarzen Lampe", ["L1"]),
        ("de", "die weiße Lampe und das marineblaue Sofa", ["L2", "S2"]),
        ("de", "was ist der Unterschied zwischen dem ersten und dem dritten?", ["S1", "S3"]),
        ("de", "das mit den besten Bewertungen", ["S1"]),
        ("de", "das Sofa von Fell & Fern", ["S2"]),
        ("de", "erzähl mir mehr über die Heron Lampe", ["L2"]),
        ("es", "el gris", ["S1"]),
        ("es", "el sofá azul marino", ["S2"]),
        ("es", "¿cuánto cuesta el sofá de cuero?", ["S2"]),
        ("es", "los sofás de terciopelo", ["S1", "S3"]),
        ("es", "el segundo", ["S2"]),
        ("es", "los dos últimos", ["S2", "S3"]),
        ("es", "el más barato", ["S3"]),
        ("es", "el sofá más caro", ["S2"]),
        ("es", "la lámpara negra", ["L1"]),
        ("es", "la lámpara blanca y el sofá gris", ["L2", "S1"]),
        ("es", "¿qué diferencia hay entre el primero y el tercero?", ["S1", "S3"]),
        ("es", "el sofá de Fell & Fern", ["S2"]),
        ("es", "quiero la lámpara Heron", ["L2"]),
        ("fr", "le gris", ["S1"]),
        ("fr", "le canapé bleu marine", ["S2"]),
        ("fr", "combien coûte le canapé en cuir ?", ["S2"]),
        ("fr", "les canapés en velours", ["S1", "S3"]),
        ("fr", "le deuxième", ["S2"]),
        ("fr", "les deux derniers", ["S2", "S3"]),
        ("fr", "le moins cher", ["S3"]),
        ("fr", "le canapé le plus cher", ["S2"]),
        ("fr", "la lampe noire", ["L1"]),
        ("fr", "la lampe blanche et le canapé gris", ["L2", "S1"]),
        ("fr", "quelle est la différence entre le premier et le troisième ?", ["S1", "S3"]),
        ("fr", "le canapé de chez Fell & Fern", ["S2"]),
        ("fr", "parlez-moi de la lampe Heron", ["L2"]),
    ],
)
def test_what_words_refer_to(language: str, text: str, keys: list[str]) -> None:
    assert meant(resolve(text, language)) == keys


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "wie viel kostet es?"),
        ("de", "gibt es das auch in Rot?"),
        ("de", "ich nehme das"),
        ("es", "¿cuánto cuesta?"),
        ("es", "¿lo tienes en rojo?"),
        ("es", "añádelo al carrito"),
        ("fr", "combien ça coûte ?"),
        ("fr", "vous l'avez en rouge ?"),
        ("fr", "ajoute-le au panier"),
    ],
)
def test_pronouns_mean_the_item_in_focus(language: str, text: str) -> None:
    entities = focused(LISTS, SOFA)
    resolution = resolve_references(text=text, entities=entities, vocabulary=FURNITURE, language=language)
    assert meant(resolution) == ["S1"]


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("de", "Was kostet das graue Sofa?", "das graue Sofa"),
        ("es", "¿Cuánto cuesta el sofá gris?", "el sofá gris"),
        ("fr", "Combien coûte le canapé gris ?", "le canapé gris"),
    ],
)
def test_a_reference_keeps_the_shoppers_own_words(language: str, text: str, words: str) -> None:
    resolution = resolve(text, language)
    ((first, after),) = resolution.spans
    assert [reference.text for reference in resolution.references] == [words] == [text[first:after]]


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_one_pronoun_for_one_and_many_follows_the_focus(language: str) -> None:
    text = {"de": "vergleiche sie", "es": "compáralos", "fr": "compare-les"}[language]
    resolution = resolve_references(text=text, entities=LISTS, vocabulary=FURNITURE, language=language)
    assert meant(resolution) == ["S1", "S2", "S3"]


BOOTS = ("category", "=", "Boots")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Stiefel unter 100 Euro", [BOOTS, ("price", "<=", 100.0)]),
        ("de", "zwischen 49,90 und 80 Euro", [("price", ">=", 49.9), ("price", "<=", 80.0)]),
        ("de", "höchstens 1.299,50 €", [("price", "<=", 1299.5)]),
        ("de", "nicht mehr als fünfzig Euro", [("price", "<=", 50.0)]),
        ("de", "um die 60 Euro", [("price", ">=", 51.0), ("price", "<=", 69.0)]),
        ("de", "höchstens 1,5 kg", [("weight", "<=", 1.5)]),
        ("de", "mindestens 4 Sterne", [("rating", ">=", 4.0)]),
        ("de", "nicht schwarz", [("color", "!=", "black")]),
        ("de", "nichts von Acme", [("brand", "!=", "Acme")]),
        ("de", "in Blau oder Grün", [("color", "in", ("blue", "green"))]),
        ("de", "dunkelblaue Stiefel ohne Leder", [
            ("color", "=", "dark blue"), BOOTS, ("material", "!=", "leather"),
        ]),
        ("de", "wasserdichte Stiefel in Größe 42", [("waterproof", "=", "yes"), BOOTS, ("size", "=", "42")]),
        ("de", "Stiefel für meinen Sohn", [BOOTS, ("gender", "in", ("kids", "unisex"))]),
        ("de", "ein Zelt für zwei Personen", [("category", "=", "Tents"), ("capacity", "=", "2 person")]),
        ("de", "Sachen ohne Leder, der Preis ist mir egal", [("material", "!=", "leather")]),
        ("de", "ein grüner Schlafsack", [("color", "=", "green"), ("category", "=", "Sleeping Bags")]),
        ("es", "botas por menos de 100 euros", [BOOTS, ("price", "<=", 100.0)]),
        ("es", "entre 49,90 y 80 euros", [("price", ">=", 49.9), ("price", "<=", 80.0)]),
        ("es", "como máximo 1.299,50 €", [("price", "<=", 1299.5)]),
        ("es", "no más de cincuenta euros", [("price", "<=", 50.0)]),
        ("es", "alrededor de 60 euros", [("price", ">=", 51.0), ("price", "<=", 69.0)]),
        ("es", "máximo 1,5 kg", [("weight", "<=", 1.5)]),
        ("es", "al menos 4 estrellas", [("rating", ">=", 4.0)]),
        ("es", "que no sea negro", [("color", "!=", "black")]),
        ("es", "nada de Acme", [("brand", "!=", "Acme")]),
        ("es", "en azul o verde", [("color", "in", ("blue", "green"))]),
        ("es", "botas azul oscuro sin cuero", [
            ("color", "=", "dark blue"), BOOTS, ("material", "!=", "leather"),
        ]),
        ("es", "botas impermeables de talla 42", [("waterproof", "=", "yes"), BOOTS, ("size", "=", "42")]),
        ("es", "botas para mi hijo", [BOOTS, ("gender", "in", ("kids", "unisex"))]),
        ("es", "una tienda para dos personas", [("category", "=", "Tents"), ("capacity", "=", "2 person")]),
        ("es", "un saco de dormir verde", [("color", "=", "green"), ("category", "=", "Sleeping Bags")]),
        ("fr", "des bottes à moins de 100 €", [BOOTS, ("price", "<=", 100.0)]),
        ("fr", "entre 49,90 et 80 euros", [("price", ">=", 49.9), ("price", "<=", 80.0)]),
        ("fr", "au maximum 1 299,50 €", [("price", "<=", 1299.5)]),
        ("fr", "pas plus de cinquante euros", [("price", "<=", 50.0)]),
        ("fr", "autour de 60 euros", [("price", ">=", 51.0), ("price", "<=", 69.0)]),
        ("fr", "maximum 1,5 kg", [("weight", "<=", 1.5)]),
        ("fr", "au moins 4 étoiles", [("rating", ">=", 4.0)]),
        ("fr", "pas noir", [("color", "!=", "black")]),
        ("fr", "rien de chez Acme", [("brand", "!=", "Acme")]),
        ("fr", "en bleu ou vert", [("color", "in", ("blue", "green"))]),
        ("fr", "des bottes bleu foncé sans cuir", [
            ("color", "=", "dark blue"), BOOTS, ("material", "!=", "leather"),
        ]),
        ("fr", "des bottes imperméables en taille 42", [
            ("waterproof", "=", "yes"), BOOTS, ("size", "=", "42"),
        ]),
        ("fr", "des bottes pour mon fils", [BOOTS, ("gender", "in", ("kids", "unisex"))]),
        ("fr", "une tente pour deux personnes", [("category", "=", "Tents"), ("capacity", "=", "2 person")]),
        ("fr", "un sac de couchage vert", [("color", "=", "green"), ("category", "=", "Sleeping Bags")]),
    ],
)  # fmt: skip
def test_terms_are_read(language: str, text: str, expected: list[tuple[str, str, object]]) -> None:
    assert terms(told(text, vocabulary=OUTDOORS, currency="EUR", language=language)) == expected


@pytest.mark.parametrize(
    ("language", "messages", "expected"),
    [
        ("de", ("Stiefel unter 100 Euro", "vergiss das Budget"), [BOOTS]),
        ("de", ("blaue Stiefel", "die Farbe ist egal"), [BOOTS]),
        ("de", ("blaue Stiefel", "doch lieber in Rot"), [BOOTS, ("color", "=", "red")]),
        ("de", ("unter 100 Euro", "doch lieber 70"), [("price", "<=", 70.0)]),
        ("es", ("botas por menos de 100 euros", "olvida el presupuesto"), [BOOTS]),
        ("es", ("botas azules", "me da igual el color"), [BOOTS]),
        ("es", ("botas azules", "mejor en rojo"), [BOOTS, ("color", "=", "red")]),
        ("es", ("menos de 100 euros", "mejor 70"), [("price", "<=", 70.0)]),
        ("fr", ("des bottes à moins de 100 €", "oubliez le budget"), [BOOTS]),
        ("fr", ("des bottes bleues", "peu importe la couleur"), [BOOTS]),
        ("fr", ("des bottes bleues", "plutôt en rouge"), [BOOTS, ("color", "=", "red")]),
        ("fr", ("moins de 100 €", "disons 70"), [("price", "<=", 70.0)]),
    ],
)
def test_later_words_change_earlier_terms(
    language: str, messages: tuple[str, ...], expected: list[tuple[str, str, object]]
) -> None:
    assert terms(told(*messages, vocabulary=OUTDOORS, currency="EUR", language=language)) == expected


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("Zeig mir Zelte", "search"),
        ("Habt ihr wasserdichte Stiefel?", "search"),
        ("Ich möchte mit einem Menschen sprechen", "call_person"),
        ("Wo ist meine Bestellung?", "orders"),
        ("Wie ist euer Rückgaberecht?", "policy"),
        ("Kann ich die Stiefel zurückgeben?", "policy"),
        ("Wie lange dauert der Versand?", "policy"),
        ("Leg die zweite in den Warenkorb", "add_to_cart"),
        ("Was ist in meinem Warenkorb?", "show_cart"),
        ("Fangen wir noch mal von vorne an", "start_over"),
        ("Wonach habe ich gesucht?", "recap"),
        ("Vergiss es", "never_mind"),
        ("Vielen Dank!", "thank"),
        ("Hallo", "greet"),
        ("Bist du ein Roboter?", "identity"),
        ("Gibt es Rabatte?", "promotions"),
        ("Muéstrame tiendas", "search"),
        ("¿Tienen botas impermeables?", "search"),
        ("Quiero hablar con una persona", "call_person"),
        ("¿Dónde está mi pedido?", "orders"),
        ("¿Cuál es la política de devoluciones?", "policy"),
        ("¿Cuánto tarda el envío?", "policy"),
        ("Añade la segunda al carrito", "add_to_cart"),
        ("¿Qué hay en mi carrito?", "show_cart"),
        ("Empecemos de nuevo", "start_over"),
        ("¿Qué te pedí?", "recap"),
        ("Olvídalo", "never_mind"),
        ("Muchas gracias", "thank"),
        ("Hola", "greet"),
        ("¿Eres un robot?", "identity"),
        ("¿Hay descuentos?", "promotions"),
        ("Montrez-moi des tentes", "search"),
        ("Avez-vous des bottes imperméables ?", "search"),
        ("Je voudrais parler à un humain", "call_person"),
        ("Où est ma commande ?", "orders"),
        ("Quelle est votre politique de retour ?", "policy"),
        ("Combien coûte la livraison ?", "policy"),
        ("Ajoute la deuxième au panier", "add_to_cart"),
        ("Qu'y a-t-il dans mon panier ?", "show_cart"),
        ("On recommence depuis le début", "start_over"),
        ("Qu'est-ce que j'ai demandé ?", "recap"),
        ("Laisse tomber", "never_mind"),
        ("Merci beaucoup", "thank"),
        ("Bonjour", "greet"),
        ("Êtes-vous un robot ?", "identity"),
        ("Y a-t-il des promotions ?", "promotions"),
    ],
)
def test_moves_are_found_in_a_language_nobody_announced(text: str, move: str) -> None:
    assert move in [found.kind for found in read(text).moves]


@pytest.mark.parametrize(
    ("text", "default", "language"),
    [
        ("Ich suche Stiefel", "en", "de"),
        ("Busco botas", "en", "es"),
        ("Je cherche des bottes", "en", "fr"),
        ("I'm looking for boots", "de", "en"),
        ("boots", "de", "de"),
        ("Handschuhe", "en", "de"),
        ("waterproof hose", "en", "en"),
        ("Acme", "fr-CA", "fr"),
        ("", "it", "en"),
    ],
)
def test_the_language_of_a_message_is_its_own_or_else_the_conversations(
    text: str, default: str, language: str
) -> None:
    assert detect_language(text, default=default) == language


def test_a_shop_keeps_its_own_words_whatever_their_endings() -> None:
    shop = Vocabulary(
        categories=(Category(name="Stehleuchten"), Category(name="Wanderschuhe")),
        colors=("blau", "grau"),
        attributes={"wasserdicht": ("ja", "nein", "yes")},
    )
    ledger = told(
        "ich suche eine Stehleuchte in Blau unter 100 Euro", vocabulary=shop, currency="EUR", language="de"
    )
    assert terms(ledger) == [
        ("category", "=", "Stehleuchten"),
        ("color", "=", "blau"),
        ("price", "<=", 100.0),
    ]
    lamp = item("L", "Stehleuchte Birke", category="Stehleuchten", color="blau")
    other = item("M", "Stehleuchte Erle", category="Stehleuchten", color="grau")
    resolution = resolve_references(
        text="was kostet die blaue Leuchte?", entities=shown((lamp, other)), vocabulary=shop, language="de"
    )
    assert meant(resolution) == ["L"]


ANY_WORDS = sorted(
    word_set(
        "die das la le les l' el los más plus moins barato cher billiger blaue azul bleue und y et ? , - 49,90 "
        "1.299,50 Warenkorb carrito panier añádelo mets-la sie Acme botas Zelte tente que als"
    )
)


@given(
    st.lists(
        st.sampled_from(ANY_WORDS) | st.text(max_size=6),
        max_size=12,
    )
)
@settings(max_examples=150, deadline=None, database=None)
def test_any_words_in_any_order_lead_back_to_the_shoppers_own(words: list[str]) -> None:
    said = " ".join(words)
    for language in ("de", "es", "fr"):
        rendered = gloss(said, language=language, vocabulary=OUTDOORS)
        for start, end, first, after in rendered.pieces:
            assert 0 <= start <= end <= len(rendered.text)
            assert 0 <= first <= after <= len(said)
        resolution = resolve_references(text=said, entities=LISTS, vocabulary=OUTDOORS, language=language)
        assert all(reference.text in said for reference in resolution.references)


def test_english_is_left_as_it_is() -> None:
    said = "I'll take the Acme boots, 1,299.50 at most"
    assert gloss(said, language="en-GB", vocabulary=OUTDOORS).text == said


@pytest.mark.parametrize("language", ["de", "es", "fr"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "más | y plus |",
        "la les el los",
        "¿¡",
        "'",
        "l'",
        "-" * 50,
        "😀 🛒",
        "٣ أحذية",
        "<b>x</b>",
        "a" * 9000,
    ],
)
def test_no_text_stops_the_reading(language: str, text: str) -> None:
    read_again = gloss(text, language=language, vocabulary=OUTDOORS)
    assert len(read_again.text) <= len(text) + 100


@pytest.mark.parametrize(
    ("usual", "said", "found"),
    [
        ("en", "Ich suche einen roten Helm unter 50 Euro", "de"),
        ("en", "¿cuánto cuesta la segunda?", "es"),
        ("en", "Je cherche un antivol léger", "fr"),
        ("de", "what does it cost?", "en"),
        ("en", "danke", "en"),
        ("de", "Trail Runner", "de"),
        ("fr", "ok", "fr"),
    ],
)
def test_replies_turn_to_a_language_that_is_clear_and_stay_otherwise(
    usual: str, said: str, found: str
) -> None:
    assert find_language(said, default=usual) == found
