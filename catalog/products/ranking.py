"""How well a product answers the words of a search, as SQL over its heading and its text.

The figures were chosen on judged queries by halves: those that one half liked and the other did not were dropped.
"""

from itertools import pairwise

from catalog.products.sql import Parameters
from catalog.products.words import SearchWord, write_phrase, write_words

PLACES = {
    "thing": "{0.06, 0.3, 1, 0.2}",
    "which": "{0.2, 0.8, 0.25, 0.1}",
    "target": "{1, 0.5, 0.8, 0.2}",
}
"""What a word counts in the heading, by its role: behind a "for" or "with" in the title, in the category, in the title
proper, and once more where it is the noun that names the thing.
"""
ROLES = {"thing": 1.1, "which": 1.0, "target": 1.0}
TOLD = "{0.1, 0.07, 0.05, 0}"
"""What a word counts in the rest of the text: in the description, in the details, among the numbers."""
SHORT = 1.2
"""The share that a short heading adds, for it is about little else."""
IN_ORDER = 0.3
"""What it adds that words said together stand together."""
SYNONYM = 0.2
"""Another word for what was said is found, but behind the word itself."""
WHOLE = 1.65
"""ts_rank answers the weight of a single find divided by this, the limit of 1 + 1/4 + 1/9 + …"""


def write_rank(words: tuple[SearchWord, ...], parameters: Parameters) -> str:
    """By the heading of product `p`: each word by its rarity, role and place, and the words in their order."""
    if not words:
        return "0"
    parts = []
    for word in words:
        places = PLACES[word.role]
        place = f"ts_rank('{places}', p.heading, {write_words(word.own, parameters)})"
        if word.others:
            other = write_words(word.others, parameters)
            place = f"greatest({place}, {SYNONYM} * ts_rank('{places}', p.heading, {other}))"
        parts.append(f"{word.weight * ROLES[word.role]:.3f} * {place}")
    shortness = f"({WHOLE} + {SHORT} / (1 + length(p.heading)))"
    return f"({' + '.join(parts)}) * {shortness}{_write_in_order(words, parameters)}"


def _write_in_order(words: tuple[SearchWord, ...], parameters: Parameters) -> str:
    said = [(word.own or word.others)[0] for word in words]
    pairs = [write_phrase(f"{left} {right}", parameters) for left, right in pairwise(said)]
    return "".join(f" + {IN_ORDER / len(pairs):.3f} * (p.heading @@ {pair})::int" for pair in pairs)


def write_told(words: tuple[SearchWord, ...], parameters: Parameters) -> str:
    """By the rest of what is told of product `t`; another word for a word counts only where it has none of its own."""
    parts = [
        f"{word.weight * ROLES[word.role] * WHOLE:.3f} * ts_rank('{TOLD}', t.search, "
        f"{write_words(word.own or word.others, parameters)})"
        for word in words
    ]
    return " + ".join(parts)
