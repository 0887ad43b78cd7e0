"""Why a product was found: for each word of the search the word of the shop that met it, and where it stands."""

from catalog.products.query import Place, WordMatch
from catalog.products.sql import Parameters
from catalog.products.words import SearchWord, write_phrase, write_word

PLACES: dict[str, tuple[Place, str]] = {
    "t": ("title", "ts_filter(p.heading, '{b}')"),
    "g": ("goes_with", "ts_filter(p.heading, '{d}')"),
    "c": ("category", "ts_filter(p.heading, '{a,c}')"),
    "n": ("number", "ts_filter(p.search, '{b}')"),
    "s": ("details", "ts_filter(p.search, '{c}')"),
    "d": ("description", "p.search"),
}
ORDERS = {"thing": "tcgnsd", "which": "tgcnsd", "target": "gtsncd"}
"""Where a word is looked for first, by its role."""


def write_matches(words: tuple[SearchWord, ...], parameters: Parameters) -> str:
    """An array with an entry for each word: the letter of a place and the number of the way to say it, or null."""
    entries = []
    for word in words:
        whole = write_word(word, parameters)
        places = " ".join(
            f"WHEN {PLACES[letter][1]} @@ {whole} THEN '{letter}'" for letter in ORDERS[word.role]
        )
        ways = " ".join(
            f"WHEN p.search @@ {write_phrase(text, parameters)} THEN '{number}'"
            for number, text in enumerate((*word.own, *word.others))
        )
        entries.append(f"CASE {places} END || CASE {ways} END")
    return f"ARRAY[{', '.join(entries)}]::text[]"


def read_matches(found: tuple[str | None, ...], *, words: tuple[SearchWord, ...]) -> tuple[WordMatch, ...]:
    """The entries as the words they stand for; a word that is nowhere in the product has none."""
    return tuple(
        _read(entry, word=word) for entry, word in zip(found, words, strict=True) if entry is not None
    )


def _read(entry: str, *, word: SearchWord) -> WordMatch:
    number = int(entry[1:])
    if number >= len(word.own):
        return WordMatch(
            word=word.written,
            met=word.others[number - len(word.own)],
            place=PLACES[entry[0]][0],
            how="synonym",
        )
    met = word.written if word.is_amount else word.own[number]
    return WordMatch(
        word=word.written,
        met=met,
        place=PLACES[entry[0]][0],
        how="said" if met == word.written else "synonym" if met in word.called else "spelling",
    )
