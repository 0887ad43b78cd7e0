"""The stretches of a message that name what goods are like."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import chain
from operator import attrgetter
from typing import Literal

import msgspec

from conversations.language.colors import Color, Palette, build_palette, find_color
from conversations.language.lexicon import Lexicon
from conversations.language.spelling import find_meant
from conversations.language.thesaurus import Thesaurus, build_thesaurus, get_same
from conversations.language.tokens import JOINTS, Token, find_code, get_key, is_part_of_name, list_stems
from conversations.language.tongue import Tongue
from conversations.references.features import Features, Traits

SpanKind = Literal["color", "category", "value", "word"]
_LONGEST = 5
_get_traits, _get_name, _get_codes = attrgetter("traits"), attrgetter("name"), attrgetter("codes")


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A word or a few that say what goods are like."""

    kind: SpanKind
    key: str
    first: int
    after: int
    color: Color | None = None
    misspelt: bool = False


class Known:
    """The words that mean something here: of the items the conversation knows, and of the shop."""

    def __init__(self, features: Sequence[Features], *, lexicon: Lexicon, tongue: Tongue) -> None:
        self._features = features
        # Many items share their traits, which are looked through once.
        self._traits = tuple(dict.fromkeys(map(_get_traits, features)))
        self.lexicon = lexicon
        self.tongue = tongue
        self.palette: Palette = build_palette(tongue)
        self.thesaurus: Thesaurus = build_thesaurus(tongue)
        self.values, self.categories = _gather(self._traits)
        self.nouns = _list_nouns(lexicon, tongue)
        """What general language calls the goods that this shop has, and the wider names for them."""

    @cached_property
    def names(self) -> frozenset[str]:
        """The words of the items' names."""
        return frozenset(chain.from_iterable(map(_get_name, self._features)))

    @cached_property
    def words(self) -> frozenset[str]:
        """All words of the items: of their names, their model numbers and what they are like."""
        told = [each.words for each in self._traits]
        return self.names.union(*told, *filter(None, map(_get_codes, self._features)))

    @cached_property
    def heads(self) -> frozenset[str]:
        """The last word of each item's name, which says what it is."""
        return frozenset([one.name[-1] for one in self._features if one.name])

    @cached_property
    def measures(self) -> tuple[tuple[tuple[str, ...], str], ...]:
        """The stems of the names of the items' measures, each with its name."""
        names = dict.fromkeys(chain.from_iterable([each.measures for each in self._traits]))
        stemmer = self.tongue.stemmer
        return tuple((list_stems(name.replace("_", " "), language=stemmer), name) for name in names)

    @cached_property
    def worn(self) -> frozenset[str]:
        """The colours that the items have, as the shop writes them."""
        return frozenset(chain.from_iterable([each.worn for each in self._traits]))


