"""What a shopper wants of an order that was placed, and of a promotion code, found by the message in English.

Such a message is about the shopper's own orders and sets no limit for a search: "exchange it for size 10" wishes for
no goods of size 10. It is read before anything else is.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, Literal

import msgspec

from commerce_agent.agent.understanding.english.negated import blank_undone
from commerce_agent.agent.understanding.english.taking import NUMBER
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.moves import MoveKind
from conversations.language.glossing import Gloss
from conversations.language.tongues import get_tongue
from conversations.transcript import Exchange

Last = Literal["told", "asked", "acted", "listed"]
"""What the last reply did: it asked which item is meant, it offered or changed something, it told of orders, or
neither.
"""
MOST_BACK = 3
"""An answer to a question belongs to the request that led to it, so many turns back."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted, and everything that was said about it, the newest last."""

    kind: MoveKind
    read: Gloss
    """All of it, a line a message."""
    code: str = ""


def _compiled(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{alternative})" for alternative in alternatives), re.IGNORECASE)


_NUMBER: Final = r"(?:#\s?[A-Z]{0,4}-?\d{1,10}|[A-Z]{1,4}-\d{1,10}|\d{4,10})"
"""An order by its number alone: `T-2`, `#1001`, `10003`."""
_ORDER: Final = rf"(?:orders?|package|parcel|purchase|delivery|{_NUMBER})"
_WISH: Final = (
    r"(?:\bi(?:'d| would|'ll| will)? ?(?:want|wish|like|need|have|love)?(?: to)?|\bplease|\blet me|\bhelp me"
    r"|\bhow (?:do|can) i|\b(?:can|could|may|should) (?:i|you|we)|\bi'm (?:going to|trying to)|^\W*)"
)
_OWN: Final = (
    rf"(?:\b(?:in|of|from) {_NUMBER}\b|\bmy\b|\bi (?:bought|ordered|got|received|purchased)\b|\border\b"
    r"|\bthat (?:came|arrived)\b)"
)
_CANCELS: Final = (
    r"^\W*(?:(?:please|ok(?:ay)?|no|nah|hm+|sorry|actually|then|and)\b\W*)*"
    r"cancel (?:it|that|this)\b(?:,? (?:please|then|now|after all|instead))*\W*$",
    rf"{_WISH}\s?(?:cancel|call off)(?: (?:it|that|this|them|everything|the (?:whole )?(?:thing|lot)))?"
    r"(?:,? (?:please|then|now|after all|instead))*\W*$",
    r"\bcan (?:i|you|we) (?:still )?cancel\b",
)
"""As in "cancel it", where no order is named."""

