"""The catalogue of a language that is read by way of English: what a translator edits, loaded and indexed."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from commerce_agent.decoding import convert
from conversations.language.tokens import get_stem

Tag = Literal[
    "the",
    "a",
    "this",
    "noun",
    "name",
    "adjective",
    "ordinal",
    "number",
    "verb",
    "object",
    "joint",
    "small",
    "mark",
    "",
]
"""The part a word plays where words change places; `name` is an unknown word with a capital, empty another."""
_TYPED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
"""How umlauts are typed where the keyboard has none."""
_LOADER: type[yaml.BaseLoader | yaml.CBaseLoader] = (
    yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
)
"""The loader in C reads a catalogue in a tenth of the time."""
_HERE = Path(__file__).parent
GLOSSED = ("de", "es", "fr")
"""The languages that have a catalogue."""
ANY_NUMBER = "<n>"
"""Stands in a phrase for any number, and in its English for the same one: "mach <n> draus" is "make it <n>"."""
_STEMMED = frozenset({"noun", "adjective", "verb", "ordinal"})
CLAUSE_END = "<end>"
"""Ends a phrase that says what it says only where nothing of the clause comes behind it."""
_CHOICE = re.compile(r"\(([^()]*)\)")
_SHORTEST_TELLING = 4
_OPENING = 3
"""So many letters of a word are the same in all its forms."""


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The grammar of the language, as far as it differs from English."""

    stemmer: str
    """The Snowball stemmer by which forms of a word are one: "blaue", "blauen"."""
    adjectives: Literal["before", "after"]
    """Where an adjective stands: "die blaue Lampe", "la lámpara azul"."""
    verbs_last: bool = False
    """An infinitive closes its clause: "kannst du mir die Lampe zeigen"."""
    compounds: tuple[str, ...] = ()
    """What may stand between the halves of a compound; none where words are not compounded."""
    elisions: tuple[str, ...] = ()
    """Words that lose their vowel before another: "l'", "d'"."""
    enclitics: Mapping[str, str] = {}
    """Pronouns that hang on a verb: "añádelo", "ajoute-le"."""
    objects: Mapping[str, str] = {}
    """Words that are articles before a noun and pronouns before a verb: "la mesa", "la quiero"."""
    lone: Mapping[str, str] = {}
    """Articles that stand for goods where no noun follows: "die auch in Rot?"."""
    standins: Mapping[str, str] = {}
    """Articles that stand for goods before a preposition: "las de montaña"."""
    letters: str = ""
    """Letters and marks by which the language shows itself: "ß", "¿"."""
    subjects: Mapping[str, str] = {}
    """Verbs that open a clause without their subject, with English that has one: "¿es…?" is "is it"."""
    plural: tuple[str, ...] = ()
    """Articles of several."""
    plural_endings: tuple[str, ...] = ()
    """Endings of an adjective that say several where the article does not."""
    singular: tuple[str, ...] = ()
    """Articles of one, whatever the adjective's ending."""
    either: Mapping[str, tuple[str, str]] = {}
    """Pronouns that mean one or several, in English: "sie" is it or them."""
    polite: Mapping[str, str] = {}
    """Pronouns that only their capital tells from others, where no sentence opens with them: "liefern Sie …?"."""
    comparing: tuple[str, ...] = ()
    """The word that makes an adjective compare: "más", "plus"; none where endings do."""
    comparing_less: tuple[str, ...] = ()
    than: tuple[str, ...] = ()
    """The word behind a comparing adjective: "más barato que"."""
    parted: Mapping[str, str] = {}
    """Verbs with the particle that ends their clause: "kommt … an" arrives."""
    preferring: tuple[str, ...] = ()
    """Words behind which "than" refuses what follows: "lieber den gelben als den schwarzen"."""
    before_sizes: tuple[str, ...] = ()
    """Words before a number that is a size of the shop's: "unos botines del 38", "des bottes du 39"."""
    fillers: tuple[str, ...] = ()
    """Words that only colour a sentence; within a phrase they are passed over."""
    capital_nouns: bool = False
    """Every noun has a capital letter, so that one tells no name."""
    bent_endings: tuple[str, ...] = ()
    """Endings of an adjective before its noun; one without says what something is: "sind die wasserdicht?"."""
    quality_endings: tuple[str, ...] = ()
    """Endings by which an attribute's name is known for an adjective: "spülmaschinenfest", "lavable"."""
    vague: Mapping[str, str] = {}
    """Words for something or nothing before such an adjective: "was Leichtes"."""
    instead: tuple[str, ...] = ()
    """Words behind goods that give way to what follows: "tausch den gegen den blauen"."""
    of: Mapping[str, str] = {}
    """Words that are "some" before goods and "of the" behind them: "des gants", "celui des Pyrénées"."""
    relatives: tuple[str, ...] = ()
    """Words that open a clause about goods, behind a comma: "das Zelt, das ich gestern angesehen habe"."""
    comparative_endings: tuple[str, ...] = ()
    number_endings: tuple[str, ...] = ()
    """Behind digits, what stands for the goods: "der 4000er"."""
    superlative_endings: tuple[str, ...] = ()


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, eq=False):
    """A language's words and phrases with their English. Forms that the stemmer joins need one entry."""

    rules: Rules
    articles: Mapping[str, str]
    indefinite: Mapping[str, str]
    demonstratives: Mapping[str, str]
    small: Mapping[str, str]
    """Prepositions, pronouns, question words, adverbs."""
    joints: Mapping[str, str]
    numbers: Mapping[str, str]
    ordinals: Mapping[str, str]
    verbs: Mapping[str, str]
    adjectives: Mapping[str, str]
    """Colours, materials and other qualities."""
    nouns: Mapping[str, str]
    """Goods, what goods have, and what shops do. `lock/castle` is whichever the shop sells, else the first."""
    degrees: Mapping[str, tuple[str, str, str, str]]
    """An adjective with English for more, most, less and least: `{billig: [cheaper, cheapest, …]}`."""
    phrases: Mapping[str, str]
    """`(a|b|)` stands for each of its choices, `<n>` for any number, `<end>` for the end of a clause."""
    spoken: Mapping[str, str] = {}
    """Forms that are spoken or typed, with how they are written: `{hab: habe, gibts: gibt es}`."""
    alone: Mapping[str, str] = {}
    """What a message says that has these words and no others: Spanish "no" is "no", and "not" before a verb."""
    goods: Mapping[str, str] = {}
    """What shops sell and what it is made of, as in `nouns`, from the files in `goods/`, one for a few trades each.
    A word that stands elsewhere in the catalogue means what it means there."""


