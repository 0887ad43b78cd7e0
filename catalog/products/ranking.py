"""How well a product answers the words of a search, as SQL over its heading and its text.

The figures were chosen on the judged queries as a whole, so what is measured on those flatters them.
"""

from itertools import pairwise

from catalog.products.filters import stem_words
from catalog.products.sql import Parameters
from catalog.products.words import SearchWord, write_phrase, write_words

PLACES = {
    "thing": "{0.06, 0.3, 1, 0.12}",
    "which": "{0.2, 0.8, 0.25, 0.1}",
    "target": "{1, 0.5, 0.8, 0.2}",
}
"""What a word counts in the heading, by its role: behind a "for" or "with" in the title, in the category, in the title
proper, and once more where it is the noun that names the thing.
"""
ROLES = {"thing": 1.1, "which": 1.0, "target": 1.0}
TOLD = "{0.5, 0.5, 0.1, 0}"
"""What a word counts in the rest of the text, the longer it is the less: in the description, in the details, among the
numbers.
"""
BY_LENGTH = 1
"""ts_rank divides by 1 and the logarithm of the text's length."""
AS_SAID = 0.4
"""What it adds that a word which has other words for it stands there itself."""
SHORT = 1.2
"""The share that a short heading adds, for it is about little else."""
IN_ORDER = 0.3
"""What it adds that words said together stand together."""
SYNONYM = 0.25
"""Another word for what was said is found, but behind the word itself."""
FEW = 4
"""So many ways to say a word are weighed one by one; those of an amount, of which a title has one, together."""
OF_ANOTHER = 0.95
"""What is left where the thing's noun only says which other thing: a laptop bag is no laptop."""
WHOLE = 1.65
"""ts_rank answers the weight of a single find divided by this, the limit of 1 + 1/4 + 1/9 + …"""


def write_rank(words: tuple[SearchWord, ...], parameters: Parameters, *, of_a_kind: bool = False) -> str:
    """By the heading of product `p`: each word by its rarity, role and place, and the words in their order.

    Goods that are `of_a_kind` are as good an answer under a long heading as under a short one.
    """
    if not words:
        return "0"
    parts = []
    for word in words:
        place = _write_place(word.own, column="p.heading", places=PLACES[word.role], parameters=parameters)
        if word.others:
            other = _write_place(
                word.others, column="p.heading", places=PLACES[word.role], parameters=parameters
            )
            place = f"greatest({place}, {SYNONYM} * {other})"
        if word.role == "thing":
            called = f"ts_filter(p.heading, '{{a}}') @@ {write_words((*word.own, *word.others), parameters)}"
            place = f"{place} * CASE WHEN {called} THEN 1 ELSE {OF_ANOTHER} END"
        parts.append(f"{word.weight * ROLES[word.role]:.3f} * {place}")
    shortness = f"{WHOLE}" if of_a_kind else f"({WHOLE} + {SHORT} / (1 + length(p.heading)))"
    return f"({' + '.join(parts)}) * {shortness}{_write_in_order(words, parameters)}"


def _write_place(
    ways: tuple[str, ...], *, column: str, places: str, parameters: Parameters, norm: int = 0
) -> str:
    """The best place of a word in any of the ways to say it: ts_rank weighs the words of a phrase each by itself
    and divides by the number of alternatives, so phrases are asked one by one and single words are multiplied back.
    """
    singles = [way for way in ways if way.isalnum()]
    options = []
    for group in [tuple(singles)] if len(singles) > FEW else [(single,) for single in singles]:
        stems = len(set(stem_words(" ".join(group)))) or 1
        options.append(f"{stems} * ts_rank('{places}', {column}, {write_words(group, parameters)}, {norm})")
    for way in ways:
        if not way.isalnum():
            phrase = write_phrase(way, parameters)
            place = f"ts_rank('{places}', {column}, {phrase}, {norm}) / {WHOLE}"
            options.append(f"CASE WHEN {column} @@ {phrase} THEN {place} ELSE 0 END")
    return f"greatest({', '.join(options)})" if options else "0"


def _write_in_order(words: tuple[SearchWord, ...], parameters: Parameters) -> str:
    said = [(word.own or word.others)[0] for word in words]
    pairs = [write_phrase(f"{left} {right}", parameters) for left, right in pairwise(said)]
    return "".join(f" + {IN_ORDER / len(pairs):.3f} * (p.heading @@ {pair})::int" for pair in pairs)


def write_told(words: tuple[SearchWord, ...], parameters: Parameters) -> str:
    """By the rest of what is told of product `t`; another word for a word counts only where it has none of its own."""
    parts = []
    for word in words:
        ways = word.own or word.others
        place = _write_place(ways, column="t.search", places=TOLD, parameters=parameters, norm=BY_LENGTH)
        said = ""
        if word.own and word.others:
            said = f" + {AS_SAID} * (t.search @@ {write_words(word.own, parameters)})::int"
        parts.append(f"{word.weight * ROLES[word.role]:.3f} * ({WHOLE} * {place}{said})")
    return " + ".join(parts)
