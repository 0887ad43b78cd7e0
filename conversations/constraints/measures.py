"""Which of the shop's measures a number is about: the one that is named beside it, or that has its unit."""

from collections.abc import Collection
from functools import lru_cache

import msgspec

from conversations.constraints.scan import Scan
from conversations.events.constraints import list_values
from conversations.language.amounts import Amount, find_unit, to_base
from conversations.language.order import find_order
from conversations.language.shop_language import list_measures_of
from conversations.language.thesaurus import build_thesaurus, get_same
from conversations.language.tokens import list_stems
from conversations.language.tongue import Tongue
from conversations.language.vocabulary import Vocabulary, get_kind

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_REACH = 3
_SHORT, _LONG = frozenset({"mm", "cm"}), "m"
_MOST_LONG = 4.0
"""Fewer than so many millimetres or centimetres are hardly what somebody says of goods without a unit."""
_IN_METRES = frozenset({"length", "height", "width"})
_THIN = frozenset({"thickness", "depth"})
"""Of these even few centimetres are said without a unit."""
_SOLD_BY = frozenset({"weight", "volume"})
_MEASURED_AS = {
    "memory": frozenset({"memory", "ram", "storage", "capacity", "ssd", "hdd", "disk", "drive"}),
    "length": frozenset(
        {"length", "width", "height", "depth", "diagonal", "diameter", "thickness", "size", "range"}
    ),
    "weight": frozenset({"weight", "load"}),
    "volume": frozenset({"volume", "capacity"}),
    "power": frozenset({"power", "wattage", "output", "consumption"}),
    "time": frozenset({"time", "runtime", "life", "duration"}),
    "frequency": frozenset({"frequency", "rate", "clock", "response"}),
    "battery": frozenset({"battery", "capacity"}),
    "brightness": frozenset({"brightness", "output"}),
    "voltage": frozenset({"voltage"}),
    "resolution": frozenset({"resolution"}),
}
"""What a measure is called that holds numbers of a dimension, where the shop writes no unit."""
_TEMPERATURE = "temperature"
_PLAIN = frozenset({"price", "rating", "size"})
"""Measures with rules of their own."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A number together with the measure's name or unit beside it."""

    amount: Amount
    field: str
    by_sign: bool = False
    """Only a sign such as "%" says so, which other numbers have, too."""


def find_measured(scan: Scan, amount: Amount) -> Measured | None:
    """As in "500 pieces", "SPF 50", "60 Nm": the measure stands right beside the number, or its unit does."""
    if not amount.is_bare:
        return None
    below = find_below_zero(scan, amount)
    if below is not None:
        return below
    behind = amount.after
    if scan.find_word(behind) == "-":
        behind += 1
    year = _find_year(scan, amount)
    if year:
        return Measured(amount=amount, field=year)
    owned = scan.find_word(amount.first - 1) in scan.tongue.introducing
    for name, unit in scan.vocabulary.measures.items():
        stems = () if name in _PLAIN else list_stems(name.replace("_", " "))
        if stems and _stands_at(scan, behind, stems) and (owned or not _is_goods(scan, behind)):
            widened = msgspec.structs.replace(amount, after=behind + len(stems))
            return Measured(amount=_in_unit_of(scan, widened, name), field=name)
        if stems and _stands_at(scan, amount.first - len(stems), stems):
            widened = msgspec.structs.replace(amount, first=amount.first - len(stems))
            return Measured(amount=_in_unit_of(scan, widened, name), field=name)
        written = unit.lower()
        if written and find_unit(written, scan.tongue) is None and scan.find_word(behind) == written:
            widened = msgspec.structs.replace(amount, after=behind + 1)
            return Measured(amount=widened, field=name, by_sign=not written.isalpha())
    return _find_by_adjective(scan, amount)


def find_below_zero(scan: Scan, amount: Amount) -> Measured | None:
    """As in "comfort -10", "-5 is enough": degrees, where the shop measures a temperature."""
    tokens, at = scan.tokens, amount.first - 1
    if at < 0 or tokens[at].word not in scan.tongue.minus:
        return None
    close = tokens[at].word.isalpha() or tokens[at].end == tokens[at + 1].start
    apart = at == 0 or tokens[at].word.isalpha() or tokens[at - 1].end < tokens[at].start
    name = find_measure_of(scan, _TEMPERATURE, bounded=True) if close and apart else None
    if name is None or name not in scan.vocabulary.measures:
        return None
    stems = list_stems(name.replace("_", " "))
    first = at - len(stems) if _stands_at(scan, at - len(stems), stems) else at
    signed = msgspec.structs.replace(amount, first=first, value=-amount.value, dimension=_TEMPERATURE)
    return Measured(amount=signed, field=name)


