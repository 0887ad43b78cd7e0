"""A shopper who asks for a language is answered in it; who asks for goods in a language is not."""

import pytest

from commerce_agent.agent.understanding.asked_language import find_asked_language
from commerce_agent.composition import Platform
from tests.agent.talking import find_reply, open_talk, say


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("can we speak German?", "de"),
        ("Please answer in French.", "fr"),
        ("I'd prefer to talk in Spanish", "es"),
        ("auf Deutsch bitte", "de"),
        ("ich möchte lieber auf Deutsch weiterreden", "de"),
        ("Sprechen Sie Englisch?", "en"),
        ("¿Habla español?", "es"),
        ("en français s'il vous plaît", "fr"),
        ("parlez-vous italien ?", "it"),
        ("switch to Dutch", "nl"),
        ("do you have a book in German?", ""),
        ("a French press for two", ""),
        ("show me German chocolate", ""),
        ("a dictionary to speak Polish, I need one", ""),
        ("English breakfast tea", ""),
        ("Habt ihr das Buch auf Englisch?", ""),
    ],
)
def test_what_language_is_asked_for(said: str, language: str) -> None:
    assert find_asked_language(said) == language


async def test_the_talk_goes_on_in_it_and_one_that_is_not_spoken_is_named(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)

    turned = find_reply(await say(platform, conversation, "can we speak German?"))
    refused = find_reply(await say(platform, conversation, "sprechen Sie Italienisch?"))

    assert (turned.language, "Deutsch" in turned.text) == ("de", True)
    assert "Deutsch, Englisch, Spanisch und Französisch" in refused.text
