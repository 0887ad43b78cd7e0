"""What a language calls the shop's own words for kinds of goods, colours, materials and other values.

A shop writes its catalogue in one language. Common retail words of it are said in the shopper's; everything else stays
as the shop wrote it.
"""

import re

from commerce_agent.agent.phrases import PhraseBook
from conversations.language.catalogue import GLOSSED, find_word, has_quality_shape, load_catalogue
from conversations.language.glossing import detect_language

_DECIMAL = re.compile(r"(?<![\w.])(\d+)\.(\d+)(?![\w.])")
_WORD = re.compile(r"[^\W\d_]+")
_JOINTS = re.compile(r"( ?/ ?|, )")
_SHORTEST_TOLD = 4
"""Words from which on the language of a text is clear."""


def name_goods(kind: str, *, book: PhraseBook) -> str:
    """A kind of goods: "Running Shoes" is "Laufschuhe"."""
    if book.language == "en":
        return kind
    named = book.names.get("goods", {}).get(kind.lower()) or find_word(kind.lower(), language=book.language)
    named = named or _name_shelf(kind, book=book)
    return named or (kind if _writes_capitals(book) else kind.lower())


def _name_shelf(kind: str, *, book: PhraseBook) -> str:
    """As in "Lanterns & Clip Lights": each half by its own name; empty where one has none."""
    names, parts = book.names.get("goods", {}), kind.lower().split(" & ")
    named = [names.get(part) or find_word(part, language=book.language) for part in parts]
    return book.join(named) if len(parts) > 1 and all(named) else ""


def name_query(query: str, *, book: PhraseBook) -> str:
    """The words of a search, which are kept in English, in the shopper's language as far as it has them."""
    if book.language == "en" or not query:
        return query
    whole = name_goods(query, book=book)
    if whole != query:
        return whole
    words = [find_word(word.lower(), language=book.language) or word for word in query.split()]
    if book.language not in GLOSSED or load_catalogue(book.language).rules.adjectives != "after":
        return " ".join(words)
    # "Laser printer" is an "imprimante laser": what the goods are stands before what is said of them.
    catalogue = load_catalogue(book.language)
    nouns = [word for word in words if word.lower() in catalogue.nouns or word.lower() in catalogue.goods]
    return " ".join((*reversed(nouns), *(word for word in words if word not in nouns)))


def name_color(color: str, *, book: PhraseBook) -> str:
    """A colour, as the language writes it; the shop's own word in small letters."""
    return _name_parts(color, kind="color", book=book) or (
        color[:1].upper() + color[1:] if _writes_capitals(book) else color.lower()
    )


def find_color(color: str, *, book: PhraseBook) -> str:
    """A colour, as the language writes it; empty for a word that is not known for one."""
    own = (name for name in book.names.get("color", {}).values() if name.lower() == color.lower())
    return _name_parts(color, kind="color", book=book) or next(own, "")


def name_material(material: str, *, book: PhraseBook) -> str:
    """A material, as the language writes it; one that it has no word for as the shop does."""
    named = _name_parts(material, kind="material", book=book) or _name_parts(
        material, kind="color", book=book
    )
    return named or (material if _writes_capitals(book) else material.lower())


def name_value(value: str, *, book: PhraseBook) -> str:
    """A value of an attribute: "women", "2 people", "1.68 kg"."""
    if book.language == "en":
        return book.name(value, kind="value")
    for kind in ("value", "material", "color"):
        named = _name_parts(value, kind=kind, book=book)
        if named:
            return named
    if not any(letter.isdigit() for letter in value):
        return value
    local = _DECIMAL.sub(r"\1,\2", value)
    return _WORD.sub(lambda word: book.name(word.group(), kind="value"), local)


def name_field(name: str, *, book: PhraseBook) -> str:
    """What an attribute is called."""
    named = book.name(name, kind="field")
    own = _writes_capitals(book) and not has_quality_shape(name, language=book.language)
    return named[:1].upper() + named[1:] if own and named == name.replace("_", " ") else named


def name_policy(name: str, *, title: str, book: PhraseBook) -> str:
    """A policy: by the language's own word for it, else by the shop's title."""
    named = book.name(name, kind="policy")
    return title if title and named == name.replace("_", " ") else named


def _writes_capitals(book: PhraseBook) -> bool:
    """Whether nouns have a capital letter in the language."""
    return book.language != "en" and load_catalogue(book.language).rules.capital_nouns


def is_foreign(text: str, *, book: PhraseBook) -> bool:
    """Whether the shop wrote a text in another language than the reply is in, so that it is quoted."""
    if len(text.split()) < _SHORTEST_TOLD:
        return False
    return detect_language(text, default=book.language) != book.language


def _name_parts(text: str, *, kind: str, book: PhraseBook) -> str:
    """The words between slashes and commas, each by its name; empty where none has one."""
    names = book.names.get(kind, {})
    parts = _JOINTS.split(text.replace("_", " "))
    if not any(part.lower() in names for part in parts):
        return ""
    return "".join(names.get(part.lower(), part) for part in parts)


def write_small(name: str) -> str:
    """As a sentence writes it: "Wall Mounts" are wall mounts, but "TVs" are TVs."""
    return " ".join(word if word[1:].lower() != word[1:] else word.lower() for word in name.split())
