"""Why a product was found, in words that a shopper understands."""

from collections.abc import Sequence

from catalog.products import WordMatch

PLACES = {
    "title": "Its name says {words}",
    "category": "It is kept under {words}",
    "goes_with": "It is made to go with {words}",
    "number": "Its number is {words}",
    "details": "Its details mention {words}",
    "description": "Its description mentions {words}",
}


def say_matches(matches: Sequence[WordMatch]) -> str:
    """One sentence for each place: `Its name says "headset" (another word for "headphones").` Empty for no match."""
    by_place: dict[str, list[str]] = {}
    for match in matches:
        by_place.setdefault(match.place, []).append(_say_word(match))
    return " ".join(
        f"{PLACES[place].format(words=_join(list(dict.fromkeys(words))))}."
        for place, words in by_place.items()
    )


def _say_word(match: WordMatch) -> str:
    match match.how:
        case "said":
            return f'"{match.word}"'
        case "spelling":
            return f'"{match.met}" (you wrote "{match.word}")'
        case "synonym":
            return f'"{match.met}" (another word for "{match.word}")'


def _join(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
