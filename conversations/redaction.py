"""Takes payment data out of what a shopper writes, before anything of it is kept.

A card number is a run of digits, however it is spaced, that an issuer could have given out and whose check digit is
right. The last digit of a GTIN is reckoned otherwise, so one in ten passes that by chance: what is called an item's
or an order's number, or stands behind letters as one, is left alone, unless cards are what the message talks of.
What the talk knows as the number of an order that was placed is no card's anywhere.

Payment data stops at the door. `record_message` takes out card and account numbers, and the codes beside them,
before anything is stored or announced (`redaction.py`); the event says what was taken out, never what it was. Of a
card that comes in several messages the last part is taken out, so that nowhere it is whole. GTINs and tracking
numbers are left alone.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence

import msgspec
from stdnum import iban, luhn

# The two before the last make a digit a key: 4\ufe0f\u20e3.
_GAP = r"[\s\u00ad\u200b-\u200f\u2010-\u2015\u2060._/*+~='\ufe0f\u20e3-]{0,6}"
_RUN = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{11,}}(?!\d)")
_BETWEEN = r"[\W_]{1,6}"
_LISTED = re.compile(
    rf"(?<!\d)(?=(\d{{4}}(?:{_BETWEEN}\d{{4}}){{3}}(?:{_BETWEEN}\d{{3}})?(?!\d)"
    rf"|\d{{4}}{_BETWEEN}\d{{6}}{_BETWEEN}\d{{4,5}}(?!\d)))"
)
"""A card's groups whatever stands between them, as hardly anybody would write a list of numbers."""
_IBAN = re.compile(r"\b[A-Z]{2}[ -]?\d{2}(?:[ -]?[A-Z0-9]){11,30}\b", re.IGNORECASE)
_CODE_WORD = (
    r"(?:cvv2?|cvc2?|cid|csc|cav2?|security[ -]?(?:code|number)|card[ -]?code|prüfziffer|kartenprüfnummer)"
)
_CODE = re.compile(rf"\b{_CODE_WORD}\b\D{{0,12}}?(\d{{3,4}})(?!\d)", re.IGNORECASE)
_BARE_CODE = re.compile(r"(?<![\d.,$€£])\b\d{3,4}\b(?![\d.,/]|\s?[$€£])")
_EXPIRY = re.compile(r"\b(?:0[1-9]|1[0-2])\s?[/-]\s?(?:20)?\d{2}\b")
_CARD_WORDS = re.compile(
    r"\b(?:card|credit|debit|visa|master ?card|maestro|amex|american express|discover|diners|jcb|cvv2?|cvc2?|expir\w*"
    r"|pay(?:s|ing|ment)?|charge[ds]?|kreditkarte|karte|kartennummer|tarjeta|carte|cc|cb|tdc)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:sku|gtin|ean|upc|isbn|imei|barcode|serial|tracking|parcel|order (?:number|no\.?|#))"
    r"(?:\s(?:number|no|code|is))*[\s.:#-]*$",
    re.IGNORECASE,
)
_PREFIXED = re.compile(r"\b(?!(?:CC|CB|TDC|VISA|MC|AMEX|CARD|PAN)[-_])[A-Z]{2,}[-_]$")
_LENGTHS = (19, 16, 15, 14)
_NAMED_LENGTHS = (*_LENGTHS, 13, 12)
_REST = re.compile(rf"\d(?:{_GAP}\d){{2,}}")
_CODE_ALONE = re.compile(
    r"\W*(?:(?:0[1-9]|1[0-2])\s?[/-]\s?(?:20)?\d{2})?\W*(?:(?<!\d)\d{3,4})?\W*", re.IGNORECASE
)
_FILLING = 24
"""So many letters may stand between two parts of a number in two messages: "and then", "is the first half"."""
MOST_PARTS = 4
"""A number that comes in more messages than this is not looked for."""
_NEAR = 40
"""A security code or an expiry date stands this close to its card."""
_PHONE = re.compile(r"(?:\+|\b00)\s?$")
_LONGEST_PHONE = 15
"""Digits of a number with its country's code, at most (ITU-T E.164)."""

