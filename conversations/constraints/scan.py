"""A message prepared for reading: its words, amounts, cues and the shop's terms in it."""

from functools import lru_cache
from itertools import pairwise

import msgspec

from conversations.constraints.slice import Ledger
from conversations.language.amounts import Amount, list_amounts
from conversations.language.colors import Palette, build_palette, find_color
from conversations.language.cue import Cues, find_cues
from conversations.language.lexicon import Lexicon, Spot, Term, build_lexicon, list_spots
from conversations.language.pointing import find_determiner, is_pointing
from conversations.language.tokens import Token, list_tokens
from conversations.language.tongue import Tongue
from conversations.language.vocabulary import Vocabulary

_LONGEST_COLOR = 3
SENTENCE_ENDS = frozenset({".", "!", "?", ";"})


class Scan(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Everything the readers look at, worked out once."""

    text: str
    tokens: tuple[Token, ...]
    amounts: tuple[Amount, ...]
    cues: Cues
    spots: tuple[Spot, ...]
    """The shop's terms and the colours, left to right, without overlap."""
    ledger: Ledger
    vocabulary: Vocabulary
    lexicon: Lexicon
    palette: Palette
    tongue: Tongue
    currency: str
    pointed: frozenset[int]
    """Tokens inside phrases that point at something known, whose words are no terms of a search."""

    def has_word(self, kind: str, *, first: int, after: int) -> bool:
        """True where a cue of the kind lies within the tokens."""
        return any(cue.first >= first and cue.after <= after for cue in self.cues.list_of(kind))

    def find_word(self, at: int) -> str:
        """The word at that place; empty before the first and behind the last."""
        return self.tokens[at].word if 0 <= at < len(self.tokens) else ""

    def list_sentences(self) -> list[tuple[int, int]]:
        """The first token of each sentence and the one behind its last."""
        ends = [at + 1 for at, token in enumerate(self.tokens) if token.word in SENTENCE_ENDS]
        bounds = sorted({0, *ends, len(self.tokens)})
        return list(pairwise(bounds))

    def ends_sentence(self, *, first: int, after: int) -> bool:
        """True where a sentence ends before the last of the tokens."""
        return any(self.tokens[index].word in SENTENCE_ENDS for index in range(first, after - 1))

    def list_carts(self) -> set[int]:
        """As in "the lighter one, in my basket": where goods are to go, and no basket that is sought."""
        grammar = self.tongue.grammar
        return {
            at
            for at in range(2, len(self.tokens))
            if self.tokens[at].word in grammar.bags
            and self.tokens[at - 1].word in grammar.definite | grammar.possessives
            and self.tokens[at - 2].word in grammar.inside | grammar.towards
        }

    def get_text(self, *, first: int, after: int) -> str:
        """The shopper's own words between two token indexes."""
        return self.text[self.tokens[first].start : self.tokens[after - 1].end]


def scan_message(
    *, text: str, ledger: Ledger, vocabulary: Vocabulary, currency: str, tongue: Tongue, pointing: bool
) -> Scan:
    """Answers the message prepared. With `pointing`, words of pointing phrases stay out of the search."""
    tokens = list_tokens(text, language=tongue.stemmer)
    lexicon = build_lexicon(vocabulary, tongue)
    palette = build_palette(tongue)
    spots = _with_colors(tokens, list_spots(tokens, lexicon, tongue), vocabulary, palette)
    pointed = _list_pointed(tokens, spots, tongue) if pointing else frozenset()
    return Scan(
        text=text,
        tokens=tokens,
        amounts=list_amounts(tokens, tongue, currency=currency),
        cues=find_cues(tokens, tongue),
        spots=spots,
        ledger=ledger,
        vocabulary=vocabulary,
        lexicon=lexicon,
        palette=palette,
        tongue=tongue,
        currency=currency,
        pointed=pointed,
    )


def _with_colors(
    tokens: tuple[Token, ...], spots: tuple[Spot, ...], vocabulary: Vocabulary, palette: Palette
) -> tuple[Spot, ...]:
    """Adds the colours that language knows, where no longer name of the shop covers them."""
    if not vocabulary.colors:
        return spots
    named = _list_color_words(vocabulary.colors)
    nouns = {
        index
        for spot in spots
        if any(term.field == "category" for term in spot.terms)
        for index in range(spot.first, spot.after)
    }
    colors: list[Spot] = []
    at = 0
    while at < len(tokens):
        color = _find_color_spot(tokens, at, palette, named, nouns)
        at = color.after if color else at + 1
        if color:
            colors.append(color)
    kept = [spot for spot in colors if not any(_hides(other, spot) for other in spots)]
    others = [spot for spot in spots if not any(_overlap(spot, color) for color in kept)]
    return tuple(sorted((*kept, *others), key=lambda spot: spot.first))


@lru_cache(maxsize=64)
def _list_color_words(colors: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for color in colors for word in color.lower().replace("/", " ").split())


def _find_color_spot(
    tokens: tuple[Token, ...], at: int, palette: Palette, named: frozenset[str], nouns: set[int]
) -> Spot | None:
    """The longest colour from the token on; a "pink rose" of a shop for roses is a pink one, and so is what a "red wine
    rack" of one for wine racks is.
    """
    if tokens[at].word not in palette.openers and tokens[at].word != "-":
        return None
    end, most = at, min(at + _LONGEST_COLOR, len(tokens))
    while end < most and (tokens[end].word == "-" or tokens[end].word.isalpha()):
        end += 1
    for after in range(end, at, -1):
        if after > at + 1 and after - 1 in nouns:
            continue
        words = [token.word for token in tokens[at:after] if token.word != "-"]
        color = find_color(" ".join(words), palette) if words else None
        # A shade ("mint", "wine") is a colour only where the shop uses the word as one, a family always is.
        if color and (
            (color.base in palette.families and color.base in color.families) or set(words) & named
        ):
            spelt = " ".join(words) if set(words) <= named else color.name
            return Spot(first=at, after=after, terms=(Term(field="color", value=spelt),))
    return None


def _hides(spot: Spot, color: Spot) -> bool:
    fields = {term.field for term in spot.terms}
    longer = spot.first <= color.first and spot.after >= color.after and "color" not in fields
    return longer and not spot.misspelt


def _overlap(one: Spot, other: Spot) -> bool:
    return one.first < other.after and other.first < one.after


def _is_chosen_from(tokens: tuple[Token, ...], opened: int, spot: Spot, tongue: Tongue) -> bool:
    """As in "are any of these waterproof?": the quality is asked for, the set alone is pointed at."""
    grammar = tongue.grammar
    before = [token.word for token in tokens[max(0, opened - 2) : opened]]
    chosen = len(before) == 2 and before[0] in grammar.choosing and before[1] in grammar.part_of
    return chosen and not any(term.field == "category" for term in spot.terms)


def _list_pointed(tokens: tuple[Token, ...], spots: tuple[Spot, ...], tongue: Tongue) -> frozenset[int]:
    modifiers = frozenset(index for spot in spots for index in range(spot.first, spot.after))
    pointed: set[int] = set()
    for spot in spots:
        opened = find_determiner(tokens, spot.first, modifiers=modifiers, tongue=tongue)
        if opened is None or _is_chosen_from(tokens, opened, spot, tongue):
            continue
        if is_pointing(tokens[opened].word, tongue):
            pointed.update(range(opened, spot.after))
    return frozenset(pointed)
