"""Letters that look like others, and letters that nobody sees, as a reader takes them: "＄1" is a dollar."""

import re
from collections.abc import Mapping

_WIDE = {letter: letter - 0xFEE0 for letter in range(0xFF01, 0xFF5F)}
_ALIKE = {
    "\u3000": " ",
    "\ufe69": "$",
    "\uffe1": "£",
    "\uffe5": "¥",
    "\u017f": "s",
    "\u0130": "I",
    "\u0131": "i",
    "\u212a": "K",
}
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)
_CYRILLIC = str.maketrans("аеорсухікмтнвАЕОРСУХІКМТНВЅѕЈјԁһ", "aeopcyxikmthbAEOPCYXIKMTHBSsJjdh")
_GREEK = str.maketrans("οΟαΑΒΕΖΗΙΚΜΝΡΤΥΧνι", "oOaABEZHIKMNPTYXvi")
_CIRCLED = {0x2460 + place: str(place + 1) for place in range(9)} | {0x24EA: "0"}
_PLAIN = _CYRILLIC | _GREEK | _CIRCLED | _WIDE | str.maketrans(_ALIKE)


def read_plainly(
    sentence: str, *, names: Mapping[str, frozenset[str]]
) -> tuple[str, Mapping[str, frozenset[str]]]:
    """The sentence as it is read, and the names as they would stand in it."""
    plain = to_plain(sentence)
    return plain, names if plain == sentence else {to_plain(name): skus for name, skus in names.items()}


def to_plain(text: str) -> str:
    """The text as it is read. A pattern that ignores case takes some of these letters for the plain ones as well, and
    no table that is looked into afterwards has them.
    """
    return text if text.isascii() else _UNSEEN.sub("", text).translate(_PLAIN)
