"""Filters as SQL over one candidate: `p` product, `v` variant, `b` brand, `c` category, and what it costs.

A filter whose field the item does not state is failed, except `!=`, `not in` and one that takes `unsaid`, which it
meets. Where a plain "no" is asked, saying nothing is as good as no: what is not called waterproof is not waterproof.
"""

import re
from decimal import Decimal, InvalidOperation

import msgspec
import snowballstemmer

from catalog.errors import CatalogError
from catalog.products.colors import normalise_color
from catalog.products.query import Filter
from catalog.products.sizes import normalise_size
from catalog.products.sql import Parameters

NEGATIONS = {"!=": "=", "not in": "in"}
YES = frozenset({"yes", "true", "ja", "sí", "si", "oui"})
NO = frozenset({"no", "false", "nein", "non"})
NEGATIVE_WORDS = [
    "no", "false", "none", "not", "n", "0", "", "nein", "non", "kein", "keine", "ohne", "sans", "sin", "aucun",
]  # fmt: skip
"""Words by which a value says no, in the languages that are spoken here."""
WORD = re.compile(r"[^\W_]+")
BUYABLE = (
    "(v.availability IN ('preorder', 'backorder') OR "
    "(v.availability IN ('in_stock', 'unknown') AND coalesce(s.quantity, 1) > 0))"
)
_OTHERWISE_SIZED = {
    True: "NOT EXISTS (SELECT 1 FROM unnest(v.sizes) AS size WHERE size ~ '^[0-9]+([.][0-9]+)?$')",
    False: "NOT v.sizes && '{xxxs,xxs,xs,s,m,l,xl,xxl,xxxl}'::text[]",
}
"""True of goods without a size in numbers, or in letters: "I wear a 10" says nothing about tents and gloves."""
_UNSIZED = "v.sizes = '{}'"
_STEMMER = snowballstemmer.stemmer("english")


class FilterRefused(CatalogError):
    """A filter makes no sense as it stands; correct its operator or value and search again."""

    def __init__(self, *, asked: Filter, problem: str) -> None:
        super().__init__(f"{asked.field} {asked.op} {asked.value!r}: {problem}")
        self.asked = asked
        self.problem = problem


class Shelves(msgspec.Struct, frozen=True, kw_only=True):
    """The shop's categories and brands, to look names up in."""

    categories: tuple[tuple[int, str], ...] = ()
    """Id and path."""
    brands: tuple[tuple[int, str], ...] = ()


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """A filter in SQL: whether a candidate meets it, and by how much it fails where that is a number."""

    filter: Filter
    sql: str
    margin: str = "NULL::float8"
    hard: bool = False
    """True: what fails it is not even a near miss (another category is another thing)."""


def stem_words(text: str) -> list[str]:
    """The stems of a text's words."""
    return list(_STEMMER.stemWords(WORD.findall(text.lower())))


def _list_values(asked: Filter) -> tuple[str, ...]:
    if isinstance(asked.value, tuple):
        return asked.value
    return (str(asked.value),)


def _number(asked: Filter) -> Decimal:
    try:
        number = Decimal(str(asked.value))
    except InvalidOperation as error:
        raise FilterRefused(asked=asked, problem="its value must be a number.") from error
    if not number.is_finite():
        raise FilterRefused(asked=asked, problem="its value must be a number.")
    return number


def _compare(asked: Filter, *, subject: str, parameters: Parameters) -> Term:
    if asked.op in ("in", "not in"):
        numbers = [_number(Filter(field=asked.field, op="=", value=value)) for value in _list_values(asked)]
        sql = f"{subject} = ANY({parameters.add(numbers)}::numeric[])"
        return Term(filter=asked, sql=f"NOT coalesce({sql}, false)" if asked.op == "not in" else sql)
    place = f"{parameters.add(_number(asked))}::numeric"
    if asked.op == "!=":
        return Term(filter=asked, sql=f"{subject} IS DISTINCT FROM {place}")
    short = f"{place} - {subject}" if asked.op == ">=" else f"{subject} - {place}"
    return Term(filter=asked, sql=f"{subject} {asked.op} {place}", margin=f"({short})::float8")


def _list_category_ids(value: str, shelves: Shelves) -> list[int]:
    """Categories of that name or path with all below them; failing that, those whose name ends in the same noun."""
    wanted = f" > {value.lower()} > "
    exact = [number for number, path in shelves.categories if wanted in f" > {path.lower()} > "]
    if exact:
        return exact
    stems = stem_words(value)
    return [
        number
        for number, path in shelves.categories
        if any(_names_same(stems, stem_words(part)) for part in path.split(" > "))
    ]


def _names_same(asked: list[str], shelf: list[str]) -> bool:
    return bool(asked and shelf) and shelf[-1] == asked[-1] and set(asked) <= set(shelf)


def _write_category(asked: Filter, *, shelves: Shelves, parameters: Parameters) -> Term:
    options = []
    for value in _list_values(asked):
        ids = _list_category_ids(value, shelves)
        words = f"p.heading @@ plainto_tsquery('shop', {parameters.add(value)})"
        # Goods without a category are known by their titles alone: a "laptop sleeve" is a sleeve.
        noun = parameters.add(next(reversed(WORD.findall(value)), ""))
        named = f"{words} AND ts_filter(p.heading, '{{a}}') @@ plainto_tsquery('shop', {noun})"
        options.append(
            f"(p.category_id = ANY({parameters.add(ids)}) OR (p.category_id IS NULL AND {named}))"
            if ids
            else words
        )
    sql = " OR ".join(options) or "false"
    return Term(filter=asked, sql=f"coalesce({sql}, false)", hard=True)


