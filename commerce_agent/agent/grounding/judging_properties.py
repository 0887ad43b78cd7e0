"""Whether an item's own data says what a sentence says that it is.

What the data contradicts is false, and what it does not speak of is not told: who buys a waterproof jacket on our
word gets wet.
"""

import re
from decimal import Decimal

from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.counted_parts import find_counted
from commerce_agent.agent.grounding.item_texts import Described, Measure, list_meanings
from commerce_agent.agent.grounding.quality_words import get_dimensions, get_wider, list_found
from conversations.language.shop_language import list_measures_of

_ROUNDED, _NEARLY = 0.03, 0.12
_SHORTEST = 3
NOTHING_KNOWN = "nothing known"
"""For what nobody can hold against anything, and nobody comes to harm by."""
_SOFT = frozenset({"foldable", "adjustable", "reversible", "stackable", "removable", "lockable", "insulated"})
"""What a description shows without the word, and nobody comes to harm by: only a data sheet's no stops it."""
_OF_FIRM = re.compile(r"(?!(?:USA?|UK|EU|VAT)\b)(?:[A-Z]{2,}|[A-Z][a-z]+[A-Z][A-Za-z]+)[.,]?")
"""Written as firms are, and neither countries nor sizes in numbers: DHL, PayPal."""
_WITH = re.compile(r"(?:with|mit|con|avec)\b", re.IGNORECASE)
_CARRIED = re.compile(
    r"(?<!\w)(?:sent|shipped|ships?|delivered|posted|dispatched|goes out|versendet|verschickt|geliefert|"
    r"enviad[oa]s?|expédiée?s?|livrée?s?)\W*$",
    re.IGNORECASE,
)
_SERVED = re.compile(
    r"(?:comes from|works? with|funktioniert mit|funciona con|fonctionne avec)\b", re.IGNORECASE
)
_OF_EACH = re.compile(
    r"(?<!\w)(?:both|all of (?:them|these|those)|they all|each of them|every one of them|all (?:two|three|four|five)"
    r"|beide|alle|ambos|ambas|tod[oa]s|tous|toutes|les deux)(?!\w)",
    re.IGNORECASE,
)
"""Of what is said of each of several none may lack it."""


def find_property(claim: Claim, case: Case) -> str | None:
    """By what the shop says of the items that it is claimed of; of several any will do."""
    said, sort, what = claim.unit.split(":", 2)
    if (said, sort) == ("is", "named") and _is_of_service(claim, case, names=what):
        return "text"
    skus = case.aim.list_skus(claim)
    items = [case.grounds.told.describe(sku) for sku in skus]
    if not items or not any(item.words for item in items):
        is_told = skus and not case.grounds.told.is_empty() and said != "not"
        return None if is_told else NOTHING_KNOWN
    if sort == "counted":
        is_so = find_counted(claim, case.grounds.told, skus=skus, name=what)
        return NOTHING_KNOWN if is_so is None else "attribute" if is_so else None
    if sort == "measure":
        return _find_measure(claim, case, items=items, how=said, dimension=what)
    has = [_has(item, sort=sort, what=what) for item in items]
    if said == "not":
        # Only what the data says otherwise: that nothing is said of it is no reason to promise it.
        return None if True in has and False not in has and None not in has else "denied"
    if True in has and not (_OF_EACH.search(case.aim.get_clause(claim)) and (False in has or None in has)):
        return "attribute"
    if what in _SOFT and False not in has:
        return NOTHING_KNOWN
    shop_says = None not in has or not _is_in(what, sort=sort, stems=case.grounds.told.get_shop_stems())
    return None if shop_says else "text"


def _is_of_service(claim: Claim, case: Case, *, names: str) -> bool:
    """As in "it is sent with DHL": who carries it and what pays for it stands in the shop's terms."""
    carried = _WITH.match(claim.text) and _CARRIED.search(case.read.text[: claim.start])
    if not (carried or _SERVED.match(claim.text)):
        return False
    terms = "\n".join(case.grounds.told.terms).lower()
    return all(_OF_FIRM.fullmatch(name) and _is_written(name.lower(), terms) for name in names.split())


