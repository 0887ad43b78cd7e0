"""Who asks what an item looks like is shown its picture, large; who only says such words is not."""

import pytest

from commerce_agent.agent.understanding.english.cues import ASKS_PICTURE
from commerce_agent.composition import Platform
from conversations.events.messages import CardsShown, ReplyGiven
from conversations.language.glossing import gloss
from conversations.language.vocabulary import Vocabulary
from tests.agent.talking import open_talk, say


@pytest.mark.parametrize(
    "said",
    [
        "What does it look like?",
        "what do these look like",
        "what does the second one look like?",
        "Show me a picture of it",
        "show me a bigger picture please",
        "Can I see a photo of the Moth 350?",
        "got a pic of the first one?",
        "do you have any photos of it?",
    ],
)
def test_a_picture_is_asked_for(said: str) -> None:
    assert ASKS_PICTURE.search(said)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Wie sieht sie aus?"),
        ("de", "wie sieht die erste aus"),
        ("de", "Zeig mir ein Bild davon"),
        ("es", "¿Qué aspecto tiene?"),
        ("es", "Enséñame una foto"),
        ("fr", "À quoi ça ressemble ?"),
        ("fr", "Montre-moi une photo"),
    ],
)
def test_a_picture_is_asked_for_in_other_languages(language: str, said: str) -> None:
    read = gloss(said, language=language, vocabulary=Vocabulary()).text

    assert ASKS_PICTURE.search(read), read


@pytest.mark.parametrize(
    "said",
    [
        "I am looking for a picture frame",
        "do you have pictures of birds?",
        "a book with pictures of the sea",
        "photo paper, A4",
        "I need a frame for a photo",
        "do you sell picture hooks?",
        "a camera that takes good pictures of the moon",
        "it should look like wood",
        "a lamp that looks like a mushroom",
        "what would it look like on me?",
        "it looks like rain",
        "the colour is not like in the picture, I want to return it",
        "does it have image stabilisation?",
    ],
)
def test_words_of_pictures_are_no_question_for_one(said: str) -> None:
    assert not ASKS_PICTURE.search(said)


async def test_where_the_shop_has_no_picture_it_says_so(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "tell me more about the Tall lamp")

    events = await say(platform, conversation, "What does it look like?")

    (told,) = (event.text for event in events if isinstance(event, ReplyGiven))
    assert told == "The shop has no picture of the Tall lamp in black."
    assert not any(isinstance(event, CardsShown) for event in events)