_KINDS: Final[tuple[tuple[MoveKind, re.Pattern[str]], ...]] = (
    (
        "cancel_order",
        _compiled(
            rf"\b(?:cancel|call off|stop|undo)\b[^.?!\n]{{0,30}}(?<!\w){_ORDER}\b",
            rf"\b{_ORDER}\b[^.?!\n]{{0,40}}\bcancel+ed\b",
            *_CANCELS,
        ),
    ),
    (
        "change_address",
        _compiled(
            r"\b(?:change|update|correct|fix|wrong|different|another|other|new)\b[^.?!\n]{0,30}\baddress\b",
            rf"\b(?:send|ship|deliver|redirect|forward)\b[^.?!\n]{{0,25}}(?<!\w)(?:it|{_ORDER})\b[^.?!\n]{{0,15}}"
            r"\b(?:to (?:a|an|my|another|the)?\b[^.?!\n]{0,20}\baddress|instead|somewhere else|to \d)",
        ),
    ),
    (
        "exchange_items",
        _compiled(
            rf"{_WISH}\s?(?:exchange|swap)\b(?=[^.?!\n]*(?:{_OWN}|\bfor (?:an?|the)? ?(?:other |different |new |size|"
            r"larger|smaller|bigger|\d)))",
            rf"{_WISH}\s?exchange\b",
        ),
    ),
    (
        "return_items",
        _compiled(
            r"(?:\bi(?:'d| would)? ?(?:want|wish|like|need|have) to|\bi'll|\bplease|\blet me|\bhelp me|\bi'm returning"
            r"|^\W*(?:start|begin|make|request)) ?(?:an? )?"
            r"(?:return|send\b[^.?!\n]{0,25}\bback|give\b[^.?!\n]{0,25}\bback)\b",
            rf"\b(?:return|send back|sending back)\b[^.?!\n]{{0,30}}{_OWN}",
            rf"{_OWN}[^.?!\n]{{0,40}}\b(?:send (?:it|them) back|return (?:it|them)|get a refund)\b",
            r"^\W*(?:(?:ok(?:ay)?|then|so|yes|please|and|just|alright|right|well|fine)\W+)*"
            rf"(?:return|send back) (?:{NUMBER} (?:of )?)?(?:the|it|them|this|that|these|those|both|everything)\b",
        ),
    ),
)
_MAY_I: Final[tuple[tuple[MoveKind, re.Pattern[str]], ...]] = (
    (
        "return_items",
        _compiled(
            r"\bcan (?:i|we) (?:still )?(?:return|send (?:[\w'-]+ ){1,4}back|give (?:[\w'-]+ ){1,4}back)\b"
        ),
    ),
    ("cancel_order", _compiled(r"\bcan (?:i|we|you) (?:still )?cancel\b")),
    ("exchange_items", _compiled(r"\bcan (?:i|we) (?:still )?(?:exchange|swap)\b")),
)
_BARE_CANCEL: Final = _compiled(*_CANCELS)
_NAMES_ORDER: Final = _compiled(rf"(?<!\w){_ORDER}\b")
_TELLS_TO: Final = _compiled(
    r"\W*(?:(?:yes|yeah|ok(?:ay)?|great|good|please|then|right|alright|perfect|cool)\W+)*"
    r"(?:(?:please )?do (?:that|it|so)|let['’]?s do (?:that|it)|go ahead(?: with (?:that|it))?"
    r"|i['’]?d like (?:that|to))"
    r"(?:,? (?:then|please|now))*\W*"
)
_ASKS_POLICY: Final = _compiled(
    r"\b(?:policy|policies)\b",
    r"\bhow (?:long|many days)\b",
    r"\bwhat if\b",
    r"\bis it possible\b",
    r"\bhow (?:does|do) (?:returns?|it) work\b",
)
_CODE: Final = re.compile(
    r"\b(?:(?:promo(?:tion)?|discount|coupon|voucher)? ?code|coupon|voucher)\b"
    r"[\s:,-]*(?:is|:|=)?[\s\"'“]*(?P<after>[A-Za-z0-9][A-Za-z0-9_-]{2,24})"
    r"|\b(?:use|apply|enter|redeem|try)\s+(?!(?:the |my |this )?(?:promo|discount|code|coupon|voucher))"
    r"[\"'“]?(?P<used>[A-Za-z0-9][A-Za-z0-9_-]{3,24})\b"
    r"|\b(?!(?:here|this|that|it|what)\b)(?P<named>(?=[A-Za-z_-]*\d|(?-i:[A-Z_-]+\b))"
    r"[A-Za-z0-9][A-Za-z0-9_-]{2,24})[\"'”]? (?:as|is) (?:a|my|the|our) "
    r"(?:promo(?:tion)? |discount |coupon |voucher )?(?:code|coupon|voucher)\b"
    r"|\b(?P<held>[A-Z]{3,}\d{1,3})\b\W+(?:is )?(?:still )?(?:valid|good|active|usable)\b"
    r"|^\W*(?P<led>[A-Za-z0-9]{5,24})\b\W{0,4}[^.?!]{0,20}\b(?:work|valid|apply|count|combine|stack)\w*\b"
    r"|\b(?:is|are) (?:still )?valid\W+(?P<asked>[A-Za-z0-9][A-Za-z0-9_-]{2,24})\b"
    r"|\b(?:does|do|is|will|would)\s+[\"'“]?(?P<doubted>[A-Za-z0-9][A-Za-z0-9_-]{2,24})[\"'”]?\s+"
    r"(?:still )?(?:count|valid|apply|work|make (?:it|that|this|them)|bring|give me|get me|save)\b",
    re.IGNORECASE,
)
_DROPS_CODE: Final = re.compile(
    r"\b(?:remove|take (?:off|out|away)|drop|delete|undo|forget|without|don'?t (?:use|apply)|stop using)\b"
    r"[^.?!\n]{0,30}?\b(?:codes?|coupons?|vouchers?)\b",
    re.IGNORECASE,
)
_OWN_CODE: Final = re.compile(
    r"\b[Ii](?:'ve| have|'ve got| have got| got)? (?:a )?(?P<code>[A-Z]{3,}\d+|[A-Z]{5,24})\b"
)
"""As in "I have CRIME20": a word in capitals that the shopper has."""
_BARE_CODE: Final = re.compile(
    r"^\W*(?:(?i:and|also|plus|then|or|try|use|take|with|i'?ll (?:use|take)|ok(?:ay)?|it'?s|how about|what about)\W+)*"
    r"(?P<code>[A-Z][A-Z0-9_-]{2,24})\W*(?:(?i:as well|too|also|instead|please|then)\b\W*)*$"
)
"""Nothing but a code: "and FIVER as well"."""
_PLAIN_CODE: Final = re.compile(r"\W*(?P<code>(?P<word>[A-Z]{4,20})(?P<number>\d{1,2}))\W*")
_NAME_PARTS: Final = re.compile(r"[^\W\d_]+|\d+")
_OF_CODES: Final = re.compile(
    r"\b(?:codes?|coupons?|vouchers?|discounts?|promo\w*|gutschein\w*|rabatt\w*|cup[oó]n\w*|descuentos?|remises?|réductions?)\b",
    re.IGNORECASE,
)
_EXCHANGES_IT: Final = re.compile(
    r"\W*(?:(?:please|then|ok(?:ay)?|and|no|so)\W+)*exchange (?:it|them|this|that)(?: one)?\b[^.?!\n]{0,20}\bfor\b",
    re.IGNORECASE,
)
"""As in "exchange it for the soft one": what is talked of, and while goods are in the cart one of those, but for right
after orders were told.
"""
_OTHER_WISH: Final = re.compile(
    r"\b(?:show me|looking for|find me|check ?out|add (?:it|this|that)|how much|in stock|never ?mind|what about)\b",
    re.IGNORECASE,
)


