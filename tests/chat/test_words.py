"""The interface speaks the shop's languages: nothing is left untranslated, and nothing is filled in wrongly."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.test import Client
from django.utils.translation import override

from catalog.models import Merchant
from commerce_agent.agent.claude.tool_rounds import STAGES
from commerce_agent.agent.phrases import get_book
from commerce_agent.agent.wording.items import name_written
from commerce_agent.agent.wording.tables import find_table_words
from commerce_agent.chat.phrases import list_phrases, list_suggestions
from tests.running import ROOT

SAME = {"de": {"Details"}, "es": {"Color", "Total"}, "fr": {"Suggestions", "Conversation", "Total"}}
"""Words that are the same in English."""


def find_catalogue(language: str) -> Path:
    return ROOT / "commerce_agent/locale" / language / "LC_MESSAGES"


def list_messages(catalogue: Catalog) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalogue if message.id}


def list_blanks(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}|%\(\w+\)s", text))


@pytest.mark.parametrize("language", list(SAME))
def test_every_phrase_is_translated(language: str) -> None:
    with override("en"):
        english = [*list_phrases().values(), *list_suggestions()]
    with override(language):
        told = [*list_phrases().values(), *list_suggestions()]

    alike = {one for one, other in zip(english, told, strict=True) if one == other}
    assert alike <= SAME[language]
    assert [list_blanks(text) for text in told] == [list_blanks(text) for text in english]


@pytest.mark.parametrize("language", ["en", *SAME])
def test_a_table_has_the_stock_in_the_words_of_a_card(language: str) -> None:
    """Which a cell takes as soon as it is patched."""
    words = find_table_words(get_book(language))
    with override(language):
        cards = list_phrases()
    states = ("in_stock", "out_of_stock", "preorder", "backorder", "unknown")

    assert [words.stock(state, left=9) for state in states] == [cards[state] for state in states]
    assert words.stock("low_stock", left=None) == cards["few"]
    assert [words.stock("in_stock", left=left) for left in (5, 6, None)] == [
        cards["low_stock"].replace("{count}", "5"),
        cards["in_stock"],
        cards["in_stock"],
    ]
    assert words.stock("low_stock", left=2) == cards["low_stock"].replace("{count}", "2")
    assert words.stock("out_of_stock", left=0) == cards["out_of_stock"]


@pytest.mark.parametrize(
    ("language", "title", "told"),
    [
        ("de", "Viggo sofa in green", "Viggo sofa in Grün"),
        ("es", "Viggo sofa in green (size M)", "Viggo sofa en verde (talla M)"),
        ("fr", "Viggo sofa in green", "Viggo sofa en vert"),
        ("de", "Sofa in grün", "Sofa in Grün"),
        ("de", "Shirt (size 42)", "Shirt (Größe 42)"),
        ("de", "Fjord rug (120 x 180)", "Fjord rug (120 x 180)"),
        ("de", "Plates in a box", "Plates in a box"),
        ("de", "Tee in green (500 g)", "Tee in Grün (500 g)"),
        ("de", "Tent in green (2)", "Tent in Grün (2)"),
        ("de", "Rhapsody in Blue", "Rhapsody in Blue"),
        ("en", "Viggo sofa in green (size M)", "Viggo sofa in green (size M)"),
    ],
)
def test_a_line_is_named_in_the_language_of_the_talk(language: str, title: str, told: str) -> None:
    assert name_written(title, book=get_book(language)) == told


@pytest.mark.parametrize(
    ("language", "told"), [("en", ("yes", "no", "Truesound")), ("de", ("ja", "nein", "Truesound"))]
)
def test_a_table_tells_no_flag_as_a_computer_writes_it(language: str, told: tuple[str, ...]) -> None:
    words = find_table_words(get_book(language))

    assert tuple(words.value(value, row="internal") for value in ("True", "false", "Truesound")) == told


def test_what_the_assistant_is_at_has_words() -> None:
    calls = [
        call
        for path in (ROOT / "commerce_agent/agent").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "show_stage"
    ]
    named = {argument.value for call in calls for argument in call.args if isinstance(argument, ast.Constant)}

    assert {"searching", "checking_stock"} <= named
    assert {*named, *STAGES.values(), "thinking"} <= list_phrases().keys()


@pytest.mark.parametrize("language", list(SAME))
def test_what_is_served_is_what_was_written(language: str) -> None:
    folder = find_catalogue(language)
    with (folder / "django.po").open("rb") as written, (folder / "django.mo").open("rb") as served:
        said = list_messages(read_po(written))
        assert list_messages(read_mo(served)) == said
    assert all(list_blanks(text) == list_blanks(english) for english, text in said.items())


@pytest.mark.parametrize(
    ("language", "asks"),
    [
        ("en", "What are you looking for?"),
        ("de", "Was suchen Sie?"),
        ("es", "¿Qué busca?"),
        ("fr", "Que cherchez-vous ?"),
    ],
)
def test_the_frame_speaks_the_language_wished_for(
    client: Client, merchant: Merchant, language: str, asks: str
) -> None:
    page = client.get(f"/w/{merchant.key}/?lang={language}").content.decode()

    assert f'<html lang="{language}" dir="ltr">' in page
    assert asks in page