def _has(item: Described, *, sort: str, what: str) -> bool | None:
    """Whether the item is so; None where its texts do not say."""
    if sort in ("quality", "doing"):
        return _has_quality(item, what)
    if sort == "flag":
        return item.flags.get(what, _has_quality(item, what))
    if sort == "material":
        return _has_material(item, what)
    if sort == "made":
        return _is_made_of(item, what)
    if sort == "named":
        names = re.findall(r"[^\s]+", what.lower())
        return True if all(_is_written(name, item.words) for name in names) else None
    if what in item.flags:
        return item.flags[what]
    return True if list_meanings(what.partition(" ")[0]) & item.stems else None


def _has_quality(item: Described, quality: str) -> bool | None:
    known = item.qualities.get(quality)
    if known is None:
        known = item.flags.get(quality)
    if known is None and all(word in item.stems for word in list_meanings(quality)):
        return True
    return known


def _has_material(item: Described, material: str) -> bool | None:
    fitting = {material, *get_wider().get(material, ())}
    if fitting & item.materials:
        return True
    return True if list_meanings(material) <= item.stems else False if item.materials else None


def _is_made_of(item: Described, words: str) -> bool | None:
    """By the materials among the words; where they name none that is known, by any of them in the item's texts."""
    materials = [found.meaning for found in list_found(words) if found.sort == "material"]
    if materials:
        each = [_has_material(item, material) for material in materials]
        return True if all(each) else False if False in each else None
    told = {word for word in words.split() if len(word) >= _SHORTEST}
    return True if any(list_meanings(word) & item.stems for word in told) else None


def _is_written(name: str, words: str) -> bool:
    """Of a name with a number in front the number is enough: "13-inch" and "13 inches"."""
    plain = name.strip(".,-'’")
    number = re.match(r"\d+(?:[.,]\d+)?", plain)
    if number and re.search(rf"(?<![\w.,]){re.escape(number.group())}(?![\d.,]*\d)", words):
        return True
    return re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", words) is not None


def _is_in(what: str, *, sort: str, stems: frozenset[str]) -> bool:
    """Whether a text of the shop as a whole speaks of it: "all our jackets are vegan"."""
    return sort != "named" and bool(stems) and list_meanings(what) <= stems


def _find_measure(
    claim: Claim, case: Case, *, items: list[Described], how: str, dimension: str
) -> str | None:
    value = float(claim.values[0])
    measures = [each for item in items for each in item.measures if each.dimension == dimension]
    meant = _list_meant(measures, clause=case.aim.get_clause(claim))
    if any(_fits(each.value, value, how=how) for each in meant):
        return "measure"
    numbers = {Decimal(number) for number in re.findall(r"\d+", claim.text)}
    if how in ("least", "most") and numbers & case.grounds.limits.keys():
        return "said"
    bare = {number for item in items for number in item.bare}
    if not meant and any(float(number) in bare for number in re.findall(r"\d+(?:\.\d+)?", claim.text)):
        return "attribute"
    return None if meant or dimension in _PLAIN else NOTHING_KNOWN


_PLAIN = frozenset({"weight", "volume", "length", "power", "voltage", "battery", "memory", "brightness"})
"""What is a number of the item and nothing else where an item is said to measure it."""


def _fits(known: float, told: float, *, how: str) -> bool:
    if how == "least":
        return known >= told
    if how == "most":
        return known <= told * (1 + _ROUNDED)
    return abs(known - told) <= (_NEARLY if how == "nearly" else _ROUNDED) * max(abs(known), abs(told))


def _list_meant(measures: list[Measure], *, clause: str) -> list[Measure]:
    """Those of the attribute that the clause speaks of, where it speaks of one: a width is no height."""
    told = {name for name, words in get_dimensions().items() if words.search(clause)}
    small = clause.lower()
    named = [
        each
        for each in measures
        if each.name and (_speaks_of(each.name, small) or told & _list_kinds(each.name))
    ]
    return named or measures


def _list_kinds(name: str) -> frozenset[str]:
    """What an attribute measures, whatever the shop's language."""
    return frozenset(kind for word in (name, *name.split()) for kind in list_measures_of(word))


def _speaks_of(name: str, clause: str) -> bool:
    words = {word for word in name.split() if len(word) > _SHORTEST}
    return any(re.search(rf"(?<!\w){re.escape(word)}", clause) for word in words)
