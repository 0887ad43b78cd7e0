"""A shop that answers in some languages only: both planners do; what is in another is answered in its first."""

import pytest

from commerce_agent.agent.shop.languages import is_in_other, list_codes
from commerce_agent.composition import Platform
from conversations.language.recognising import find_languages
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.shop_settings import choose
from tests.agent.talking import find_decision, find_reply, open_talk, say

GERMAN = "Ich habe für Sie eine Lampe gefunden: Meadow lamp in grün für 80,00\u00a0€."


@pytest.mark.parametrize(
    ("chosen", "said", "language", "word"),
    [
        (["en"], "eine grüne Lampe, bitte", "", "I found one lamp"),
        (["de", "fr"], "a green lamp, please, and it should be in stock", "de", "Lampe"),
        (["de", "fr"], "une lampe verte, s'il vous plaît, elle est pour mon bureau", "fr", "lampe"),
        (["German"], "quanto costa la lampada? è per il mio ufficio, grazie", "de", ""),
        (["de"], "Сколько стоит зелёная лампа?", "de", ""),
        ([], "eine grüne Lampe für das Büro, bitte", "de", "Lampe"),
    ],
)
async def test_the_built_in_planner_answers_in_a_language_of_the_shop(
    platform: Platform, lamp_shop: str, chosen: list[str], said: str, language: str, word: str
) -> None:
    await choose(lamp_shop, languages=chosen)
    conversation = await open_talk(platform, merchant=lamp_shop)

    reply = find_reply(await say(platform, conversation, said))

    assert (reply.language, word in reply.text) == (language, True)
    assert not is_in_other(reply.text, chosen=(language or "en",))


async def test_who_asks_for_another_language_hears_which_ones_there_are(
    platform: Platform, lamp_shop: str
) -> None:
    await choose(lamp_shop, languages=["en", "de"])
    conversation = await open_talk(platform, merchant=lamp_shop)

    refused = find_reply(await say(platform, conversation, "can we speak Spanish?"))
    turned = find_reply(await say(platform, conversation, "can we speak German?"))

    assert "English and German" in refused.text
    assert (refused.language, turned.language) == ("", "de")


async def test_claude_is_made_to_answer_in_a_language_of_the_shop(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await choose(lamp_shop, languages=["de"])
    messages_api.replies = [
        Reply(text="Which kind of lamp would you like to have for your desk?"),
        Reply(text="Was für eine Lampe suchen Sie für den Schreibtisch?"),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a lamp, please")

    assert find_reply(events).text == "Was für eine Lampe suchen Sie für den Schreibtisch?"
    assert find_reply(events).language == "de"
    (verdict,) = find_decision(events).grounding
    assert (verdict.claim, verdict.remedy) == ("another language than the shop's: de", "repaired")
    told = messages_api.requests[-1]["body"]["messages"][-1]["content"]
    assert "another language than the shop's: de" in told


async def test_what_claude_says_twice_in_another_language_the_built_in_planner_says(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await choose(lamp_shop, languages=["de"])
    messages_api.replies = [Reply(text="Which kind of lamp would you like to have for your desk?")] * 2
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a green lamp")

    assert find_decision(events).planner == "builtin"
    assert "Lampe" in find_reply(events).text


@pytest.mark.parametrize(
    "sentence",
    [
        "Das Set: Hoodie + Cap, XL.",
        "Meadow lamp, Steel, 45 cm.",
        "Im Laden heißt es: “We are happy to take it back for you within thirty days.”",
        "OK!",
        "Der Slim-Fit-Blazer ist in Navy und Black auf Lager.",
        "Bluetooth 5.3, USB-C, Fast Charging.",
        "Die „Home & Living“-Kollektion gibt es bei uns im Sale.",
    ],
)
def test_a_sentence_of_names_and_loan_words_is_in_no_other_language(sentence: str) -> None:
    assert not is_in_other(sentence, chosen=("de",))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Hello, do you have a green lamp for me?", "en"),
        ("Haben Sie eine grüne Lampe für mich?", "de"),
        ("¿Tienen una lámpara verde para mi despacho?", "es"),
        ("Avez-vous une lampe verte pour mon bureau ?", "fr"),
        ("Sto cercando una lampada che non costi più di questo", "it"),
        ("Hoeveel kost de groene lamp?", "nl"),
        ("Ile kosztuje ta lampa i czy jest w sklepie?", "pl"),
        ("これはいくらですか", "ja"),
        ("Hoodie XL", ""),
        ("ok", ""),
    ],
)
def test_a_language_is_told_where_it_is_plain(said: str, found: str) -> None:
    assert find_languages(said) == (frozenset({found}) if found else frozenset())


def test_a_shop_may_write_its_languages_as_it_likes() -> None:
    assert list_codes(("de-AT", "English", "Französisch", "es", "es")) == ("de", "en", "fr", "es")
