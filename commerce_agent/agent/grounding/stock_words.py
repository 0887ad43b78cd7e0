"""Words of stock in a sentence: in stock, sold out, no longer sold, the last one."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import BLANK, get_cues
from commerce_agent.agent.grounding.numbers import get_number_pattern

_LOOK_BACK = 24
_NO_GOODS = re.compile(
    r"\b(?:limits?|wishes|budget|conditions|grenzen|vorgaben|wünsche|límites|deseos|limites|critères"
    r"|(?:your|deine|ihre|tus|sus|tes|vos)\s(?:filters?|filtros|filtres))\s[^.;:!?,]{0,10}$",
    re.IGNORECASE,
)
"""What is gone and was never for sale: "your limits are gone". Filters by themselves are goods."""
_GONE = re.compile(r"\b(?:gone|weg|volado)$", re.IGNORECASE)
"""What may be said of more than goods, as "sold out" is not."""
_NAMED = re.compile(f"{BLANK}+")
_SAYS_NO = re.compile(r"\s*[:|?][\s|*_]*(?:(?:no|nein|non)\b|[❌✗✘✖])", re.IGNORECASE)
"""As in "In stock: no"."""
_TICKED = re.compile(
    r"(?<!\w)(?:availability|available|stock|verfügbar\w*|lieferbar\w*|disponib\w+)(?:\s+now)?"
    rf"(?:\s+(?:of|for|von|vom|der|des|de|del|du|para)(?:\s+(?:the|de[rsmn]|la|el|le))?\s+{BLANK}+)?\s*:\s*"
    r"(?:(?P<yes>[✅✔✓☑🟢]|(?:yes|ja|sí|oui)\b)|[❌✗✘✖🔴]|(?:no|none|nein|non)\b)",
    re.IGNORECASE,
)
_RUNS_LOW = re.compile(
    r"\b(?:(?:stock|supply|supplies|stocks)\s+(?:on|of|for)\s+(?:the\s+)?•+\w{0,2}\s+"
    r"(?:is|are|is getting|are getting|runs?)\s+(?:very\s+|rather\s+|quite\s+)?(?:low|short|limited|scarce)"
    r"|(?:is|are|['’]s|['’]re)\s+(?:getting|running|going)\s+(?:low|short|scarce)|low\s+(?:in|on)\s+stock)\b",
    re.IGNORECASE,
)
"""As in "running low": few are left."""
_IS_IN = re.compile(
    rf"{BLANK}\w{{0,2}}\s+(?:is|are|ist|sind|está|están|est|sont)\s+(?:(?:back|here|now|wieder|ya|déjà|also)\s+)*(?:in|back|da|aquí|là|de\s+retour)"
    r"(?=\s*(?:[.,;!)]|$))",
    re.IGNORECASE,
)
"""As in "yes, the puzzle is in!"."""
_IS_OUT = re.compile(
    rf"(?:{BLANK}\w{{0,2}}\s+(?:is|are)|\bwe(?:['’]re|\s+are))\s+(?:(?:temporarily|currently|presently|momentarily|still|now|all|completely|fully)\s+)*out"
    r"(?=\s*(?:[.,;!)]|$))",
    re.IGNORECASE,
)
_MAY_BE_CELL = re.compile(r"[|(—–✅✔✓☑🟢]|\s-")
_CELL = re.compile(
    r"(?:(?P<ticked>[✅✔✓☑🟢]️?)|[|:(—–]|\s-)[\s*_]*(?P<word>available|verfügbar|lieferbar|vorrätig|disponibles?)(?!\w)"
    r"(?(ticked)|(?:\s+(?:now|right now))?[\s*_✅✔✓]*(?:[|;.)!]|$))",
    re.IGNORECASE,
)
"""The word by itself in a table or a list: "Fountain pen – available"."""
_BARE = re.compile(
    r"(?:\b(?:is|are)\s+(?:now|currently|presently|also|still|again)\s+"
    r"|\d[\s$€£a-z]{0,6}(?:,|\band\b|\bund\b|\by\b|\bet\b|[;/·+&])\s*(?:(?:is|it['’]s|it\sis|and|und|sofort|still|currently|now|also)\s+)*)"
    r"(?P<word>available|verfügbar|lieferbar|vorrätig|disponibles?)(?:\s+(?:now|right\snow|today))?(?=\s*(?:[|;,.)!*]|$))",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(r"(?<=available)\s+(?:in|as|with|from|until|till|to|at)\b", re.IGNORECASE)
"""What may be had in three colours, or until Friday, is not said to be there now."""


def list_stock(sentence: str) -> Iterator[Claim]:
    """Words of stock; "not in stock" is said as one word for sold out where a language has it."""
    cues = get_cues()
    gone = [match.span() for match in cues.words["out_of_stock"].finditer(sentence)]
    for start, end in gone:
        before = sentence[:start][-_LOOK_BACK:]
        if _GONE.search(sentence[start:end]) and _NO_GOODS.search(before):
            continue
        unit = "low" if _get_almost().search(before) else "in" if _get_not_before().search(before) else "out"
        yield Claim(kind="stock", text=sentence[start:end], start=start, unit=unit)
    may_be_no_more = cues.words["no_more"].may_be_in(sentence)
    unavailable = _get_unavailable().finditer(sentence) if may_be_no_more else ()
    for match in (*unavailable, *_get_not_had().finditer(sentence)):
        if not any(start <= match.start() < end for start, end in gone):
            yield Claim(kind="stock", text=match.group(), start=match.start(), unit="out")
    is_named = not gone and BLANK in sentence
    if is_named and not cues.has("negation", text=sentence) and not cues.has("unsure", text=sentence):
        for match in cues.words["have_item"].finditer(sentence):
            if BLANK in match.group():
                yield Claim(kind="stock", text=match.group(), start=match.start(), unit="in")
    for match in cues.words["in_stock"].finditer(sentence):
        if any(start <= match.start() < end for start, end in gone) or _OTHERWISE.match(
            sentence, match.end()
        ):
            continue
        before = _NAMED.sub(BLANK, sentence[: match.start()])[-_LOOK_BACK:]
        is_out = cues.has("negation", text=before) or _SAYS_NO.match(sentence, match.end())
        yield Claim(kind="stock", text=match.group(), start=match.start(), unit="out" if is_out else "in")
    yield from _list_ahead(sentence)
    yield from _list_low(sentence)
    yield from _list_cells(sentence)
    yield from _list_bare(sentence)


def _list_ahead(sentence: str) -> Iterator[Claim]:
    """As in "it can be pre-ordered", and "yes, it is in!"."""
    for match in get_cues().words["preorder"].finditer(sentence):
        is_denied = get_cues().has("negation", text=sentence[: match.start()][-_LOOK_BACK:])
        yield Claim(
            kind="stock", text=match.group(), start=match.start(), unit="unasked" if is_denied else "ahead"
        )
    for pattern, unit in ((_IS_IN, "in"), (_IS_OUT, "out")):
        may_be = BLANK in sentence if unit == "in" else "out" in sentence.lower()
        for match in pattern.finditer(sentence) if may_be else ():
            yield Claim(kind="stock", text=match.group(), start=match.start(), unit=unit)


def _list_low(sentence: str) -> Iterator[Claim]:
    for match in _RUNS_LOW.finditer(sentence):
        if not get_cues().has("negation", text=sentence[: match.start()][-_LOOK_BACK:]):
            yield Claim(kind="stock", text=match.group(), start=match.start(), unit="low")


def _list_cells(sentence: str) -> Iterator[Claim]:
    """Words and ticks by themselves, as they stand in lists and tables."""
    if ":" not in sentence and not _MAY_BE_CELL.search(sentence):
        return
    for match in _TICKED.finditer(sentence):
        yield Claim(
            kind="stock", text=match.group(), start=match.start(), unit="in" if match["yes"] else "out"
        )
    for match in _CELL.finditer(sentence):
        yield Claim(kind="stock", text=match["word"], start=match.start("word"), unit="in")


def _list_bare(sentence: str) -> Iterator[Claim]:
    """As in "it is $18 and available": the word behind a sum, with nothing behind it."""
    for match in _BARE.finditer(sentence):
        if not get_cues().has("unsure", text=sentence[: match.start()]):
            yield Claim(kind="stock", text=match["word"], start=match.start("word"), unit="in")


@cache
def _get_almost() -> re.Pattern[str]:
    """As in "almost gone": few are left of what is said to be so."""
    return re.compile(rf"(?<!\w)(?:{get_cues().pieces['nearly']})\s+$", re.IGNORECASE)


@cache
def _get_unavailable() -> re.Pattern[str]:
    """As in "no longer sold", "nicht mehr zu bekommen": that it cannot be had any more, in whichever order."""
    no_more, getting = get_cues().pieces["no_more"], get_cues().pieces["getting"]
    apart = rf"[^.;:!?{BLANK}]{{0,16}}?"
    # "Your order no longer stands": the noun, as the words before it show.
    noun = r"(?<!\bthe\s)(?<!\byour\s)(?<!\bthis\s)(?<!\bthat\s)(?<!\ban\s)(?<!\bprepared\s)(?<!\bproposed\s)"
    return re.compile(
        rf"(?<!\w)(?:(?:{no_more})\s{apart}(?<!\w)(?:{getting})|{noun}(?:{getting})\s{apart}(?<!\w)(?:{no_more}))(?!\w)",
        re.IGNORECASE,
    )


@cache
def _get_not_had() -> re.Pattern[str]:
    """As in "you can't order it right now": with nothing behind it that would be the reason or the limit of that."""
    item = rf"(?:\s+(?:the\s+)?(?:{BLANK}+|it|one|them|that))?"
    now = (
        r"(?:\s+(?:at the moment|at present|right now|just now|currently|anymore|any more|(?:for )?now|these days"
        r"|from us|here))?"
    )
    leave = r"(?:(?:leider|derzeit|gerade|momentan|im moment|zurzeit|aktuell|im augenblick|mehr)\s+)*"
    return re.compile(
        r"(?<!\w)(?:(?:can['’]?t|cannot|can not|couldn['’]t)\s+(?:currently\s+)?(?:be\s+)?"
        rf"(?:had|bought|ordered|got|gotten|obtained|purchased|get|buy|order|purchase|have){item}{now}"
        rf"|(?:kann|kannst|können|könnt|lässt sich|lassen sich)\s+(?:(?:man|du|sie|ihn|es|{BLANK}+)\s+){{0,2}}"
        rf"{leave}nicht\s+{leave}"
        r"(?:bestellt werden|gekauft werden|bestellen|kaufen|bekommen|haben|geliefert werden|liefern)"
        r"|no\s+(?:se\s+)?(?:puede[ns]?|podemos)\s+(?:(?:ahora|actualmente|por ahora)\s+)?"
        r"(?:comprar|pedir|conseguir|adquirir|vender)(?:se|lo|la)?"
        r"|ne\s+(?:peut|peuvent|pouvez|peux)\s+(?:pas|plus)\s+(?:actuellement\s+)?"
        r"(?:être\s+)?(?:commandée?s?|achetée?s?|commander|acheter|obtenir))(?=\s*(?:[.,;!?)*]|$))",
        re.IGNORECASE,
    )


@cache
def _get_not_before() -> re.Pattern[str]:
    """As in "is not sold out"."""
    return re.compile(rf"(?<!\w)(?:{get_cues().pieces['not_so']})\s+$", re.IGNORECASE)


def list_last_ones(sentence: str) -> Iterator[Claim]:
    """As in "our last one", which says that there is one of it; "not a single one left" says another thing."""
    cues = get_cues()
    for match in cues.words["single"].finditer(sentence):
        is_denied = cues.has("negation", text=" ".join(sentence[: match.start()].split()[-2:]))
        if is_denied or _get_number_next().match(sentence, match.end()):
            continue
        yield Claim(kind="count", text=match.group(), start=match.start(), values=(Decimal(1),))
    for match in cues.words["one_piece"].finditer(sentence):
        # "Just one pair of the A costs 79" tells of no stock.
        rest = re.split(r"[.;!?]", sentence[match.end() :])[0]
        is_there = any(cues.has(each, text=rest) for each in ("left", "in_stock"))
        if is_there or _get_being_there().search(sentence[: match.start()]):
            yield Claim(kind="count", text=match.group(), start=match.start(), values=(Decimal(1),))


@cache
def _get_being_there() -> re.Pattern[str]:
    pieces = get_cues().pieces
    return re.compile(rf"(?<!\w)(?:{pieces['has']}|{pieces['there_is']})\s+$", re.IGNORECASE)


@cache
def _get_number_next() -> re.Pattern[str]:
    """As in "our last two"."""
    return re.compile(rf"\s+{get_number_pattern()}", re.IGNORECASE)
