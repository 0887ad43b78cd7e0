"""The words of a message looked up one after another: phrases first, then each word in whatever form it stands."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from conversations.language.amounts import write_number
from conversations.language.catalogue import (
    ANY_NUMBER,
    CLAUSE_END,
    Catalogue,
    Entry,
    Tag,
    Words,
    get_plain,
    load_catalogue,
)
from conversations.language.compounds import list_heads
from conversations.language.pieces import Piece, ends_clause
from conversations.language.spelling import find_meant
from conversations.language.telling_shops import find_shop_language
from conversations.language.tokens import get_stem, list_stems
from conversations.language.vocabulary import Vocabulary

WORD = re.compile(
    r"[A-Z]{1,8}-\d[^\W_]*|[^\W\d_]+\d[^\W_]*|[^\W\d_]+['’](?=\w)|[^\W\d_]+|\d+(?:[.,  ]\d{3})*(?:[.,]\d+)?|\S",
    re.UNICODE,
)
"""Words, numbers and marks; a letter with digits is a model or a code ("MK4410")."""
_OPENING_MARKS = frozenset("¿¡«»")
_LONGEST_WORD = 40
_PERCENT = frozenset("%€$£")
_SHORTEST_HALF = 3
_SHORTEST_MISSPELT = 6
_SHORTEST_BENT = 5
_MOST_CORRECTED = 8
"""Words of one message that are taken for misspelt; a message of more is in no language that is read here."""


@lru_cache(maxsize=64)
def list_stems_of(vocabulary: Vocabulary) -> frozenset[str]:
    """The English stems of the shop's words."""
    return frozenset(list_own(vocabulary, "english"))


@lru_cache(maxsize=64)
def list_own_names(
    vocabulary: Vocabulary, stemmer: str
) -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """The shop's names of several words, by the stem of the first in the shopper's language."""
    names = [name for category in vocabulary.categories for name in (*category.path, category.name)]
    names += [*vocabulary.colors, *vocabulary.materials, *vocabulary.attributes]
    names += [value for values in vocabulary.attributes.values() for value in values if value[:1].isalpha()]
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name in dict.fromkeys(name.replace("_", " ") for name in names):
        stems = tuple(get_stem(match.group().lower(), language=stemmer) for match in WORD.finditer(name))
        if len(stems) > 1:
            found.setdefault(stems[0], []).append((stems, name.lower()))
    return {first: tuple(sorted(held, key=lambda one: -len(one[0]))) for first, held in found.items()}


@lru_cache(maxsize=64)
def list_own(vocabulary: Vocabulary, stemmer: str) -> Mapping[str, str]:
    """The shop's words by their stem in the shopper's language, each as the shop writes it."""
    names = [name for category in vocabulary.categories for name in (*category.path, category.name)]
    names += [*vocabulary.colors, *vocabulary.materials, *vocabulary.attributes]
    names += [value for values in vocabulary.attributes.values() for value in values]
    # Only what somebody is called keeps its capital: "a Lamp" in a message would name one.
    plain = tuple(name.lower() for name in names)
    language = find_shop_language(vocabulary)
    heads = tuple(
        head
        for category in vocabulary.categories
        for head in list_heads(category.name, language=language)
        if load_catalogue(language).rules.stemmer == stemmer
    )
    return {
        **list_words_of(heads, stemmer),
        **list_words_of(vocabulary.brands, stemmer),
        **list_words_of(plain, stemmer),
    }


@lru_cache(maxsize=64)
def list_told(vocabulary: Vocabulary, stemmer: str) -> frozenset[str]:
    """The stems of what the shop tells of its goods: "diámetro"."""
    return frozenset(list_words_of((*vocabulary.measures, *vocabulary.attributes), stemmer))


@lru_cache(maxsize=64)
def list_numbers(vocabulary: Vocabulary) -> frozenset[str]:
    """The sizes of the shop's that are numbers."""
    return frozenset(size for size in vocabulary.sizes if size.isdecimal())


@lru_cache(maxsize=256)
def list_words_of(names: tuple[str, ...], stemmer: str) -> Mapping[str, str]:
    """The words of names by their stem in the shopper's language, each as it is written."""
    own: dict[str, str] = {}
    for name in names:
        for match in WORD.finditer(name.replace("_", " ")):
            word = match.group()
            if word.isalpha() and len(word) > 2:
                own.setdefault(get_stem(word.lower(), language=stemmer), word)
    return own


