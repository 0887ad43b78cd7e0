"""What words can pick an item out by."""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from conversations.events.entities import Entity
from conversations.ids import EntityRef
from conversations.language.colors import Color, build_palette, list_colors
from conversations.language.shop_language import find_color_in_english
from conversations.language.tokens import (
    Token,
    find_codes,
    get_key,
    join_stems,
    list_codes,
    list_stems,
    list_tokens,
)
from conversations.language.tongue import Tongue
from conversations.language.vocabulary import YES

_encode = msgspec.msgpack.Encoder().encode
_MOST = 8192
_indexed: dict[Tongue, dict[int, tuple[Entity, "Features"]]] = {}
"""Items by what object they are: one that a state goes on holding is known again without a look at what is in it."""
_built: dict[tuple[bytes, Tongue], "Features"] = {}
"""Items by what is in them: another talk's, or one that was read again, is indexed already."""
_FITS = re.compile(r"(?:is[ _])?(?:compatib\w+|fits?|works?)(?:[ _](?:with|for|in))?", re.IGNORECASE)
"""Attributes that name other goods, which an item goes with."""
_YES = YES | {"1"}


class Features(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """An item, indexed by the keys of its values, of their words and of its name."""

    ref: EntityRef
    group: str
    colors: tuple[Color, ...]
    categories: frozenset[str]
    """Keys of its categories, and of the last word of each: "running shoes" is also "shoes"."""
    purposes: frozenset[str]
    """Stems before the last word of each category: "desk lamps" are for the desk, and are none."""
    values: dict[str, str]
    """The key of each attribute value, with its field."""
    worn: frozenset[str]
    """The keys of its colours, as the shop writes them."""
    words: frozenset[str]
    """The stems of all words in its values and its name."""
    name: tuple[str, ...]
    name_key: str
    name_words: frozenset[str]
    codes: frozenset[str]
    """The model numbers in its name."""
    common: frozenset[str]
    """Words of its kinds, colours, maker and other values: in a name they tell nothing."""
    measures: dict[str, float]
    shown: dict[str, str]
    """One text a field, to tell items apart by."""
    traits: "Traits"
    """What it has in common with other goods."""


def list_features(entities: Sequence[Entity], tongue: Tongue) -> tuple[Features, ...]:
    """Answers the index of each item; equal items are indexed once."""
    indexed = _indexed.setdefault(tongue, {})
    found = map(indexed.get, map(id, entities))
    return tuple(
        [
            known[1] if known is not None and known[0] is entity else _index(entity, tongue, indexed)
            for known, entity in zip(found, entities, strict=True)
        ]
    )


def _index(entity: Entity, tongue: Tongue, indexed: dict[int, tuple[Entity, Features]]) -> Features:
    content = _encode(entity), tongue
    features = _built.get(content)
    if features is None:
        features = _build(entity, tongue)
        if len(_built) >= _MOST:
            _built.clear()
        _built[content] = features
    if len(indexed) >= _MOST:
        indexed.clear()
    # The item is held with its index, so that no other object gets its number meanwhile.
    indexed[id(entity)] = entity, features
    return features


def _build(entity: Entity, tongue: Tongue) -> Features:
    traits = _read_traits(tuple(entity.attributes.items()), tuple(entity.measures), tongue)
    tokens = list_tokens(entity.name, language=tongue.stemmer)
    name = tuple([token.stem for token in tokens if token.is_word])
    name_words = frozenset(name)
    codes = find_codes(tokens)
    plain = _list_plain_words(entity.name, tokens)
    return Features(
        ref=entity.ref,
        group=entity.group,
        colors=traits.colors,
        categories=traits.categories,
        purposes=traits.purposes,
        values=traits.values,
        worn=traits.worn,
        words=traits.words.union(name_words, codes),
        name=name,
        name_key=join_stems(tokens),
        name_words=name_words,
        codes=codes,
        common=traits.common | plain if plain else traits.common,
        measures=entity.measures,
        shown=traits.shown,
        traits=traits,
    )


class Traits(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What an item's attributes say, whatever it is called: the goods of a shop share them, so they are read once."""

    colors: tuple[Color, ...]
    categories: frozenset[str]
    purposes: frozenset[str]
    values: dict[str, str]
    worn: frozenset[str]
    words: frozenset[str]
    common: frozenset[str]
    shown: dict[str, str]
    measures: tuple[str, ...]


@lru_cache(maxsize=_MOST)
def _read_traits(
    attributes: tuple[tuple[str, tuple[str, ...]], ...], measures: tuple[str, ...], tongue: Tongue
) -> Traits:
    palette = build_palette(tongue)
    values: dict[str, str] = {}
    words: set[str] = set()
    colors: list[Color] = []
    for field, texts in attributes:
        for text in texts:
            if text.lower() in _YES:
                text = field.replace("_", " ")
            # What goes with the waxed jacket is no waxed jacket.
            if not _FITS.fullmatch(field):
                values.setdefault(get_key(text, language=tongue.stemmer), field)
                words.update(list_stems(text, language=tongue.stemmer))
            if field == "color":
                colors.extend(list_colors(text, palette) or list_colors(find_color_in_english(text), palette))
            words.update(list_codes(text))
    kinds = dict(attributes).get("category", ())
    categories = _list_category_keys(kinds, tongue)
    return Traits(
        colors=tuple(dict.fromkeys(colors)),
        categories=categories,
        purposes=frozenset(stem for kind in kinds for stem in list_stems(kind, language=tongue.stemmer)[:-1]),
        values=values,
        worn=frozenset(key for key, field in values.items() if field == "color"),
        words=frozenset(words),
        common=categories.union(
            (key for key, field in values.items() if field != "name"),
            (word for color in colors for word in color.name.split()),
            _list_kind_words(kinds, told=(*dict(attributes), *measures), tongue=tongue),
        ),
        shown={field: " / ".join(texts) for field, texts in attributes},
        measures=measures,
    )


def _list_kind_words(kinds: tuple[str, ...], *, told: tuple[str, ...], tongue: Tongue) -> set[str]:
    """The words of its kinds, and of what it is told by: "three seats" names no sofa."""
    texts = (*kinds, *(name.replace("_", " ") for name in told))
    return {stem for text in texts for stem in list_stems(text, language=tongue.stemmer)}


def _list_plain_words(name: str, tokens: Sequence[Token]) -> set[str]:
    """The words in small letters of a name that has capitals: "dry food" of the "Barkwell dry food" is no name."""
    if name.islower():
        return set()
    return {token.stem for token in tokens if name[token.start].islower()}


def _list_category_keys(kinds: tuple[str, ...], tongue: Tongue) -> frozenset[str]:
    keys: set[str] = set()
    for text in kinds:
        stems = list_stems(text, language=tongue.stemmer)
        for first in range(len(stems)):
            keys.add("".join(stems[first:]))
    return frozenset(keys)