def _find_by_adjective(scan: Scan, amount: Amount) -> Measured | None:
    """As in "around 2.40 long": the adjective behind the number says what it measures."""
    about = scan.tongue.dimensions.get(scan.find_word(amount.after), "")
    name = next(
        (name for name in scan.vocabulary.measures if about and about in list_measures_of(name)), None
    )
    if name is None or find_unit(scan.vocabulary.measures[name], scan.tongue) is None:
        return None
    widened = msgspec.structs.replace(amount, after=amount.after + 1)
    return Measured(amount=_in_unit_of(scan, widened, name), field=name)


def _in_unit_of(scan: Scan, amount: Amount, name: str) -> Amount:
    """The bare number in the measure's own unit; of what a shop measures in centimetres, "2.40" are metres."""
    written = scan.vocabulary.measures[name]
    unit = find_unit(written, scan.tongue)
    if unit is None or unit[0] == "temperature":
        return amount
    about = list_measures_of(name)
    may_be_long = not about & _THIN and (bool(about & _IN_METRES) or amount.value != int(amount.value))
    written = _LONG if written in _SHORT and amount.value < _MOST_LONG and may_be_long else written
    value = to_base(amount.value, unit=written, tongue=scan.tongue)
    factor = value / amount.value if amount.value else 1.0
    return msgspec.structs.replace(amount, value=value, dimension=unit[0], factor=factor, unit=written)


def _find_year(scan: Scan, amount: Amount) -> str | None:
    """As in "from 2022 or newer": a year, where the shop says of its goods from which they are."""
    if not (_FIRST_YEAR <= amount.value <= _LAST_YEAR and amount.value == int(amount.value)):
        return None
    around = scan.tokens[max(amount.first - _REACH, 0) : amount.after + _REACH]
    if not {token.word for token in around} & scan.tongue.dating:
        return None
    return next(
        (name for name in scan.vocabulary.measures if set(name.lower().split()) & scan.tongue.years), None
    )


def find_named_measure(scan: Scan, around: range, *, names: Collection[str] = ()) -> str | None:
    """The measure whose name stands among these tokens.

    "Make it under 50" names none that is called "makes", "sleeping mats under 80" none that is called "sleeps".
    """
    idle = {at for cue in scan.cues.list_of("make_it") for at in range(cue.first, cue.after)}
    idle |= {
        at
        for spot in scan.spots
        if any(term.field == "category" for term in spot.terms)
        for at in range(spot.first, spot.after)
    } - list_named_attributes(scan)
    words = {scan.tokens[index].stem for index in around if index not in idle}
    for name in names or scan.vocabulary.measures:
        if name not in _PLAIN and set(list_stems(name.replace("_", " "))) <= words:
            return name
    return None


def list_named_attributes(scan: Scan) -> set[int]:
    """The tokens of attributes' names of several words: the "casting weight" of rods is none of the shop's weights."""
    found: set[int] = set()
    for stems in _list_long_names(scan.vocabulary):
        for at in range(len(scan.tokens) - len(stems) + 1):
            if _stands_at(scan, at, stems):
                found |= set(range(at, at + len(stems)))
    return found


