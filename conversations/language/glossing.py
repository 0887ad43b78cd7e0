"""A message in another language, word for word in English, so that one grammar of goods reads them all."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from conversations.language.catalogue import (
    Catalogue,
    Entry,
    Tag,
    Words,
    get_plain,
    index_words,
    load_catalogue,
)
from conversations.language.order_of_words import arrange
from conversations.language.pieces import Piece
from conversations.language.tokens import get_stem
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import Vocabulary

GLOSSED = ("de", "es", "fr")
"""The languages that have a catalogue."""
_LONGEST_READ = 4000
_LONGEST_WORD = 40
_LONGEST_ANSWER = 60
_SHORTEST_HALF = 3
_SHORTEST_TELLING = 5
_CLEAR_LEAD = 2
"""So many more words must tell a language than any other for the message to be clearly in it."""
_WORD = re.compile(r"[^\W\d_]+['’](?=\w)|[^\W\d_]+|\d+(?:[.,  ]\d{3})*(?:[.,]\d+)?|\S", re.UNICODE)
_GROUPED = re.compile(r"\d{1,3}(?:[.  ]\d{3})+(?:,\d+)?$")
_OPENING_MARKS = frozenset("¿¡«»")
_TIGHT = frozenset(".,!?;:)%'")


class Gloss(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a message says in English, with the way back to the shopper's own words."""

    text: str
    said: str
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

    def find_own(self, words: str) -> str:
        """The shopper's own words for these English ones; the words themselves where they are not in the text."""
        at = self.text.lower().find(words.lower()) if words else -1
        return self.get_own(start=at, end=at + len(words)) if at >= 0 else words


def gloss(said: str, *, language: str, vocabulary: Vocabulary, several: bool = False) -> Gloss:
    """Answers the message in English, unchanged where it is English or in a language without a catalogue.

    Words of the shop stay as the shop writes them. `several` says that several items are in focus: some
    languages have one pronoun for one and for many.
    """
    tag = language.partition("-")[0].lower()
    if tag not in GLOSSED:
        return Gloss(text=said, said=said)
    catalogue = load_catalogue(tag)
    alone = catalogue.alone.get(_join_words(said)) if len(said) <= _LONGEST_ANSWER else None
    if alone:
        return Gloss(text=alone, said=said, pieces=((0, len(alone), 0, len(said)),))
    reader = _Reader(
        catalogue=catalogue, words=index_words(tag), own=_list_own(vocabulary, catalogue.rules.stemmer)
    )
    pieces = reader.read(said[:_LONGEST_READ], several=several)
    return _join(arrange(pieces, catalogue.rules), said=said)


def _join_words(said: str) -> str:
    """The words of a short message without its marks, as the catalogue has them."""
    words = (match.group().lower().replace("’", "'") for match in _WORD.finditer(said))
    return " ".join(word for word in words if word[0].isalnum())


def detect_language(said: str, *, default: str) -> str:
    """Answers the language that most of the words of the message are from; the default where none is ahead.

    One word that names goods tells nothing: a hose is a German's trousers.
    """
    usual = _get_usual(default)
    counts = _count_telling(said)
    best = max(counts, key=lambda language: (counts[language], language == usual))
    lone = counts[best] == 1 and best in GLOSSED and _names_goods(said, best)
    return best if counts[best] > counts[usual] and not lone else usual


def _names_goods(said: str, language: str) -> bool:
    """Whether the words of the language in the message are nouns and adjectives, as any language borrows them."""
    catalogue = load_catalogue(language)
    words = {match.group().lower() for match in _WORD.finditer(said[:_LONGEST_READ])}
    telling = words & _list_telling(language)
    return bool(telling) and telling <= catalogue.nouns.keys() | catalogue.adjectives.keys()


def find_language(said: str, *, default: str) -> str:
    """Answers the language that the message is clearly in, well ahead of all others; the default where none is.

    A word or two of another language are read by `detect_language`, and are no reason to answer in it.
    """
    usual = _get_usual(default)
    counts = _count_telling(said)
    best = max(counts, key=lambda language: (counts[language], language == usual))
    others = max(count for language, count in counts.items() if language != best)
    return best if counts[best] >= others + _CLEAR_LEAD else usual


