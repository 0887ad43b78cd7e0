"""What is a word already is no misspelling of the shop's."""

from conversations.language.spelling import find_meant


def test_a_word_in_use_stands_for_itself() -> None:
    assert find_meant("stand", ("sand",)) is None
    assert find_meant("stnad", ("stand",)) == "stand"


def test_each_language_knows_its_own() -> None:
    assert find_meant("rote", ("rotes",), language="german") is None
    assert find_meant("jaket", ("jacket",), language="german") == "jacket"


def test_a_language_without_a_list_guesses_as_before() -> None:
    assert find_meant("stand", ("sand",), language="finnish") == "sand"
