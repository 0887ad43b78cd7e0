"""Which items a phrase fits, and how well."""

from collections.abc import Sequence
from functools import lru_cache

from conversations.language.colors import Color, get_fit
from conversations.language.lexicon import Lexicon
from conversations.language.thesaurus import does_cover, get_same
from conversations.language.tokens import get_key
from conversations.references.features import Features
from conversations.references.mentions import Mention
from conversations.references.spans import Known, Span

_EXACT_COLORS = 3
_MANY = "multicolored"
_NAMED = 4


def list_fitting(
    items: Sequence[Features], mention: Mention, known: Known, *, loose: bool = False
) -> tuple[Features, ...]:
    """Answers the items that have everything the phrase says, of those the ones that it fits best.

    With `loose`, the noun may be another one than the shop's: "the red shirt" for a red blouse.
    """
    colors = [want for want in mention.wants if want.kind == "color"]
    others = [want for want in mention.wants if want.kind != "color"]
    name = "".join([want.key for want in mention.wants]) if len(mention.wants) > 1 else None
    best, fitting = 0, list[Features]()
    scored: dict[int, int | None] = {}
    for item in items:
        score = _score_colors_once(item, colors, scored) if colors else 0
        if score is None:
            continue
        rest = _score_others(item, others, known, loose=loose) if others else 0
        if rest is None or (others and not mention.standin and _is_for(item, others[-1], known)):
            continue
        # "The Rime sleeping bag" is what is called so, beside another sleeping bag of Rime's.
        score += rest + (_NAMED if name is not None and name == item.name_key else 0)
        if score > best:
            best, fitting = score, [item]
        elif score == best:
            fitting.append(item)
    return tuple(fitting)


def _score_others(item: Features, wants: Sequence[Span], known: Known, *, loose: bool) -> int | None:
    """How well the item has all that is no colour; None where it is something else."""
    total = 0
    for want in wants:
        score = _score_want(item, want, known)
        if score is not None:
            total += score
        elif not (loose and want.kind == "category" and are_alike(want.key, item.categories, known)):
            return None
    return total


def _is_for(item: Features, noun: Span, known: Known) -> bool:
    """As in "the desk" of a desk lamp, in a shop that has desks: it goes with such goods, and is none."""
    if noun.kind != "category" or noun.key not in item.purposes or noun.key in item.categories:
        return False
    terms = known.lexicon.terms.get(noun.key, ())
    # "Desks" are counted; "coffee" is as well what coffee beans are.
    return any(term.field == "category" and str(term.value).lower().endswith("s") for term in terms)


def _score_colors_once(item: Features, wants: Sequence[Span], scored: dict[int, int | None]) -> int | None:
    """The same of one item after another, of those that share their traits once."""
    if not item.colors:
        return _score_colors(item, wants)
    traits = id(item.traits)
    if traits not in scored:
        scored[traits] = _score_colors(item, wants)
    return scored[traits]


def _score_colors(item: Features, wants: Sequence[Span]) -> int | None:
    """How well the item has the colours; None where it has another."""
    if not item.colors:
        return 1 if all(want.key in item.values or want.key in item.words for want in wants) else None
    if len(wants) > len(item.colors):
        return None
    fits = [_score_color(item.colors, want.color) for want in wants]
    if 0 in fits:
        return None
    return min(fits) * 2 + (_EXACT_COLORS if len(wants) == len(item.colors) else 0)


def _score_color(colors: tuple[Color, ...], asked: Color | None) -> int:
    if asked is None:
        return 0
    if asked.base == _MANY and len(colors) > 1:
        return 1
    if len(colors) == 1:
        return get_fit(asked=asked, has=colors[0])
    return max([get_fit(asked=asked, has=has) for has in colors])


def is_in_order(item: Features, wants: Sequence[Span]) -> bool:
    """True where the colours are named as the shop names them: "black and white" is black first of all."""
    named = [want.color.base for want in wants if want.color]
    return len(named) > 1 and named == [color.base for color in item.colors[: len(named)]]


def _score_want(item: Features, want: Span, known: Known) -> int | None:
    if want.kind == "category":
        score = _score_category(item, want.key, known)
        return score if score is not None else _score_word(item, want)
    if want.key in item.values:
        return 2
    return _score_word(item, want)


def _score_category(item: Features, key: str, known: Known) -> int | None:
    if key in item.categories:
        return 2
    if not _is_kind(key, known.lexicon) and get_same(key, known.thesaurus) & item.categories:
        return 2
    if any(does_cover(wide=key, narrow=has, thesaurus=known.thesaurus) for has in item.categories):
        return 1
    return 2 if item.categories & _list_compounds(key, known.lexicon, known.tongue.stemmer) else None


@lru_cache(maxsize=4096)
def _is_kind(key: str, lexicon: Lexicon) -> bool:
    """Whether the shop calls a kind so: its suitcases are then meant, and not all that is luggage."""
    return any(term.field == "category" for term in lexicon.terms.get(key, ()))


@lru_cache(maxsize=4096)
def _list_compounds(key: str, lexicon: Lexicon, stemmer: str) -> frozenset[str]:
    """As in "die Leuchte" of a shop that has "Stehleuchten": the kinds whose name, written as one word, ends so."""
    terms = lexicon.terms.get(key, ())
    keys = {get_key(term.value, language=stemmer) for term in terms if term.field == "category"}
    return frozenset(name for name in keys if name != key and name.endswith(key))


def are_alike(key: str, categories: frozenset[str], known: Known) -> bool:
    """True where shoppers take the one for the other: a shirt for a blouse, but not a hammer for a boot."""
    same = get_same(key, known.thesaurus)
    alike = (near for near in known.thesaurus.near if same & near)
    return any(near & categories for near in alike)


def _score_word(item: Features, want: Span) -> int | None:
    return 1 if want.key in item.words or (want.key and want.key == item.name_key) else None