def _get_usual(default: str) -> str:
    usual = default.partition("-")[0].lower()
    return usual if usual in GLOSSED else "en"


@lru_cache(maxsize=512)
def _count_telling(said: str) -> Mapping[str, int]:
    """How many words of the message tell each language."""
    words = [match.group().lower().replace("’", "'") for match in _WORD.finditer(said[:_LONGEST_READ])]
    return {
        language: sum(word in _list_telling(language) for word in words) + _count_letters(said, language)
        for language in ("en", *GLOSSED)
    }


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
        words |= {part for part in phrase.split() if len(part) >= _SHORTEST_TELLING} - set(english.split())
    elided = {f"{word}'" for word in catalogue.rules.elisions}
    return frozenset(words | set(catalogue.rules.either) | elided)


def _count_letters(said: str, language: str) -> int:
    letters = load_catalogue(language).rules.letters if language != "en" else ""
    return int(any(letter in said.lower() for letter in letters))


@lru_cache(maxsize=64)
def _list_own(vocabulary: Vocabulary, stemmer: str) -> Mapping[str, str]:
    """The shop's words by their stem in the shopper's language, each as the shop writes it."""
    names = [name for category in vocabulary.categories for name in (*category.path, category.name)]
    names += [*vocabulary.brands, *vocabulary.colors, *vocabulary.materials, *vocabulary.attributes]
    names += [value for values in vocabulary.attributes.values() for value in values]
    own: dict[str, str] = {}
    for name in names:
        for match in _WORD.finditer(name.replace("_", " ")):
            word = match.group()
            if word.isalpha() and len(word) > 2:
                own.setdefault(get_stem(word.lower(), language=stemmer), word)
    return own