@lru_cache(maxsize=256)
def _gather(traits: tuple[Traits, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The keys of all values, and of all categories: much the same goods are at hand from turn to turn."""
    values = frozenset(chain.from_iterable([each.values for each in traits]))
    return values, frozenset(chain.from_iterable([each.categories for each in traits]))


@lru_cache(maxsize=64)
def _list_nouns(lexicon: Lexicon, tongue: Tongue) -> frozenset[str]:
    """In a shop for clothes a table is no goods but a place; where the shop's goods are not known, all nouns
    count.
    """
    thesaurus = build_thesaurus(tongue)
    sold = {key for key, terms in lexicon.terms.items() if any(term.field == "category" for term in terms)}
    if not sold:
        return frozenset(thesaurus.same) | frozenset(thesaurus.covered)
    nouns = {same for key in sold for same in get_same(key, thesaurus)}
    nouns |= {wide for wide, covered in thesaurus.covered.items() if covered & nouns}
    return frozenset(nouns)


def map_spans(tokens: Sequence[Token], known: Known) -> dict[int, Span]:
    """Answers the span that starts at each token, the longest one, without overlap."""
    spans: dict[int, Span] = {}
    at = 0
    while at < len(tokens):
        here = tokens[at].is_word and not _is_place(tokens, at, known.tongue)
        span = _find_span(tokens, at, known) if here else None
        at = span.after if span else at + 1
        if span:
            spans[span.first] = span
    return spans


def _is_place(tokens: Sequence[Token], at: int, tongue: Tongue) -> bool:
    """As in "On the top", "at the bottom left": no clothes, but a place."""
    grammar = tongue.grammar
    if tokens[at].word not in grammar.places:
        return False
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    before = [token.word for token in tokens[max(0, at - 2) : at]]
    opened = (
        len(before) == 2
        and before[0] in grammar.place_openers | grammar.part_of
        and before[1] in grammar.pointing
    )
    direct = bool(before) and before[-1] in grammar.place_openers - {"by"}
    return opened or direct or following in grammar.places or following in grammar.place_joints


def _find_span(tokens: Sequence[Token], at: int, known: Known) -> Span | None:
    code = find_code(tokens, at)
    if code and code[0] in known.words:
        return Span(kind="word", key=code[0], first=at, after=code[1])
    color = _find_color(tokens, at, known)
    named = _find_formed(tokens[at], at, known) or _find_named(tokens, at, known)
    if color and (named is None or color.after >= named.after) and not _is_called_so(color, known):
        return color
    if named:
        return named
    token = tokens[at]
    if token.word.isdecimal():
        return (
            Span(kind="word", key=token.stem, first=at, after=at + 1)
            if _is_named(tokens, at, known)
            else None
        )
    if is_part_of_name(tokens, at) and token.stem in known.names:
        return Span(kind="word", key=token.stem, first=at, after=at + 2)
    if token.word in known.tongue.stopwords or token.word in known.tongue.ordinals:
        return None
    if token.stem in known.words:
        return Span(kind="word", key=token.stem, first=at, after=at + 1)
    return _find_misspelt(token, at, known)


def _is_named(tokens: Sequence[Token], at: int, known: Known) -> bool:
    """As in "the SlimBook 16", "the 500 one": a number that stands in a name, and counts nothing."""
    joined = at > 0 and tokens[at - 1].end == tokens[at].start and tokens[at - 1].is_word
    if joined and tokens[at].stem in known.words:
        return True
    if tokens[at].stem not in known.names:
        return False
    before = tokens[at - 1].stem if at else ""
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    return len(tokens[at].word) > 1 or before in known.names or following in known.tongue.units


def _is_called_so(span: Span, known: Known) -> bool:
    """As in "The Fern guitar", "the yellow rose": a shade that no goods here have, but that names some."""
    color = span.color
    shade = color is not None and color.base not in color.families and span.after == span.first + 1
    worn = span.key in known.worn or any(
        term.field == "color" for term in known.lexicon.terms.get(span.key, ())
    )
    return shade and not worn and (span.key in known.words or span.key in known.categories)


def _find_formed(token: Token, at: int, known: Known) -> Span | None:
    """As in "wooden" for what is made of wood."""
    noun = known.tongue.forms.get(token.word)
    key = get_key(noun, language=known.tongue.stemmer) if noun else ""
    if not key or not (key in known.words or _find_kind(key, known)):
        return None
    return Span(kind=_find_kind(key, known) or "word", key=key, first=at, after=at + 1)


def _find_color(tokens: Sequence[Token], at: int, known: Known) -> Span | None:
    if tokens[at].word not in known.palette.openers:
        return None
    end, most = at, min(at + 3, len(tokens))
    while end < most and (tokens[end].word == "-" or tokens[end].word.isalpha()):
        end += 1
    for after in range(end, at, -1):
        words = [token.word for token in tokens[at:after] if token.word != "-"]
        if after > at + 1 and _find_kind(tokens[after - 1].stem, known) == "category":
            continue  # "The pink rose" of a shop for roses.
        color = find_color(" ".join(words), known.palette)
        if color:
            return Span(
                kind="color",
                key="".join(t.stem for t in tokens[at:after]),
                first=at,
                after=after,
                color=color,
            )
    return None


def _find_named(tokens: Sequence[Token], at: int, known: Known) -> Span | None:
    key, found = "", None
    if tokens[at].word in JOINTS:
        return None
    for after in range(at, min(at + _LONGEST, len(tokens))):
        token = tokens[after]
        if token.word in JOINTS or token.word in "-'&.":
            continue
        if not token.is_word:
            break
        key += token.stem
        kind = _find_kind(key, known)
        if kind and (after > at or token.word not in known.tongue.stopwords):
            found = Span(kind=kind, key=key, first=at, after=after + 1)
    return found


def _find_kind(key: str, known: Known) -> SpanKind | None:
    if key in known.categories or key in known.nouns:
        return "category"
    terms = known.lexicon.terms.get(key)
    if terms:
        return "category" if terms[0].field == "category" else "value"
    return "value" if key in known.values else None


def _find_misspelt(token: Token, at: int, known: Known) -> Span | None:
    if len(token.word) < 5 or token.stem in known.lexicon.stems or _is_common(token, known.tongue):
        return None
    meant = find_meant(token.stem, tuple(known.words))
    if meant is None:
        return None
    kind = _find_kind(meant, known) or "word"
    return Span(kind=kind, key=meant, first=at, after=at + 1, misspelt=True)


def _is_common(token: Token, tongue: Tongue) -> bool:
    grammar = tongue.grammar
    return (
        token.word in grammar.aspects
        or token.word in tongue.ordinary
        or token.word in grammar.standin_many
        or token.word in tongue.superlatives
        or token.word in tongue.comparatives
        or token.word in grammar.searching
    )
