"""The goods that a message asks for by a noun of its own: "do you have any sleeping bags?", "rain trousers"."""

import msgspec

from conversations.language.order import find_order
from conversations.language.tokens import list_tokens
from conversations.language.tongue import word_set
from conversations.language.tongues import get_tongue

_MOST_WORDS = 4
_TONGUE = get_tongue("en")
_GRAMMAR = _TONGUE.grammar
_OPENING = _GRAMMAR.indefinite | word_set(
    "and also then ok okay so now please hi hello hey about how maybe plus well yes no"
)
"""What may stand before goods that are all of the message."""
_ASKING = (_GRAMMAR.searching | _GRAMMAR.wishing | {"there", "get"}) - {"something", "anything"}
_DENYING = _GRAMMAR.negated | _GRAMMAR.denying | {"not", "nothing", "never", "without"}
_BEHIND_ASKING = _OPENING | _ASKING | word_set("me us for to buy get got good nice new really today")
_ANY_GOODS = _GRAMMAR.something | {"something", "anything", "more", "other", "else", "what", "which"}
_BEHIND_GOODS = word_set("under below above over around between within without instead except")
_FOLLOWED_BY_VERB = _GRAMMAR.copulas | _GRAMMAR.auxiliaries | {"has", "have", "to"}
_SHAPED = (*_TONGUE.adjective_endings, "y", "ish", "ly")
_SHORTEST_SHAPED = 5
_SHORTEST_ORDINARY = 4


class AskedGoods(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the goods, their noun last."""

    words: tuple[str, ...]

    @property
    def noun(self) -> str:
        """What the things are; the words before it say which of them."""
        return self.words[-1]

    @property
    def text(self) -> str:
        """All of the words."""
        return " ".join(self.words)


def find_asked_goods(said: str) -> AskedGoods | None:
    """The goods, where asking for them is what the message opens with; None for "something warm" and for names."""
    tokens = list_tokens(said)
    first = next((at for at, each in enumerate(tokens) if each.word not in _TONGUE.stopwords), len(tokens))
    while first < len(tokens) and not tokens[first].is_word:
        before = first
        first = next(
            (at for at in range(before + 1, len(tokens)) if tokens[at].word not in _TONGUE.stopwords),
            len(tokens),
        )
    after = first
    while after < len(tokens) and tokens[after].word.isalpha() and _names_goods(tokens[after].word):
        after += 1
    ahead = [token.word for token in tokens[:first] if token.is_word]
    follows = tokens[after].word if after < len(tokens) else ""
    if not 0 < after - first <= _MOST_WORDS or not _asks(ahead) or follows in _FOLLOWED_BY_VERB:
        return None
    named = tokens[first:after]
    # A number or an order among them says which is meant; a capital within a sentence makes a name.
    ranked = any(find_order(tokens, at, _TONGUE) for at in range(first, after)) or follows.isdecimal()
    capital = any(
        said[token.start].isupper() for token in named if token.start > len(said) - len(said.lstrip())
    )
    possessive = any(token.possessive for token in named)
    return None if ranked or capital or possessive else AskedGoods(words=tuple(token.word for token in named))


def is_noun_like(word: str) -> bool:
    """Whether the word may say what goods are, and is no quality and no word of any talk."""
    shaped = len(word) >= _SHORTEST_SHAPED and word.endswith(_SHAPED)
    plain = len(word) >= _SHORTEST_ORDINARY and word in _TONGUE.ordinary
    return not (shaped or plain or word in _TONGUE.adjectives)


def _names_goods(word: str) -> bool:
    return word not in _TONGUE.stopwords | _GRAMMAR.verbs | _BEHIND_GOODS


def _asks(ahead: list[str]) -> bool:
    """Whether what stands before the noun asks for goods, or the noun opens the message."""
    if (ahead and ahead[-1] in _ANY_GOODS) or _DENYING & set(ahead):
        return False
    asking = next((at for at, word in enumerate(ahead) if word in _ASKING), None)
    if asking is None:
        return set(ahead) <= _OPENING
    return set(ahead[asking:]) <= _BEHIND_ASKING
