"""The phrase files: every language says everything, with the same values, in its own grammar."""

from datetime import UTC, datetime, timedelta

import pytest

from commerce_agent.agent.phrases import LANGUAGES, get_book
from commerce_agent.agent.phrases.message import MalformedWording, fill, list_names, parse
from commerce_agent.agent.wording.terms import say_age, say_measure
from commerce_agent.tools.showing import say_age_in_english

ENGLISH = get_book("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_has_a_wording_that_asks_for_nothing_else(language: str) -> None:
    book = get_book(language)

    assert set(book.wordings) == set(ENGLISH.wordings)
    for key, wordings in book.wordings.items():
        known = frozenset().union(*map(list_names, ENGLISH.wordings[key]))
        assert wordings, key
        for wording in wordings:
            assert list_names(wording) <= known, (key, wording)


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_attributes_and_colours_are_known(language: str) -> None:
    names = get_book(language).names

    assert set(names) >= {"asked", "field", "policy"}
    if language != "en":
        assert set(names["color"]) >= {"black", "white", "red", "blue", "green"}
        assert set(names["status"]) >= {"shipped", "delivered", "cancelled"}


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "1 piece"),
        ("en", 0, "none"),
        ("en", 1200, "1,200 pieces"),
        ("de", 1200, "1.200 pieces"),
        # French counts nothing as one.
        ("fr", 0, "none"),
        ("fr", 1, "1 piece"),
    ],
)
def test_plurals_follow_the_language(language: str, count: int, said: str) -> None:
    wording = "{count, plural, =0 {none} one {# piece} other {# pieces}}"

    assert fill(wording, {"count": count}, locale=get_book(language).locale) == said


def test_a_choice_falls_back_to_other() -> None:
    wording = "{kind, select, yes {with {name}} other {without {name}}}"

    assert fill(wording, {"kind": "yes", "name": "lid"}, locale="en_US") == "with lid"
    assert fill(wording, {"kind": "odd", "name": "lid"}, locale="en_US") == "without lid"


@pytest.mark.parametrize(
    "wording", ["{name", "name}", "{count, plural, one {x}}", "{count, many, other {x}}", "{}"]
)
def test_a_torn_wording_is_refused(wording: str) -> None:
    with pytest.raises(MalformedWording):
        parse(wording)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (7500, "cm", "75 m"),
        (180, "cm", "180 cm"),
        (990, "cm", "990 cm"),
        (250_000, "cm", "2.5 km"),
        (1500, "g", "1.5 kg"),
    ],
)
def test_a_measure_is_said_as_people_say_it(value: float, unit: str, said: str) -> None:
    assert say_measure(value, unit=unit, book=get_book("en")) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("as of a moment ago", "as of 1 second ago")),
        ("de", ("von gerade eben", "von vor 1 Sekunde")),
        ("es", ("de hace un momento", "de hace 1 segundo")),
        ("fr", ("d'il y a un instant", "d'il y a 1 seconde")),
    ],
)
def test_what_was_read_in_this_second_has_an_age_without_a_number(
    language: str, said: tuple[str, str]
) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    read = (now, now - timedelta(seconds=1))
    assert tuple(say_age(at, now=now, book=get_book(language)) for at in read) == said
    assert say_age_in_english(now, now=now) == "as of a moment ago"