@lru_cache(maxsize=8)
def load_catalogue(language: str) -> Catalogue:
    """Answers the catalogue of the language. Raises msgspec.ValidationError where a translator broke its form."""
    text = (_HERE / language / "catalogue.yaml").read_text(encoding="utf-8")
    # The base loader reads words as words: "no", "on" and "ja: yes" are no booleans here.
    written = yaml.load(text, Loader=_LOADER)  # noqa: S506
    catalogue = convert(written, Catalogue, strict=False)
    sections = (catalogue.small, catalogue.verbs, catalogue.adjectives, catalogue.nouns, catalogue.spoken)
    taken = {word for section in sections for word in section}
    goods = {word: english for word, english in _load_goods(language).items() if word not in taken}
    return msgspec.structs.replace(catalogue, goods=goods)


def _load_goods(language: str) -> dict[str, str]:
    """The goods of every trade; of a word of two trades, the first one's English."""
    goods: dict[str, str] = {}
    for path in sorted((_HERE / language / "goods").glob("*.yaml")):
        trades = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
        for trade in convert(trades, dict[str, dict[str, str]]).values():
            goods = {**trade, **goods}
    return goods


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What one word is in English, and which part it plays."""

    english: str
    tag: Tag


class Words(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A catalogue's single words by their exact form, and by their stem."""

    exact: Mapping[str, Entry]
    stems: Mapping[str, Entry]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], Entry], ...]]
    """By their first word, longest first: phrases, and names of several words."""

    plain: Mapping[str, Entry]
    """By their letters without accents, as many people type them."""
    known: frozenset[str]
    """Every single word of the catalogue, those within phrases too."""
    telling: tuple[str, ...]
    """Those that a misspelt word may be meant to be."""
    goods: Mapping[str, tuple[str, ...]]
    """The names of goods by the letters that they open with. They are too many to stem them all before one is said."""

    def find(self, word: str, *, stemmer: str) -> Entry | None:
        """The entry of the word, or of the word that it is a form of."""
        stem = get_stem(word, language=stemmer)
        found = self.exact.get(word) or self.stems.get(stem) or self.plain.get(word) or self.plain.get(stem)
        opened = self.goods.get(get_plain(word[:_OPENING]), ()) if found is None else ()
        return self.exact.get(_stem_goods(opened, stemmer).get(get_plain(stem), "")) if opened else found


class _Indexed(msgspec.Struct, kw_only=True, eq=False):
    """Single words by their form and their stem, and those of several by the first, while they are gathered."""

    exact: dict[str, Entry] = {}
    stems: dict[str, Entry] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], Entry]]] = {}


@lru_cache(maxsize=4096)
def _stem_goods(words: tuple[str, ...], stemmer: str) -> Mapping[str, str]:
    """Names of goods by their stem; of two with one stem, the first."""
    return {get_plain(get_stem(word, language=stemmer)): word for word in reversed(words)}


