"""A message in another language, word for word in English, so that one grammar of goods reads them all."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from conversations.language.catalogue import (
    GLOSSED,
    index_words,
    load_catalogue,
)
from conversations.language.order_of_words import arrange
from conversations.language.pieces import Piece
from conversations.language.real_words import list_real_words
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import Vocabulary
from conversations.language.word_by_word import (
    WORD,
    Reader,
    list_numbers,
    list_own,
    list_own_names,
    list_stems_of,
    list_told,
    list_words_of,
)

_LONGEST_READ = 4000
_LONGEST_ANSWER = 60
_SHORTEST_TELLING = 5
_CLEAR_LEAD = 2
"""So many more words must tell a language than any other for the message to be clearly in it."""
_LETTERS = re.compile(r"[^\W\d_]+")
_TIGHT = frozenset(".,!?;:)%'")


class Gloss(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a message says in English, with the way back to the shopper's own words."""

    text: str
    said: str
    language: str = "en"
    pieces: tuple[tuple[int, int, int, int], ...] = ()
    """Where each stretch of the English stands, and the stretch of the message that it renders."""

    def get_own_span(self, *, start: int, end: int) -> tuple[int, int]:
        """Where the shopper's own words for a stretch of the English stand; the same where nothing was rendered."""
        own = [
            (first, after)
            for at, to, first, after in self.pieces
            if at < end and to > start and after > first
        ]
        if not own:
            return start, end
        return min(first for first, _ in own), max(after for _, after in own)

    def get_own(self, *, start: int, end: int) -> str:
        """The shopper's own words for a stretch of the English."""
        first, after = self.get_own_span(start=start, end=end)
        return self.said[first:after]

    def replace(self, *, start: int, end: int, english: str) -> "Gloss":
        """The message as if these English words stood there; the shopper's own words for them stay the same."""
        text = f"{self.text[:start]}{english}{self.text[end:]}"
        if not self.pieces:
            return Gloss(text=text, said=text)
        first, after = self.get_own_span(start=start, end=end)
        moved = len(english) - (end - start)
        before = [piece for piece in self.pieces if piece[1] <= start]
        behind = [(at + moved, to + moved, own, own_to) for at, to, own, own_to in self.pieces if at >= end]
        put = (start, start + len(english), first, after)
        return Gloss(text=text, said=self.said, language=self.language, pieces=(*before, put, *behind))

    def find_own(self, words: str) -> str:
        """The shopper's own words for these English ones; the words themselves where they are not in the text."""
        at = self.text.lower().find(words.lower()) if words else -1
        return self.get_own(start=at, end=at + len(words)) if at >= 0 else words


def is_glossed(language: str) -> bool:
    """Whether messages in the language are put into English; in any other they stay as they are."""
    return language.partition("-")[0].lower() in GLOSSED


def gloss(
    said: str,
    *,
    language: str,
    vocabulary: Vocabulary,
    several: bool = False,
    names: tuple[str, ...] = (),
) -> Gloss:
    """Answers the message in English, unchanged where it is English or in a language without a catalogue.

    Words of the shop stay as the shop writes them, and so do those of `names`, which items that came up are called
    by. `several` says that several items are in focus: some
    languages have one pronoun for one and for many.
    """
    tag = language.partition("-")[0].lower()
    if tag not in GLOSSED:
        return Gloss(text=said, said=said)
    catalogue = load_catalogue(tag)
    alone = catalogue.alone.get(_join_words(said)) if len(said) <= _LONGEST_ANSWER else None
    if alone:
        return Gloss(text=alone, said=said, language=tag, pieces=((0, len(alone), 0, len(said)),))
    reader = Reader(
        catalogue=catalogue,
        words=index_words(tag),
        own={
            **list_words_of(names, catalogue.rules.stemmer),
            **list_own(vocabulary, catalogue.rules.stemmer),
        },
        stems=list_stems_of(vocabulary),
        names=list_own_names(vocabulary, catalogue.rules.stemmer),
        told=list_told(vocabulary, catalogue.rules.stemmer),
        sizes=list_numbers(vocabulary),
    )
    pieces = reader.read(said[:_LONGEST_READ], several=several)
    return _join(arrange(pieces, catalogue.rules), said=said, language=tag)


def _join_words(said: str) -> str:
    """The words of a short message without its marks, as the catalogue has them."""
    words = (match.group().lower().replace("’", "'") for match in WORD.finditer(said))
    return " ".join(word for word in words if word[0].isalnum())


def detect_language(said: str, *, default: str) -> str:
    """Answers the language that most of the words of the message are from; the default where none is ahead.

    One word that names goods tells nothing: a hose is a German's trousers. "Handschuhe" is no English word, though.
    """
    usual = _get_usual(default)
    counts = count_telling(said)
    best = max(counts, key=lambda language: (counts[language], language == usual))
    lone = counts[best] == 1 and best in GLOSSED and _names_goods(said, best) and not _count_unenglish(said)
    return best if counts[best] > counts[usual] and not lone else usual


