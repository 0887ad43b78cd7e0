"""What words can pick an item out by."""

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from commerce_agent.decoding import build_msgpack_decoder
from conversations.events.entities import Entity
from conversations.ids import EntityRef
from conversations.language.colors import Color, build_palette, list_colors
from conversations.language.shop_language import find_color_in_english
from conversations.language.tokens import get_key, list_codes, list_stems, list_tokens
from conversations.language.tongue import Tongue
from conversations.language.vocabulary import YES

_encode = msgspec.msgpack.Encoder().encode
_decoder = build_msgpack_decoder(Entity)
_MOST = 8192
_indexed: dict[int, tuple[Entity, Tongue, "Features"]] = {}
"""Items by what object they are: one that a state goes on holding is known again without a look at what is in it."""
_YES = YES | {"1"}


class Features(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """An item, indexed by the keys of its values, of their words and of its name."""

    ref: EntityRef
    group: str
    colors: tuple[Color, ...]
    categories: frozenset[str]
    """Keys of its categories, and of the last word of each: "running shoes" is also "shoes"."""
    values: dict[str, str]
    """The key of each attribute value, with its field."""
    worn: frozenset[str]
    """The keys of its colours, as the shop writes them."""
    words: frozenset[str]
    """The stems of all words in its values and its name."""
    name: tuple[str, ...]
    name_key: str
    name_words: frozenset[str]
    common: frozenset[str]
    """Words of its kinds, colours, maker and other values: in a name they tell nothing."""
    measures: dict[str, float]
    shown: dict[str, str]
    """One text a field, to tell items apart by."""


def list_features(entities: Iterable[Entity], tongue: Tongue) -> tuple[Features, ...]:
    """Answers the index of each item; equal items are indexed once."""
    return tuple([_find(entity, tongue) for entity in entities])


def _find(entity: Entity, tongue: Tongue) -> Features:
    known = _indexed.get(id(entity))
    if known is not None and known[0] is entity and known[1] is tongue:
        return known[2]
    features = _build(_encode(entity), tongue)
    if len(_indexed) >= _MOST:
        _indexed.clear()
    # The item is held with its index, so that no other object gets its number meanwhile.
    _indexed[id(entity)] = entity, tongue, features
    return features


@lru_cache(maxsize=_MOST)
def _build(encoded: bytes, tongue: Tongue) -> Features:
    entity = _decoder.decode(encoded)
    palette = build_palette(tongue)
    values: dict[str, str] = {}
    words: set[str] = set()
    colors: list[Color] = []
    for field, texts in entity.attributes.items():
        for text in texts:
            if text.lower() in _YES:
                text = field.replace("_", " ")
            values.setdefault(get_key(text, language=tongue.stemmer), field)
            words.update(list_stems(text, language=tongue.stemmer))
            if field == "color":
                colors.extend(list_colors(text, palette) or list_colors(find_color_in_english(text), palette))
            words.update(list_codes(text))
    words.update(list_codes(entity.name))
    name = list_stems(entity.name, language=tongue.stemmer)
    categories = _list_category_keys(entity, tongue)
    told = {key for key, field in values.items() if field != "name"}
    return Features(
        ref=entity.ref,
        group=entity.group,
        colors=tuple(dict.fromkeys(colors)),
        categories=categories,
        values=values,
        worn=frozenset(key for key, field in values.items() if field == "color"),
        words=frozenset(words | set(name)),
        name=name,
        name_key=get_key(entity.name, language=tongue.stemmer),
        name_words=frozenset(name),
        common=categories.union(
            told,
            (word for color in colors for word in color.name.split()),
            _list_kind_words(entity, tongue),
            _list_plain_words(entity.name, tongue),
        ),
        measures=entity.measures,
        shown={field: " / ".join(texts) for field, texts in entity.attributes.items()},
    )


def _list_kind_words(entity: Entity, tongue: Tongue) -> set[str]:
    """The words of its kinds, and of what it is told by: "three seats" names no sofa."""
    told = (name.replace("_", " ") for name in (*entity.attributes, *entity.measures))
    texts = (*entity.attributes.get("category", ()), *told)
    return {stem for text in texts for stem in list_stems(text, language=tongue.stemmer)}


def _list_plain_words(name: str, tongue: Tongue) -> set[str]:
    """The words in small letters of a name that has capitals: "dry food" of the "Barkwell dry food" is no name."""
    if name.islower():
        return set()
    tokens = list_tokens(name, language=tongue.stemmer)
    return {token.stem for token in tokens if name[token.start].islower()}


def _list_category_keys(entity: Entity, tongue: Tongue) -> frozenset[str]:
    keys: set[str] = set()
    for text in entity.attributes.get("category", ()):
        stems = list_stems(text, language=tongue.stemmer)
        for first in range(len(stems)):
            keys.add("".join(stems[first:]))
    return frozenset(keys)