def _is_brand(value: str, brand: str) -> bool:
    asked, known = WORD.findall(value.lower()), WORD.findall(brand.lower())
    return bool(asked) and (known == asked or known[: len(asked)] == asked)


def _write_brand(asked: Filter, *, shelves: Shelves, parameters: Parameters) -> Term:
    values = _list_values(asked)
    ids = [number for number, brand in shelves.brands if any(_is_brand(value, brand) for value in values)]
    return Term(filter=asked, sql=f"coalesce(p.brand_id = ANY({parameters.add(ids)}::bigint[]), false)")


def _write_words(asked: Filter, *, column: str, values: list[str], parameters: Parameters) -> Term:
    """One of the values, as written or by all of its words, among the words of an array column."""
    options = [
        f"{column} && {parameters.add([value])}::text[] OR {column} @> {parameters.add(value.split())}::text[]"
        for value in values
        if value
    ]
    return Term(filter=asked, sql=f"({' OR '.join(options) or 'false'})")


def _write_text(asked: Filter, *, subject: str, parameters: Parameters) -> Term:
    plain = f"regexp_replace(lower({subject}), '[^[:alnum:].]+', ' ', 'g')"
    options = []
    for value in _list_values(asked):
        words = " ".join(re.sub(r"[^\w.]+|_", " ", value.lower()).split())
        if words in YES:
            negative = parameters.add(NEGATIVE_WORDS)
            options.append(
                f"NOT split_part(btrim(coalesce({plain}, 'no')), ' ', 1) = ANY({negative}::text[])"
            )
        elif words in NO:
            negative = parameters.add(NEGATIVE_WORDS)
            options.append(f"split_part(btrim(coalesce({plain}, 'no')), ' ', 1) = ANY({negative}::text[])")
        elif words:
            place = parameters.add(f" {words} ")
            options.append(f"coalesce(position({place} in ' ' || btrim({plain}) || ' ') > 0, false)")
    return Term(filter=asked, sql=f"({' OR '.join(options) or 'false'})")


def _is_number(asked: Filter) -> bool:
    if isinstance(asked.value, tuple):
        return False
    try:
        return Decimal(str(asked.value)).is_finite()
    except InvalidOperation:
        return False


def _get_name(asked: Filter) -> str:
    return asked.field.lower().replace("_", " ")


def _write_attribute(asked: Filter, *, parameters: Parameters) -> Term:
    name = parameters.add(_get_name(asked))
    text, measure = f"(v.attributes ->> {name})", f"(v.measures ->> {name})::numeric"
    if asked.op in ("<=", ">="):
        return _compare(asked, subject=measure, parameters=parameters)
    worded = _write_text(asked, subject=text, parameters=parameters)
    if _is_number(asked):
        number = _compare(asked, subject=measure, parameters=parameters)
        return Term(
            filter=asked, sql=f"(coalesce({number.sql}, false) OR {worded.sql})", margin=number.margin
        )
    return worded


def write_filter(asked: Filter, *, paid: str, shelves: Shelves, parameters: Parameters) -> Term:
    """A filter in SQL. `paid` is the SQL of what the shopper pays. Raises FilterRefused."""
    numeric = {"price": f"({paid})", "rating": "p.rating"}.get(asked.field)
    if numeric is not None:
        return _compare(asked, subject=numeric, parameters=parameters)
    if asked.field == "on_sale" and asked.op == "=":
        lowered = f"({paid}) < v.price"
        wanted = _list_values(asked)[0].lower() in YES
        return Term(
            filter=asked, sql=f"coalesce({lowered}, false)" if wanted else f"NOT coalesce({lowered}, false)"
        )
    if asked.op in NEGATIONS:
        positive = Filter(field=asked.field, op="=" if asked.op == "!=" else "in", value=asked.value)
        term = write_filter(positive, paid=paid, shelves=shelves, parameters=parameters)
        return Term(filter=asked, sql=f"NOT coalesce({term.sql}, false)", hard=term.hard)
    return _write_positive(asked, shelves=shelves, parameters=parameters)


def _write_positive(asked: Filter, *, shelves: Shelves, parameters: Parameters) -> Term:
    values = list(_list_values(asked))
    match asked.field:
        case "category":
            return _write_category(asked, shelves=shelves, parameters=parameters)
        case "brand":
            return _write_brand(asked, shelves=shelves, parameters=parameters)
        case "color":
            colors = [normalise_color(value) for value in values]
            return _write_words(asked, column="v.colors", values=colors, parameters=parameters)
        case "size":
            sizes = [normalise_size(value) for value in values]
            fits = f"v.sizes && {parameters.add(sizes)}::text[]"
            passing = _UNSIZED if asked.strictly else _OTHERWISE_SIZED[sizes[0][:1].isdecimal()]
            return Term(filter=asked, sql=f"({fits} OR {passing})" if asked.standing else fits)
        case "material":
            materials = [value.lower() for value in values]
            return _write_words(asked, column="v.materials", values=materials, parameters=parameters)
        case "pattern":
            return _write_text(asked, subject="v.pattern", parameters=parameters)
        case "in_stock":
            wanted = values[0].lower() in YES
            return Term(filter=asked, sql=BUYABLE if wanted else f"NOT {BUYABLE}")
        case _:
            term = _write_attribute(asked, parameters=parameters)
            if not asked.unsaid:
                return term
            said = f"v.attributes ? {parameters.add(_get_name(asked))}"
            return msgspec.structs.replace(term, sql=f"({term.sql} OR NOT {said})")