@lru_cache(maxsize=8)
def index_words(language: str) -> Words:
    """Answers the catalogue's words, indexed."""
    catalogue = load_catalogue(language)
    sections: tuple[tuple[Tag, Mapping[str, str]], ...] = (
        ("noun", catalogue.nouns),
        ("adjective", catalogue.adjectives),
        ("verb", catalogue.verbs),
        ("ordinal", catalogue.ordinals),
        ("number", catalogue.numbers),
        ("small", catalogue.small),
        ("joint", catalogue.joints),
        ("this", catalogue.demonstratives),
        ("a", catalogue.indefinite),
        ("the", catalogue.articles),
    )
    indexed = _Indexed()
    for tag, words in (*sections, ("small", catalogue.phrases)):
        _index_section(words, tag=tag, catalogue=catalogue, indexed=indexed)
    for base, degrees in catalogue.degrees.items():
        if catalogue.rules.comparing:
            english = "|".join((catalogue.adjectives.get(base, ""), *degrees))
            entry = Entry(english=english, tag="adjective")
            indexed.stems[get_stem(base, language=catalogue.rules.stemmer)] = entry
            indexed.exact[base] = entry
    goods = _Indexed()
    _index_section(catalogue.goods, tag="noun", catalogue=catalogue, indexed=goods)
    return _join(indexed, goods, phrases=catalogue.phrases)


def _index_section(words: Mapping[str, str], *, tag: Tag, catalogue: Catalogue, indexed: "_Indexed") -> None:
    for word, english in _list_choices(words):
        if " " in word:
            written = " ".join(catalogue.spoken.get(part, part) for part in word.split())
            parts = tuple(get_plain(part) for part in written.split())
            indexed.phrases.setdefault(parts[0], []).append((parts, Entry(english=english, tag=tag)))
            continue
        indexed.exact[word] = Entry(english=english, tag=tag)
        if tag in _STEMMED and words is not catalogue.goods:
            stem = get_stem(word, language=catalogue.rules.stemmer)
            indexed.stems.setdefault(stem, Entry(english=english, tag=tag))


def _join(indexed: "_Indexed", goods: "_Indexed", *, phrases: Mapping[str, str]) -> Words:
    """The words of any talk before those of goods, wherever two share their letters or their stem."""
    exact = {**goods.exact, **indexed.exact}
    stems = indexed.stems
    opened = {
        first: (*indexed.phrases.get(first, ()), *goods.phrases.get(first, ()))
        for first in {**indexed.phrases, **goods.phrases}
    }
    longest = {first: tuple(sorted(found, key=lambda one: -len(one[0]))) for first, found in opened.items()}
    plain = {get_plain(form): entry for form, entry in (*stems.items(), *exact.items())}
    plain |= {form.translate(_TYPED): entry for form, entry in (*stems.items(), *exact.items())}
    known = {*exact, *(part for found in longest.values() for parts, _ in found for part in parts)}
    spelt = {word for words in (*exact, *phrases) for word in _CHOICE.sub(" ", words).split()}
    openings: dict[str, list[str]] = {}
    for word in goods.exact:
        openings.setdefault(get_plain(word[:_OPENING]), []).append(word)
    return Words(
        exact=exact,
        stems=stems,
        phrases=longest,
        plain=plain,
        known=frozenset(known | spelt),
        goods={opening: tuple(words) for opening, words in openings.items()},
        telling=tuple(sorted(word for word in spelt if len(word) >= _SHORTEST_TELLING)),
    )


def _list_choices(words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The words with each choice they leave: "wenn (es|er) nicht passt" is two phrases."""
    for written, english in words.items():
        waiting = [written]
        while waiting:
            word = waiting.pop()
            choice = _CHOICE.search(word)
            if choice is None:
                yield " ".join(word.split()), english
                continue
            waiting += [
                word[: choice.start()] + each + word[choice.end() :] for each in choice.group(1).split("|")
            ]


def find_word(english: str, *, language: str) -> str:
    """The language's noun or adjective for an English one, as it is written; empty where it has none."""
    return _index_english(language).get(english, "")


def has_quality_shape(name: str, *, language: str) -> bool:
    """Whether an attribute of this name is something that goods are, and not something that they have."""
    rules = load_catalogue(language).rules
    words = name.lower().replace("_", " ").split()
    # "Lavable au lave-vaisselle" has its adjective in front, "spülmaschinenfest" and "nicht klappbar" behind.
    told = words[:1] if rules.adjectives == "after" else words[-1:]
    known = index_words(language).exact.get(told[0]) if told else None
    shaped = bool(told) and told[0].endswith(rules.quality_endings)
    return known.tag == "adjective" if known else shaped


@lru_cache(maxsize=8)
def _index_english(language: str) -> Mapping[str, str]:
    catalogue = load_catalogue(language)
    found: dict[str, str] = {}
    for word, english in _list_choices(catalogue.nouns):
        written = word[:1].upper() + word[1:] if catalogue.rules.capital_nouns else word
        for meaning in english.split("/"):
            found.setdefault(meaning, written)
    for word, english in _list_choices(catalogue.adjectives):
        found.setdefault(english, word)
    for word, english in catalogue.goods.items():
        # Written as the words of a message are told apart: "cerf - volant", "huile d' olive".
        shown = word.replace(" - ", "-").replace("' ", "'")
        written = shown[:1].upper() + shown[1:] if catalogue.rules.capital_nouns else shown
        for meaning in english.split("/"):
            found.setdefault(meaning, written)
    return found


@lru_cache(maxsize=65536)
def get_plain(word: str) -> str:
    """Answers the word without its accents: "cuánto" is "cuanto"."""
    return "".join(mark for mark in unicodedata.normalize("NFD", word) if not unicodedata.combining(mark))