# Digits an issuer's numbers start with, and how long they are. A Visa of 13 digits is long out of use and every
# GTIN-13 from 400 to 499 would look like one.
_ISSUERS = tuple(
    (re.compile(prefix), lengths)
    for prefix, lengths in (
        (r"4", (16, 19)),
        (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
        (r"3[47]", (15,)),
        (r"30[0-5]|309|36|3[89]", (14, 16, 19)),
        (r"6011|64[4-9]|65|622", (16, 19)),
        (r"220[0-4]", (16, 17, 18, 19)),
        (r"352[89]|35[3-8]", (16, 17, 18, 19)),
        (r"50|5[6-9]|6[0-9]", (16, 17, 18, 19)),
    )
)
_NAMED_ISSUERS = (
    *_ISSUERS,
    (re.compile(r"50|5[6-9]|6[0-9]"), (12, 13, 14, 15)),
    (re.compile(r"2131|1800"), (15,)),
)
"""Too many numbers of goods look like the short ones to take them for cards where nobody speaks of any."""


class Redacted(msgspec.Struct, frozen=True, kw_only=True):
    """The words as they may be kept, and what was taken out of them."""

    text: str
    kinds: tuple[str, ...] = ()
    """Of `card`, `security_code`, `expiry`, `iban`, each once."""


class _Span(msgspec.Struct, frozen=True, order=True):
    start: int
    end: int
    kind: str


_NAMES = {
    "card": "[card number removed]",
    "security_code": "[security code removed]",
    "expiry": "[expiry date removed]",
    "iban": "[account number removed]",
}


def redact(text: str, *, known: Collection[str] = ()) -> Redacted:
    """The text without card numbers, account numbers, and the codes and dates that stand beside a card's.

    `known` are numbers of orders that were placed: no card's, whatever they look like.
    """
    plain = _to_plain_digits(text)
    about_cards = _CARD_WORDS.search(plain) is not None
    spans = _list_accounts(plain)
    cards = _list_cards(plain, about_cards=about_cards, taken=spans)
    spans += [card for card in cards if plain[card.start : card.end] not in known]
    cards = [span for span in spans if span.kind == "card"]
    codes = [_Span(m.start(1), m.end(1), "security_code") for m in _CODE.finditer(plain)]
    codes += [code for code in _list_beside(plain, cards=cards) if not _overlaps(code, codes)]
    spans += [code for code in codes if not _overlaps(code, spans)]
    return _cut(text, spans)


def goes_on(text: str) -> bool:
    """Whether a message may be the rest of a number that an earlier one began."""
    return _find_rest(_to_plain_digits(text)) is not None


def redact_rest(text: str, *, before: Sequence[str]) -> Redacted:
    """The text without the rest of a card number that the messages just before it began, and without the code or date
    that follows a card which was taken out of the last one.
    """
    plain = _to_plain_digits(text)
    if before and _NAMES["card"] in before[-1] and _CODE_ALONE.fullmatch(plain):
        spans = [_Span(m.start(), m.end(), "expiry") for m in _EXPIRY.finditer(plain)]
        codes = (_Span(m.start(), m.end(), "security_code") for m in _BARE_CODE.finditer(plain))
        return _cut(text, [*spans, *(code for code in codes if not _overlaps(code, spans))])
    rest, begun = _find_rest(plain), ""
    if rest is None:
        return Redacted(text=text)
    for said in reversed(before[-MOST_PARTS:]):
        begun = f"{_cut_behind(_to_plain_digits(said))}\n{begun}"
        shift = len(begun) - rest
        joined = begun + plain[rest:]
        about_cards = _CARD_WORDS.search(joined) is not None
        for span in _list_cards(joined, about_cards=about_cards, taken=[]):
            if span.start < len(begun) < span.end:
                card = _Span(rest, span.end - shift, "card")
                return _cut(text, [card, *_list_beside(plain, cards=[card])])
    return Redacted(text=text)


def _find_rest(plain: str) -> int | None:
    """Where the digits begin, if the message opens with them but for a word or two."""
    digit = next((place for place, letter in enumerate(plain[:_FILLING]) if letter.isdigit()), None)
    return digit if digit is not None and _REST.match(plain, digit) else None


def _cut_behind(plain: str) -> str:
    """The message up to its last digit, where at most a word or two come after it."""
    last = max((place for place, letter in enumerate(plain) if letter.isdigit()), default=-1)
    return plain[: last + 1] if len(plain) - last <= _FILLING else plain


def _to_plain_digits(text: str) -> str:
    """The text with every script's digits as ours; each character stays in its place."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(letter)) if letter.isdigit() and not letter.isascii() else letter
        for letter in text
    )


def without_marks(text: str) -> str:
    """The words without the marks that stand for what was taken out: nobody means them."""
    for mark in _NAMES.values():
        text = text.replace(mark, " ")
    return text


def _list_accounts(plain: str) -> list[_Span]:
    """Each IBAN; the words after it may look like more of it, so the end is looked for."""
    found: list[_Span] = []
    for match in _IBAN.finditer(plain):
        for length in range(len(match.group()), 14, -1):
            if match.group()[length - 1].isalnum() and iban.is_valid(match.group()[:length]):
                found.append(_Span(match.start(), match.start() + length, "iban"))
                break
    return found


def _list_cards(plain: str, *, about_cards: bool, taken: list[_Span]) -> list[_Span]:
    """Each run of digits, and where a run is longer than a card, the cards within it."""
    found: list[_Span] = []
    runs = [(match.start(), match.group()) for match in _RUN.finditer(plain)]
    runs += [(match.start(), match.group(1)) for match in _LISTED.finditer(plain)]
    for at, run in runs:
        for span in _list_in_run(run, at=at, about_cards=about_cards):
            if _overlaps(span, taken):
                continue
            before, number = plain[: span.start], plain[span.start : span.end]
            if about_cards or not (_is_named(before, number) or _is_phone(before, number)):
                found.append(span)
    return found


def _list_in_run(run: str, *, at: int, about_cards: bool) -> list[_Span]:
    """One card, or the cards and expiry dates that run on from one another: "4111 1111 1111 1111 12 27"."""
    places = [place for place, letter in enumerate(run) if letter.isdigit()]
    digits = "".join(run[place] for place in places)
    if _is_card(digits, about_cards=about_cards):
        return [_Span(at, at + len(run), "card")]
    grouped = len(run) > len(digits)
    if not about_cards and not grouped:
        return []
    found: list[_Span] = []
    start = 0
    lengths = _NAMED_LENGTHS if about_cards else _LENGTHS
    while start <= len(digits) - min(lengths):
        ends = (start + length for length in lengths)
        cards = (
            end
            for end in ends
            if end <= len(digits)
            and _is_card(digits[start:end], about_cards=about_cards)
            and _is_apart(places, start, end)
        )
        end = next(cards, None)
        if end is not None:
            found.append(_Span(at + places[start], at + places[end - 1] + 1, "card"))
        start = end or start + 1
    return found


def _is_apart(places: list[int], start: int, end: int) -> bool:
    """Whether the digits begin and end where a group of the run does."""
    begins = start == 0 or places[start] - places[start - 1] > 1
    ends = end == len(places) or places[end] - places[end - 1] > 1
    return begins and ends


def _is_card(digits: str, *, about_cards: bool) -> bool:
    issuers = _NAMED_ISSUERS if about_cards else _ISSUERS
    issued = any(prefix.match(digits) and len(digits) in lengths for prefix, lengths in issuers)
    return issued and bool(luhn.is_valid(digits)) and len(set(digits)) > 1


def _is_named(before: str, run: str) -> bool:
    """Whether the digits are called the number of something else; digits in groups of four are a card all the same."""
    return run.isdigit() and (_NAMED.search(before) or _PREFIXED.search(before)) is not None


def _is_phone(before: str, run: str) -> bool:
    digits = sum(letter.isdigit() for letter in run)
    return digits <= _LONGEST_PHONE and _PHONE.search(before) is not None


def _list_beside(plain: str, *, cards: list[_Span]) -> list[_Span]:
    """The dates beside a card, and the numbers of three or four digits: its code."""
    dates = _list_near(plain, _EXPIRY, cards=cards, kind="expiry")
    codes = _list_near(plain, _BARE_CODE, cards=cards, kind="security_code")
    return [*dates, *(code for code in codes if not _overlaps(code, [*cards, *dates]))]


def _list_near(plain: str, pattern: re.Pattern[str], *, cards: list[_Span], kind: str) -> list[_Span]:
    found: list[_Span] = []
    for match in pattern.finditer(plain):
        span = _Span(match.start(), match.end(), kind)
        if any(span.start - card.end <= _NEAR and card.start - span.end <= _NEAR for card in cards):
            found.append(span)
    return found


def _overlaps(span: _Span, others: list[_Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def _cut(text: str, spans: list[_Span]) -> Redacted:
    kept: list[str] = []
    at = 0
    for span in sorted(spans):
        if span.start < at:
            continue
        kept.extend((text[at : span.start], _NAMES[span.kind]))
        at = span.end
    return Redacted(
        text="".join((*kept, text[at:])), kinds=tuple(dict.fromkeys(span.kind for span in sorted(spans)))
    )