def _names_goods(said: str, language: str) -> bool:
    """Whether the words of the language in the message are nouns and adjectives, as any language borrows them, or are
    English as well: "total". A lone verb is English where English has the word: "regular", as a size.
    """
    catalogue = load_catalogue(language)
    words = {match.group().lower() for match in WORD.finditer(said[:_LONGEST_READ])}
    telling = words & _list_telling(language)
    named = catalogue.nouns.keys() | catalogue.adjectives.keys() | catalogue.goods.keys()
    borrowed = telling <= named
    alone = words == telling <= catalogue.verbs.keys() and telling <= list_real_words("english")
    return bool(telling) and (borrowed or alone or telling <= _list_english(language))


@lru_cache(maxsize=512)
def _count_unenglish(said: str) -> int:
    """How many words a message has that says no English word at all; zero where it says one."""
    words = [match.group().lower() for match in WORD.finditer(said[:_LONGEST_READ])]
    english = list_real_words("english")
    # The list has few plurals: "beanies".
    unknown = all(word.isalpha() and not english & {word, word.removesuffix("s")} for word in words)
    return len(words) if unknown else 0


def find_language(said: str, *, default: str) -> str:
    """Answers the language that the message is clearly in, well ahead of all others; the default where none is.

    A word or two of another language are read by `detect_language`, and are no reason to answer in it.
    """
    usual = _get_usual(default)
    counts = count_telling(said)
    best = max(counts, key=lambda language: (counts[language], language == usual))
    others = max(count for language, count in counts.items() if language != best)
    # "Wasserdichte Handschuhe": goods and what they are to be, and nothing else.
    alone = counts[best] > others and usual == "en" and _count_unenglish(said) >= _CLEAR_LEAD
    return best if alone or counts[best] >= others + _CLEAR_LEAD else usual


def _get_usual(default: str) -> str:
    usual = default.partition("-")[0].lower()
    return usual if usual in GLOSSED else "en"


@lru_cache(maxsize=512)
def count_telling(said: str) -> Mapping[str, int]:
    """How many words of the message tell each language."""
    words = [match.group().lower().replace("’", "'") for match in WORD.finditer(said[:_LONGEST_READ])]
    small = said.lower()
    return {
        language: sum([word in telling for word in words]) + any(letter in small for letter in letters)
        for language, telling, letters in _list_marks()
    }


@lru_cache(maxsize=1)
def _list_marks() -> tuple[tuple[str, frozenset[str], str], ...]:
    """By which words and letters each language is known."""
    letters = {"en": "", **{language: load_catalogue(language).rules.letters for language in GLOSSED}}
    return tuple((language, _list_telling(language), of) for language, of in letters.items())


@lru_cache(maxsize=8)
def _list_telling(language: str) -> frozenset[str]:
    """The words by which the language is known: those that English has not."""
    if language == "en":
        tongue = get_tongue()
        grammar = tongue.grammar
        return tongue.stopwords | grammar.prepositions | grammar.verbs | grammar.acquiring
    catalogue = load_catalogue(language)
    sections = (
        catalogue.articles,
        catalogue.indefinite,
        catalogue.demonstratives,
        catalogue.small,
        catalogue.joints,
        catalogue.numbers,
        catalogue.ordinals,
        catalogue.verbs,
        catalogue.adjectives,
        catalogue.nouns,
    )
    words = {word for section in sections for word, english in section.items() if word != english}
    for phrase, english in catalogue.phrases.items():
        parts = {part for part in _LETTERS.findall(phrase) if len(part) >= _SHORTEST_TELLING}
        words |= parts - set(english.split())
    words |= {
        word
        for word in catalogue.goods
        if len(word) >= _SHORTEST_TELLING and word not in list_real_words("english")
    }
    # A Spaniard's "laptop" is an Englishman's too.
    words |= catalogue.spoken.keys() - _list_telling("en") - _list_english(language)
    elided = {f"{word}'" for word in catalogue.rules.elisions}
    return frozenset(words | set(catalogue.rules.either) | elided)


@lru_cache(maxsize=8)
def _list_english(language: str) -> frozenset[str]:
    """The English words that the language has others for."""
    catalogue = load_catalogue(language)
    sections = (
        catalogue.small,
        catalogue.verbs,
        catalogue.adjectives,
        catalogue.nouns,
        catalogue.goods,
    )
    return frozenset(
        part for section in sections for english in section.values() for part in english.lower().split()
    )


def _join(pieces: Sequence[Piece], *, said: str, language: str) -> Gloss:
    text = ""
    places: list[tuple[int, int, int, int]] = []
    for piece in pieces:
        if not piece.english:
            continue
        tight = piece.tag == "mark" and piece.english in _TIGHT
        if text and not tight and not (piece.tight and text[-1:] != " "):
            text += " "
        places.append((len(text), len(text) + len(piece.english), piece.start, piece.end))
        text += piece.english
    return Gloss(text=text, said=said, language=language, pieces=tuple(places))