_OTHER_MOVES: Final[frozenset[MoveKind]] = frozenset(
    {
        "call_person", "greet", "help", "identity", "never_mind", "part", "policy", "promotions", "recap", "show_cart",
        "start_over", "thank",
    }
)  # fmt: skip
"""What nobody says to answer a question about an order."""


def find_asked(
    read: Gloss,
    *,
    tail: tuple[Exchange, ...],
    read_before: Callable[[str], Gloss],
    holds_goods: bool = False,
    last: Last = "told",
    names: Sequence[str] = (),
) -> Asked | None:
    """What is wanted of an order or with a code; None for every other message.

    With `holds_goods`, something is in the cart, and a word like "SAVE10" alone is a code, if it is none of the
    `names` of goods and brands.
    Where the `last` reply asked which item is meant, "cancel" is said of that; where it did or offered something, so is
    "do that".
    A message that answers a question about it is read together with what was asked before, which `read_before`
    has in English.
    """
    kind = _find_kind(read.text)
    if kind == "cancel_order" and last == "asked" and _names_no_order(read.text):
        return None
    if kind == "exchange_items" and holds_goods and last != "listed" and _EXCHANGES_IT.match(read.text):
        return None
    if kind is not None:
        return Asked(kind=kind, read=read)
    code = _find_code(read.text) or _find_bare_code(read.text, tail=tail)
    if holds_goods and not code:
        code = _find_plain_code(read.text, names=names)
    if _DROPS_CODE.search(read.text):
        return Asked(kind="drop_code", read=read, code=code)
    if code:
        return Asked(kind="enter_code", read=read, code=code)
    if _OTHER_WISH.search(read.text) or {move.kind for move in find_moves(read.text)} & _OTHER_MOVES:
        return None
    agreed = None
    if last in ("told", "listed"):
        agreed = _find_agreed(read, tail=tail, read_before=read_before)
    return agreed or _find_answered(read, tail=tail, read_before=read_before)


