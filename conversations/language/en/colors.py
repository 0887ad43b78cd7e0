"""English colour words: families with their shades, spellings, and words that lighten or darken."""

COLORS: dict[str, tuple[str, ...]] = {
    "black": ("jet", "ebony", "onyx", "anthracite", "obsidian", "raven", "midnight black"),
    "white": ("ivory", "off white", "snow", "pearl", "alabaster", "chalk", "eggshell", "bone"),
    "grey": ("charcoal", "slate", "ash", "graphite", "gunmetal", "heather", "stone", "pewter", "smoke"),
    "blue": (
        "navy", "cobalt", "teal", "azure", "sky", "royal blue", "indigo", "denim", "turquoise", "aqua",
        "cyan", "sapphire", "cerulean", "midnight blue", "petrol", "baby blue", "ultramarine", "powder blue",
    ),
    "green": (
        "olive", "emerald", "lime", "mint", "sage", "forest green", "khaki", "jade", "moss", "teal",
        "turquoise", "chartreuse", "hunter green", "fern", "pistachio", "seafoam",
    ),
    "red": (
        "crimson", "scarlet", "burgundy", "maroon", "ruby", "cherry", "wine", "brick", "vermilion",
        "cardinal", "bordeaux", "oxblood", "cranberry", "carmine",
    ),
    "pink": ("rose", "blush", "fuchsia", "magenta", "coral", "salmon", "hot pink", "peach", "raspberry"),
    "purple": (
        "violet", "lilac", "lavender", "plum", "mauve", "aubergine", "eggplant", "amethyst", "orchid",
        "magenta", "mulberry",
    ),
    "yellow": ("mustard", "lemon", "amber", "canary", "saffron", "gold", "maize", "ochre"),
    "orange": ("tangerine", "apricot", "rust", "terracotta", "burnt orange", "coral", "pumpkin", "peach"),
    "brown": (
        "tan", "chocolate", "chestnut", "coffee", "mocha", "cognac", "camel", "walnut", "mahogany", "espresso",
        "caramel", "bronze", "taupe", "umber", "sienna", "hazel", "tawny",
    ),
    "beige": ("cream", "sand", "ecru", "oatmeal", "tan", "nude", "champagne", "linen", "taupe", "camel"),
    "gold": ("golden", "rose gold", "brass"),
    "silver": ("chrome", "platinum", "metallic silver", "steel"),
    "multicolored": ("multi", "assorted"),
}

COLOR_SPELLINGS: dict[str, str] = {
    "gray": "grey",
    "greyish": "grey",
    "grayish": "grey",
    "blueish": "blue",
    "bluish": "blue",
    "greenish": "green",
    "reddish": "red",
    "brownish": "brown",
    "pinkish": "pink",
    "purplish": "purple",
    "yellowish": "yellow",
    "whitish": "white",
    "multicoloured": "multicolored",
    "multicolour": "multicolored",
    "multicolor": "multicolored",
    "colorful": "multicolored",
    "colourful": "multicolored",
    "rainbow": "multicolored",
}

COLOR_MODIFIERS: dict[str, str] = {
    "light": "light", "lighter": "light", "pale": "light", "pastel": "light", "soft": "light",
    "dark": "dark", "darker": "dark", "deep": "dark",
    "bright": "bright", "vivid": "bright", "neon": "bright",
    "dirty": "dirty", "dusty": "dirty", "muted": "dirty", "faded": "dirty",
}  # fmt: skip