@lru_cache(maxsize=64)
def _list_long_names(vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
    names = (list_stems(name.replace("_", " ")) for name in vocabulary.measures | vocabulary.attributes)
    return tuple(stems for stems in names if len(stems) > 1)


@lru_cache(maxsize=64)
def name_measures(vocabulary: Vocabulary, tongue: Tongue) -> frozenset[str]:
    """The stems of what the shop calls its measures, and of what shoppers call the same."""
    thesaurus = build_thesaurus(tongue)
    return frozenset(
        same
        for name in vocabulary.measures
        for stem in list_stems(name.replace("_", " "))
        for same in get_same(stem, thesaurus)
    )


def find_without_unit(scan: Scan, dimension: str) -> str | None:
    """As in "8 GB of RAM" in a shop whose laptops tell "internal memory: 8": a measure whose name is about the words.

    Of several the one that most goods of the kind tell.
    """
    words = {token.stem for token in scan.tokens if token.is_word and token.word not in scan.tongue.stopwords}
    thesaurus = build_thesaurus(scan.tongue)
    meant = words | {other for word in words for other in get_same(word, thesaurus)}
    about = _MEASURED_AS.get(dimension, frozenset())
    plain = [
        name
        for name, unit in scan.vocabulary.measures.items()
        if not unit
        and name not in _PLAIN
        and about & {part for each in list_measures_of(name) for part in each.split()}
    ]
    told = list_attributes_of(scan, list_kinds(scan))
    ordered = [name for name in told if name in plain] if told else plain
    return next((name for name in ordered if meant & set(list_stems(name.replace("_", " ")))), None)


def find_measure_of(scan: Scan, dimension: str, *, bounded: bool) -> str | None:
    """The shop's attribute that is measured in the dimension; the dimension itself where it has none.

    Of several the one that the message names ("100 km range"), or that its words are about ("taller than 1 m"), else
    one that goods of the kind have. A number without a bound ("a 50 m hose") is none where it may be of several.
    """
    fitting = [
        name
        for name, unit in scan.vocabulary.measures.items()
        if (find_unit(unit, scan.tongue) or ("",))[0] == dimension
    ]
    words = {token.stem for token in scan.tokens}
    if not fitting:
        return find_without_unit(scan, dimension) or (dimension if bounded else None)
    about = _list_meant(scan)
    named = [name for name in fitting if set(list_stems(name.replace("_", " "))) <= words]
    meant = [name for name in fitting if about & list_measures_of(name)]
    stated = list_kinds(scan)
    told = list_attributes_of(scan, stated)
    if named or meant:
        # "Casting weight" is no plain weight, and a net is measured by its handle.
        own = [name for name in (*named, *meant) if name in told]
        return max(own or named or meant, key=lambda name: (name in named) * len(name))
    owned = [name for name in told if name in fitting]
    if stated and not owned and (other := find_without_unit(scan, dimension)):
        return other
    if not bounded and ((stated and not owned) or (not stated and len(fitting) > 1)):
        return None
    return (owned or fitting)[0]


def list_kinds(scan: Scan) -> list[str]:
    """The kinds of goods that the message names."""
    return [term.value for spot in scan.spots for term in spot.terms if term.field == "category"]


def list_attributes_of(scan: Scan, stated: list[str]) -> list[str]:
    """What is told of goods of the kind that is looked for; nothing where no kind is known."""
    held = [value for term in scan.ledger.list_for("category") for value in list_values(term.value)]
    kinds = {get_kind(kind).lower() for kind in stated or held}
    if not kinds:
        return []
    told = _list_told(scan.vocabulary)
    return list(dict.fromkeys(name for called, names in told if kinds & called for name in names))


@lru_cache(maxsize=64)
def _list_told(vocabulary: Vocabulary) -> tuple[tuple[frozenset[str], tuple[str, ...]], ...]:
    """What is told of each kind of a shop's goods, with all that it is called by: a shop has hundreds."""
    return tuple(
        (frozenset(name.lower() for name in (category.name, *category.path)), category.attributes)
        for category in vocabulary.categories
        if category.attributes
    )


def is_ordered(scan: Scan, amount: Amount) -> bool:
    """As in "2 kilos of coffee": so much is to be bought, and no package need hold it."""
    behind = scan.find_word(amount.after)
    return amount.dimension in _SOLD_BY and behind in scan.tongue.grammar.part_of


def _list_meant(scan: Scan) -> set[str]:
    """The measures that the message's words are about: "tall" and "taller" are about height."""
    adjectives = scan.tongue.dimensions
    about = {adjectives[token.word] for token in scan.tokens if token.word in adjectives}
    orders = (find_order(scan.tokens, at, scan.tongue) for at in range(len(scan.tokens)))
    return about | {order.measure for order in orders if order}


def _stands_at(scan: Scan, at: int, stems: tuple[str, ...]) -> bool:
    return at >= 0 and tuple(token.stem for token in scan.tokens[at : at + len(stems)]) == stems


def _is_goods(scan: Scan, at: int) -> bool:
    """As in "4 lamps": goods of the shop are counted, and no attribute that is called so."""
    spot = next((spot for spot in scan.spots if spot.first == at), None)
    return spot is not None and spot.terms[0].field == "category"