def _find_agreed(
    read: Gloss, *, tail: tuple[Exchange, ...], read_before: Callable[[str], Gloss]
) -> Asked | None:
    """As in "can I return the kettle?", which is told, and then "yes please do that"."""
    if not tail or _TELLS_TO.fullmatch(read.text) is None:
        return None
    wished = read_before(tail[-1].said)
    kind = next((kind for kind, pattern in _MAY_I if pattern.search(wished.text)), None)
    return Asked(kind=kind, read=_join([wished, read])) if kind else None


def _find_answered(
    read: Gloss, *, tail: tuple[Exchange, ...], read_before: Callable[[str], Gloss]
) -> Asked | None:
    """What the questions of the last replies were about, where the message answers the last of them."""
    messages = [read]
    for exchange in reversed(tail[-MOST_BACK:]):
        if not exchange.replied.rstrip().endswith("?"):
            return None
        messages.insert(0, read_before(exchange.said))
        kind = _find_kind(messages[0].text)
        if kind is not None:
            return Asked(kind=kind, read=_join(messages))
    return None


def _join(messages: Sequence[Gloss]) -> Gloss:
    return Gloss(
        text="\n".join(message.text for message in messages),
        said="\n".join(message.said for message in messages),
    )


def _find_kind(said: str) -> MoveKind | None:
    said = blank_undone(said)
    if _ASKS_POLICY.search(said):
        return None
    return next((kind for kind, pattern in _KINDS if pattern.search(said)), None)


def _names_no_order(said: str) -> bool:
    return _BARE_CANCEL.search(said) is not None and _NAMES_ORDER.search(said) is None


def names_code(said: str) -> bool:
    """Whether the words hand in a promotion code, and let none go."""
    return bool(_find_code(said)) and _DROPS_CODE.search(said) is None


def _find_code(said: str) -> str:
    """A word that looks like a code: in capitals, or with a digit; "a code please" names none."""
    own = _OWN_CODE.search(said)
    if own:
        return own.group("code")
    for match in _CODE.finditer(said):
        word = next((value for value in match.groupdict().values() if value), "")
        if any(letter.isdigit() for letter in word) or (word.isupper() and len(word) > 2):
            return word
    return ""


def _find_bare_code(said: str, *, tail: tuple[Exchange, ...]) -> str:
    """A code that is all that is said, where the talk was of codes or discounts just before."""
    match = _BARE_CODE.match(said)
    spoken = any(_OF_CODES.search(f"{exchange.said} {exchange.replied}") for exchange in tail[-MOST_BACK:])
    return match.group("code") if match and spoken else ""


def _find_plain_code(said: str, *, names: Sequence[str]) -> str:
    """A word like "SAVE10" that is all that is said: no size, no brand, and no "Pixel 8" written in one."""
    match = _PLAIN_CODE.fullmatch(said)
    if match is None:
        return ""
    word, number = match["word"].lower(), match["number"]
    called = [frozenset(_NAME_PARTS.findall(name.lower())) for name in names]
    is_goods = any(word in parts and (number in parts or parts == {word}) for parts in called)
    return "" if is_goods or word in get_tongue("en").size_words else match["code"]