class Reader(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Looks the words of one message up."""

    catalogue: Catalogue
    words: Words
    own: Mapping[str, str]
    """The shop's words by their stem in the shopper's language."""
    stems: frozenset[str]
    """Their English stems."""
    names: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    """The shop's names of several words by the stem of the first, longest first, in small letters."""
    told: frozenset[str] = frozenset()
    """The stems of what the shop tells of its goods: "diámetro"."""
    sizes: frozenset[str] = frozenset()
    """The sizes of the shop's goods."""

    def read(self, said: str, *, several: bool) -> list[Piece]:
        """Answers the words of the message in their own order, each in English."""
        tokens = self._split(said)
        pieces: list[Piece] = []
        at = 0
        while at < len(tokens):
            phrase = self._find_own_name(tokens, at) or self._find_phrase(tokens, at)
            if phrase:
                found, at = phrase
                pieces.append(
                    found.become(
                        english=found.english, tag=found.tag, own=said[found.start : found.end].lower()
                    )
                )
                continue
            if self._is_before_size(tokens, at):
                pieces.append(tokens[at].become(english="size", tag="noun", own=""))
                at += 1
                continue
            opens = all(piece.tag == "mark" for piece in pieces[-1:])
            told = [tokens[at]] if tokens[at].tag else self._look_up(tokens[at], several=several, opens=opens)
            pieces.extend(told)
            at += 1
        return self._ask_of_items(pieces)

    def _ask_of_items(self, pieces: list[Piece]) -> list[Piece]:
        """As in "¿qué diámetro tiene?", where the shop tells it of its goods: what is the diameter."""
        for at in range(len(pieces) - 2):
            asks, named, has = pieces[at : at + 3]
            told = get_stem(named.own, language=self.catalogue.rules.stemmer) in self.told
            if asks.english in ("what", "which") and told and has.english == "do you have":
                pieces[at : at + 3] = [asks.become(english="what is the", tag="small"), named]
                break
        return pieces

    def _is_before_size(self, tokens: Sequence[Piece], at: int) -> bool:
        """As in "unos botines del 38" of a shop that has the size 38, and not in "por menos del 38 %"."""
        if tokens[at].own not in self.catalogue.rules.before_sizes or at + 1 >= len(tokens):
            return False
        counted = [
            token.own for token in tokens[at + 2 : at + 3] if token.own[0].isalpha() or token.own in _PERCENT
        ]
        return tokens[at + 1].own in self.sizes and not counted

    def _split(self, said: str) -> list[Piece]:
        """The words as the catalogue has them: what is spoken short or misspelt stands as it is written."""
        tokens: list[Piece] = []
        corrected = 0
        for match in WORD.finditer(said):
            word = match.group().lower().replace("’", "'")
            if word[-1] == "'" and len(word) > 1 and word[:-1] not in self.catalogue.rules.elisions:
                word = word[:-1]
            token = Piece(own=word, english=match.group(), tag="", start=match.start(), end=match.end())
            numbered = bool(tokens) and tokens[-1].end == token.start and tokens[-1].own[-1].isdecimal()
            if numbered and word in self.catalogue.rules.number_endings:
                # "Die 4000er": the one that has the number.
                tokens.append(token.become(english="one", tag="object"))
                continue
            spoken = self.catalogue.spoken.get(word)
            meant = (
                None if spoken or corrected > _MOST_CORRECTED else self._find_meant(token, first=not tokens)
            )
            corrected += meant is not None
            tokens += [token.become(own=part, english=part) for part in (spoken or meant or "").split()] or [
                token
            ]
        return tokens

    def _find_meant(self, token: Piece, *, first: bool) -> str | None:
        """The catalogue's word that a misspelt one is meant to be; a name and a word of the shop are none."""
        word = token.own
        if len(word) < _SHORTEST_MISSPELT or not word.isalpha() or word in self.words.known:
            return None
        named = token.english[:1].isupper() and not first and not self.catalogue.rules.capital_nouns
        if (
            named
            or len(word) > _LONGEST_WORD
            or get_stem(word, language=self.catalogue.rules.stemmer) in self.own
        ):
            return None
        if self._find_form(word) or word in self.words.plain:
            return None
        return find_meant(word, self.words.telling, language=self.catalogue.rules.stemmer)

    def _find_own_name(self, tokens: Sequence[Piece], at: int) -> tuple[Piece, int] | None:
        """As in "table basse" of a shop that has "Tables basses": the name stays whole, whatever its words mean."""
        stemmer = self.catalogue.rules.stemmer
        for stems, name in self.names.get(get_stem(tokens[at].own, language=stemmer), ()):
            after = at + len(stems)
            if tuple(get_stem(token.own, language=stemmer) for token in tokens[at:after]) == stems:
                start, end = tokens[at].start, tokens[after - 1].end
                return Piece(own="", english=name, tag="noun", start=start, end=end), after
        return None

    def _find_phrase(self, tokens: Sequence[Piece], at: int) -> tuple[Piece, int] | None:
        phrases, first = self.words.phrases, tokens[at].own
        numbered = phrases.get(ANY_NUMBER, ()) if self._find_number(first) else ()
        for words, entry in (*phrases.get(get_plain(first), ()), *numbered):
            matched = self._match(words, tokens, at, bent=entry.tag == "noun")
            if matched and not (entry.tag == "noun" and self._is_told(tokens[at + 1 : matched[0]])):
                after, number = matched
                named = self._choose(entry.english) if entry.tag == "noun" else entry.english
                english = named.replace(ANY_NUMBER, number)
                start, end = tokens[at].start, tokens[after - 1].end
                return Piece(own="", english=english, tag=entry.tag, start=start, end=end), after
        return None

    def _match(
        self, words: Sequence[str], tokens: Sequence[Piece], at: int, *, bent: bool
    ) -> tuple[int, str] | None:
        """The place behind the phrase, and the number in it; words that only colour a sentence may stand within.

        The words of a name may be `bent`: "moules à gâteaux" are of "moule à gâteau".
        """
        here, number = at, ""
        for word in words:
            while here < len(tokens) and here > at and get_plain(tokens[here].own) != word:
                if tokens[here].own not in self.catalogue.rules.fillers:
                    break
                here += 1
            if word == CLAUSE_END:
                return (here, number) if ends_clause(tokens[here:], joints=self.catalogue.joints) else None
            if here == len(tokens):
                return None
            if word == ANY_NUMBER:
                number = self._find_number(tokens[here].own)
                if not number:
                    return None
            elif get_plain(tokens[here].own) != word and not (bent and self._is_form(tokens[here].own, word)):
                return None
            here += 1
        return here, number

    def _is_told(self, tokens: Sequence[Piece]) -> bool:
        """As in "silla plegable" of a shop that tells of its goods whether they are "plegable"."""
        return any(
            get_stem(token.own, language=self.catalogue.rules.stemmer) in self.told for token in tokens
        )

    def _is_form(self, own: str, word: str) -> bool:
        """Whether two long words are forms of one."""
        stemmer = self.catalogue.rules.stemmer
        long = min(len(own), len(word)) >= _SHORTEST_BENT
        return long and get_stem(get_plain(own), language=stemmer) == get_stem(word, language=stemmer)

    def _find_number(self, word: str) -> str:
        return write_number(word) if word[0].isdigit() else self.catalogue.numbers.get(word, "")

    def _look_up(self, token: Piece, *, several: bool, opens: bool) -> list[Piece]:
        word, rules = token.own, self.catalogue.rules
        if word[0].isdigit():
            return [token.become(english=write_number(word), tag="number")]
        if not word[0].isalpha():
            return [token.become(english="" if word in _OPENING_MARKS else word, tag="mark")]
        if opens and word in rules.subjects:
            return [token.become(english=rules.subjects[word], tag="verb")]
        if not opens and token.english in rules.polite:
            return [token.become(english=rules.polite[token.english], tag="object")]
        if word in rules.either:
            return [token.become(english=rules.either[word][several], tag="object")]
        if len(word) > _LONGEST_WORD:
            return [token]
        entry = self.words.exact.get(word)
        if entry and entry.tag not in ("noun", "adjective"):
            return [token.become(english=entry.english, tag=entry.tag)]
        kept = None if self._is_compared(word) else self._find_own(token, entry)
        if kept:
            return [kept]
        found = entry or self._find_form(word)
        if found:
            return [token.become(english=self._choose(found.english), tag=found.tag)]
        named = not opens and token.english[:1].isupper()
        return [token.become(english=token.english, tag="name" if named else "")]

    def _choose(self, english: str) -> str:
        """As in "Schloss", a lock or a castle: what this shop sells, else what is written first."""
        meanings = english.split("/")
        sold = [each for each in meanings if set(list_stems(each)) <= self.stems] if len(meanings) > 1 else []
        return (sold or meanings)[0]

    def _is_compared(self, word: str) -> bool:
        """As in "länger" in a shop that tells each "Länge"."""
        return get_stem(word) not in self.stems and self._find_degree(word) is not None

    def _find_own(self, token: Piece, entry: Entry | None) -> Piece | None:
        """The shop's own word, whatever ending the shopper gave it."""
        kept = self.own.get(get_stem(token.own, language=self.catalogue.rules.stemmer))
        if kept is None or (entry and self._is_other(token.own, entry, kept)):
            return None
        known = entry or self.words.find(token.own, stemmer=self.catalogue.rules.stemmer)
        if known and (known.tag == "verb" or get_stem(self._choose(known.english)) == get_stem(kept.lower())):
            return None  # The shop's word is the English one anyway, which knows one from many.
        tag: Tag = known.tag if known else "noun"
        return token.become(english=kept, tag=tag)

    def _is_other(self, word: str, entry: Entry, kept: str) -> bool:
        """As in "talla" in a shop of the maker Taller, "Kocher" where there is "Kochen": only the stems are one."""
        if kept.lower() == word:
            return False
        if kept != kept.lower():
            return not word.startswith(kept.lower())
        other = self.words.exact.get(kept)
        meant = {get_stem(each) for each in entry.english.split("/")}
        return other is not None and meant.isdisjoint(get_stem(each) for each in other.english.split("/"))

    def _find_form(self, word: str) -> Entry | None:
        """A form of a known word: compared, with a pronoun on it, bent, or joined with another."""
        return (
            self._find_degree(word)
            or self._find_enclitic(word)
            or self.words.find(word, stemmer=self.catalogue.rules.stemmer)
            or self._find_compound(word)
        )

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
                    english = f"{self._choose(first.english)} {self._choose(second.english)}"
                    return Entry(english=english, tag=second.tag)
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
