"""What shoppers say in German, Spanish and French makes the moves that it would make in English."""

import re
from pathlib import Path

import msgspec
import pytest
import yaml

from commerce_agent.agent.understanding.english.moves import MOVES
from commerce_agent.agent.understanding.english.policies import POLICIES
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.decoding import convert
from conversations.language.glossing import gloss
from conversations.language.vocabulary import Category, Vocabulary

HERE = Path(__file__).parent / "moves"


class Sayings(msgspec.Struct, frozen=True):
    categories: tuple[str, ...]
    moves: dict[str, tuple[str, ...]]
    """By the move, or `policy:NAME`."""


def load_sayings(language: str) -> Sayings:
    return convert(yaml.safe_load((HERE / f"{language}.yaml").read_text()), Sayings)


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_each_saying_makes_its_move(language: str) -> None:
    sayings = load_sayings(language)
    vocabulary = Vocabulary(categories=tuple(Category(name=name) for name in sayings.categories))
    missed: list[str] = []
    for wanted, said in sayings.moves.items():
        kind, _, topic = wanted.partition(":")
        for words in said:
            read = gloss(words, language=language, vocabulary=vocabulary).text
            found = {(move.kind, move.topic) for move in find_moves(read)}
            if not any(made == kind and topic in ("", about) for made, about in found):
                missed.append(f"{words} → {read}: {sorted(found)}, not {wanted}")

    assert missed == []


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_capitals_make_the_same_moves(language: str) -> None:
    vocabulary = Vocabulary()
    readings = [
        gloss(words, language=language, vocabulary=vocabulary).text
        for said in load_sayings(language).moves.values()
        for words in said
    ]
    policies = (("gift_cards", "Gift cards"),)

    for read in ("Do you have GIFT CARDS in İstanbul?", *readings):
        assert find_moves(read.upper(), policies=policies) == find_moves(read, policies=policies)


def test_patterns_that_see_small_letters_have_no_capitals() -> None:
    for pattern in (*MOVES.values(), *POLICIES.values()):
        assert not re.search(r"(?<!\\)(?<!\(\?)[A-Z]", pattern.pattern), pattern.pattern
