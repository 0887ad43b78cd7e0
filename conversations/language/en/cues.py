"""English cues: phrases by what they say. Longest phrases win."""

CUES: dict[str, tuple[str, ...]] = {
    "at_most": (
        "under", "below", "less than", "cheaper than", "no more than", "not more than", "at most", "up to",
        "max", "maximum", "maximum of", "within", "not over", "lower than", "fewer than", "beneath",
        "smaller than", "lighter than", "shorter than", "no higher than", "a maximum of", "not above", "<", "<=",
        "budget of", "budget is", "my budget is", "a budget of", "limit of", "limit is", "can spend", "spend up to",
        "not exceeding", "no heavier than", "doesn't exceed", "keep it under", "stay under", "tops",
    ),
    "at_least": (
        "over", "above", "more than", "at least", "no less than", "not less than", "min", "minimum",
        "minimum of", "a minimum of", "starting at", "from", "upwards of", "greater than", "bigger than",
        "larger than", "higher than", "heavier than", "longer than", "not under", "not below", ">", ">=",
    ),
    "around": ("around", "about", "roughly", "approximately", "approx", "circa", "near", "close to", "somewhere around", "ish", "~"),
    "between": ("between", "from"),
    "range_and": ("and", "to", "-", "–", "—"),
    "make_it": (
        "make it", "make that", "actually", "change it to", "change that to", "rather", "instead", "let's say", "lets say",
        "say", "i meant", "i mean", "raise it to", "lower it to", "increase it to", "go up to", "can go up to",
        "stretch to", "can do", "could do", "bump it to", "bump it up to", "no wait", "wait",
    ),
    "forget": (
        "forget", "forget about", "drop", "never mind", "nevermind", "ignore", "remove", "skip", "without regard to",
        "don't care about", "don't mind", "doesn't matter", "does not matter", "not important", "isn't important",
        "lift", "scrap", "no longer matters", "no limit on", "regardless of",
    ),
    "any": ("any", "whatever", "whichever", "every", "all"),
    "is_fine": ("is fine", "are fine", "is ok", "is okay", "works", "will do", "would do", "is good", "are ok", "are okay", "is alright"),
    "not": (
        "not", "no", "nothing", "nothing in", "nothing from", "nothing by", "not from", "not in", "not by", "without", "except",
        "excluding", "anything but", "other than", "don't want", "do not want", "don't like", "do not like", "hate",
        "dislike", "avoid", "never", "never wear", "never buy", "none of", "allergic to", "can't stand", "but not", "free of", "isn't", "aren't", "nor",
    ),
    "always": ("always", "never", "allergic", "whenever", "every time", "generally", "in general", "i only wear", "i only buy", "can't stand"),
    "this_item": ("this one", "that one", "it", "this", "that"),
    "start_over": ("start over", "start again", "start from scratch", "forget everything", "reset everything", "begin again", "clear everything", "from the beginning"),
    "free_suffix": ("free",),
}  # fmt: skip
