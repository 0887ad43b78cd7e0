"""Who asks what goods are called is told their name, in each language."""

import pytest

from commerce_agent.agent.understanding.english.cues import ASKS_NAME
from commerce_agent.agent.understanding.english.plain import spell_out
from conversations.language.glossing import Gloss, gloss
from conversations.language.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("what was the grey one called again?", True),
        ("what's it called", True),
        ("What was the name of the second one?", True),
        ("is there one called Meadow?", False),
        ("what brands do you have?", False),
        ("my name is Ann", False),
    ],
)
def test_a_name_is_asked_for(said: str, asks: bool) -> None:
    assert bool(ASKS_NAME.search(spell_out(Gloss(text=said, said=said)).text)) is asks


@pytest.mark.parametrize(
    ("language", "said", "meant"),
    [
        ("de", "wie hieß das zweite noch mal?", "what is the name of the second one still?"),
        ("de", "wie ist der Name davon?", "what is the name of it?"),
        ("es", "¿cómo se llamaba la segunda?", "what is the name of the second one?"),
        ("fr", "comment s'appelle la deuxième ?", "what is the name of the second one?"),
        ("fr", "c'est quoi le nom ?", "what is the name of it?"),
    ],
)
def test_a_name_is_asked_for_in_other_languages(language: str, said: str, meant: str) -> None:
    read = gloss(said, language=language, vocabulary=Vocabulary()).text

    assert read == meant
    assert ASKS_NAME.search(read)


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("that one but cheaper", "something like that one but cheaper"),
        ("the same, only lighter please", "something like that one but lighter please"),
        ("like the first but much warmer", "something like the first but much warmer"),
        ("that one but in blue", "that one but in blue"),
        ("swap it for L", "swap it for size L"),
        ("change my size to M", "change my size to M"),
        ("compare the top two", "compare the first two"),
        ("is there a cheaper one than the first?", "is there something cheaper than the first?"),
    ],
)
def test_what_differs_from_a_thing_is_asked_for(said: str, plain: str) -> None:
    assert spell_out(Gloss(text=said, said=said)).text == plain
