"""The general language of colours: which names belong to which family. No shop's list."""

import re

FAMILIES = {
    "black": "black jet onyx ebony obsidian raven",
    "white": "white ivory snow chalk alabaster pearl",
    "grey": "grey gray charcoal slate graphite anthracite ash pewter gunmetal steel smoke silver",
    "silver": "silver chrome platinum",
    "blue": "blue navy cobalt azure indigo denim sapphire sky cyan teal turquoise aqua ultramarine cerulean "
    "marine midnight petrol royal",
    "green": "green olive khaki lime mint sage forest emerald moss pine jade fern teal avocado",
    "red": "red crimson scarlet burgundy maroon ruby cherry wine bordeaux cardinal brick oxblood",
    "orange": "orange tangerine apricot rust amber peach coral copper",
    "yellow": "yellow mustard lemon gold saffron ochre canary honey",
    "gold": "gold golden brass",
    "brown": "brown tan chocolate chestnut coffee mocha cognac caramel walnut bronze umber camel espresso hazel",
    "beige": "beige sand cream stone taupe ecru oatmeal nude champagne tan khaki",
    "purple": "purple violet lilac lavender plum mauve aubergine eggplant magenta amethyst",
    "pink": "pink rose fuchsia magenta blush salmon coral raspberry",
    "multicolour": "multicolour multicolor multicoloured multicolored rainbow assorted",
}
_FAMILIES_OF: dict[str, tuple[str, ...]] = {}
for _family, _names in FAMILIES.items():
    for _name in _names.split():
        _FAMILIES_OF[_name] = (*_FAMILIES_OF.get(_name, ()), _family)

BETWEEN = re.compile(r"\s*(?:[/,;&+]|\band\b)\s*")
WORD = re.compile(r"[a-zà-ÿ]+")
SPELLING = str.maketrans({"-": " "})


def normalise_color(text: str) -> str:
    """Lower case, one spelling: `Light-Gray` is `light grey`."""
    return re.sub(r"\bgray\b", "grey", " ".join(text.lower().translate(SPELLING).split()))


def is_color(word: str) -> bool:
    """Whether a word, lower case, names a colour or its family."""
    return word in _FAMILIES_OF


def list_color_words(color: str) -> tuple[str, ...]:
    """Every word a colour can be asked for by: as written, its parts, their words and their families.

    `Cobalt Blue/White` is found by `cobalt blue/white`, `cobalt blue`, `cobalt`, `blue` and `white`.
    """
    whole = normalise_color(color)
    if not whole:
        return ()
    found = {whole: None}
    for part in BETWEEN.split(whole):
        if part:
            found[part] = None
        for word in WORD.findall(part):
            for family in _FAMILIES_OF.get(word, ()):
                found[word] = None
                found[family] = None
    return tuple(found)