class _Reader(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Looks the words of one message up."""

    catalogue: Catalogue
    words: Words
    own: Mapping[str, str]

    def read(self, said: str, *, several: bool) -> list[Piece]:
        """Answers the words of the message in their own order, each in English."""
        tokens = self._split(said)
        pieces: list[Piece] = []
        at = 0
        while at < len(tokens):
            phrase = self._find_phrase(tokens, at)
            if phrase:
                entry, after = phrase
                start, end = tokens[at].start, tokens[after - 1].end
                own = said[start:end].lower()
                pieces.append(Piece(own=own, english=entry.english, tag=entry.tag, start=start, end=end))
                at = after
                continue
            opens = all(piece.tag == "mark" for piece in pieces[-1:])
            pieces.extend(self._look_up(tokens[at], several=several, opens=opens))
            at += 1
        return pieces

    def _split(self, said: str) -> list[Piece]:
        tokens: list[Piece] = []
        for match in _WORD.finditer(said):
            word = match.group().lower().replace("’", "'")
            if word[-1] == "'" and len(word) > 1 and word[:-1] not in self.catalogue.rules.elisions:
                word = word[:-1]
            tokens.append(
                Piece(own=word, english=match.group(), tag="", start=match.start(), end=match.end())
            )
        return tokens

    def _find_phrase(self, tokens: Sequence[Piece], at: int) -> tuple[Entry, int] | None:
        for words, entry in self.words.phrases.get(get_plain(tokens[at].own), ()):
            if tuple(get_plain(token.own) for token in tokens[at : at + len(words)]) == words:
                return entry, at + len(words)
        return None

    def _look_up(self, token: Piece, *, several: bool, opens: bool) -> list[Piece]:
        word, rules = token.own, self.catalogue.rules
        if word[0].isdigit():
            return [token.become(english=_write_number(word), tag="number")]
        if not word[0].isalpha():
            return [token.become(english="" if word in _OPENING_MARKS else word, tag="mark")]
        if opens and word in rules.subjects:
            return [token.become(english=rules.subjects[word], tag="verb")]
        if word in rules.either:
            return [token.become(english=rules.either[word][several], tag="object")]
        if len(word) > _LONGEST_WORD:
            return [token]
        entry = self.words.exact.get(word)
        if entry and entry.tag not in ("noun", "adjective"):
            return [token.become(english=entry.english, tag=entry.tag)]
        kept = self._find_own(token, entry)
        if kept:
            return [kept]
        found = (
            entry
            or self._find_degree(word)
            or self._find_enclitic(word)
            or self.words.find(word, stemmer=rules.stemmer)
            or self._find_compound(word)
        )
        if found:
            return [token.become(english=found.english, tag=found.tag)]
        named = not opens and token.english[:1].isupper()
        return [token.become(english=token.english, tag="name" if named else "")]

    def _find_own(self, token: Piece, entry: Entry | None) -> Piece | None:
        """The shop's own word, whatever ending the shopper gave it."""
        kept = self.own.get(get_stem(token.own, language=self.catalogue.rules.stemmer))
        if kept is None:
            return None
        known = entry or self.words.find(token.own, stemmer=self.catalogue.rules.stemmer)
        if known and (known.tag == "verb" or get_stem(known.english) == get_stem(kept.lower())):
            return None  # The shop's word is the English one anyway, which knows one from many.
        tag: Tag = known.tag if known else "noun"
        return token.become(english=kept, tag=tag)

    def _find_degree(self, word: str) -> Entry | None:
        """As in "billiger", "günstigste": the ending compares."""
        rules = self.catalogue.rules
        for base, (more, most, _, _) in self.catalogue.degrees.items():
            for root in (base, _bend(base)):
                rest = word[len(root) :] if word.startswith(root) else None
                if rest in rules.comparative_endings:
                    return Entry(english=more, tag="adjective")
                if rest in rules.superlative_endings:
                    return Entry(english=most, tag="adjective")
        return None

    def _find_enclitic(self, word: str) -> Entry | None:
        """As in "añádelo": a verb with its object behind it."""
        for ending, english in self.catalogue.rules.enclitics.items():
            if len(word) <= len(ending) + 2 or not word.endswith(ending):
                continue
            verb = self.words.exact.get(_plain(word[: -len(ending)]))
            if verb is None or verb.tag != "verb":
                verb = self.words.stems.get(
                    get_stem(_plain(word[: -len(ending)]), language=self.catalogue.rules.stemmer)
                )
            if verb and verb.tag == "verb":
                return Entry(english=f"{verb.english} {english}", tag="verb")
        return None

    def _find_compound(self, word: str) -> Entry | None:
        """As in "dunkelblau", "Wanderschuhe": two known words that are written as one."""
        for cut in range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1):
            for joint in self.catalogue.rules.compounds:
                left = word[:cut].removesuffix(joint) if joint else word[:cut]
                if len(left) < _SHORTEST_HALF or (joint and not word[:cut].endswith(joint)):
                    continue
                first, second = self._find_half(left), self._find_half(word[cut:])
                if first and second and second.tag in ("noun", "adjective"):
                    return Entry(english=f"{first.english} {second.english}", tag=second.tag)
        return None

    def _find_half(self, word: str) -> Entry | None:
        kept = self.own.get(get_stem(word, language=self.catalogue.rules.stemmer))
        found = self.words.find(word, stemmer=self.catalogue.rules.stemmer)
        if found and found.tag in ("noun", "adjective", "number", "verb"):
            return found if kept is None else Entry(english=kept, tag=found.tag)
        return Entry(english=kept, tag="noun") if kept else None


def _bend(base: str) -> str:
    """The last vowel bent, as before a comparing ending: "lang" and "länger"."""
    for at in range(len(base) - 1, -1, -1):
        if base[at] in "aou":
            return base[:at] + {"a": "ä", "o": "ö", "u": "ü"}[base[at]] + base[at + 1 :]
    return base


def _plain(word: str) -> str:
    """Without the accent that a verb takes on when a pronoun joins it: "añáde" is "añade"."""
    return word.translate(str.maketrans("áéíóú", "aeiou"))


def _write_number(word: str) -> str:
    """The number as English writes it: "1.299,50" is 1299.50, "49,90" is 49.90."""
    if _GROUPED.match(word):
        return re.sub(r"[.  ]", "", word).replace(",", ".")
    return word.replace(",", ".") if word.count(",") == 1 else word


def _join(pieces: Sequence[Piece], *, said: str) -> Gloss:
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
    return Gloss(text=text, said=said, pieces=tuple(places))
