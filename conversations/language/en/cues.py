"""English cues: phrases by what they say. Longest phrases win."""

_MOVING = tuple(
    f"{verb} {what} {to}"
    for verb in ("raise", "lower", "increase", "bump", "push", "up", "drop", "reduce")
    for what in ("it", "that", "the budget", "my budget", "the limit", "my limit")
    for to in ("to", "up to", "down to")
)
"""As in "raise the budget to"."""

CUES: dict[str, tuple[str, ...]] = {
    # Before a number.
    "at_most": (
        "under", "below", "less than", "cheaper than", "no more than", "not more than", "at most", "up to",
        "max", "maximum", "maximum of", "a maximum of", "within", "not over", "lower than", "fewer than",
        "beneath", "smaller than", "lighter than", "shorter than", "no higher than", "not above", "<", "<=",
        "budget of", "budget is", "budget around", "limit of", "limit is", "can spend", "spend up to",
        "not exceeding", "down to", "no heavier than", "doesn't exceed", "can't exceed", "only have", "i have",
        "i've got",
        "if i spend", "if i spent", "if i paid", "if i pay", "if i went to", "if i go to", "get for",
        "to spend", "budget", "no longer than", "underneath", "sub", "as much as", "won't pay more than",
        "at or below", "at or under", "earlier than", "older than", "narrower than", "thinner than",
    ),
    "at_least": (
        "over", "above", "more than", "at least", "no less than", "not less than", "min", "minimum",
        "minimum of", "a minimum of", "starting at", "upwards of", "greater than", "bigger than",
        "larger than", "higher than", "heavier than", "longer than", "not under", "not below", ">", ">=",
        "no lighter than", "at or above", "north of", "since", "newer than", "later than", "taller than", "wider than",
        "deeper than", "thicker than",
    ),
    "around": (
        "around", "about", "roughly", "approximately", "approx", "circa", "near", "close to",
        "somewhere around", "~", "in the region of", "more or less", "ballpark",
    ),
    "between": ("between", "from", "anywhere from", "anywhere between", "in the range of"),
    "exactly": ("exactly", "precisely"),
    # After a number.
    "at_most_after": (
        "or less", "or under", "or below", "or cheaper", "max", "maximum", "tops", "at most", "at the most",
        "and under", "and below", "or lower", "or lighter", "or smaller", "or shorter", "or thinner", "or narrower",
        "or fewer", "or older", "or earlier", "budget", "and less", "limit",
    ),
    "at_least_after": (
        "or more", "or above", "or over", "and up", "and above", "and over", "min", "minimum", "at least",
        "or higher", "or better", "or bigger", "or larger", "or longer", "or heavier", "or wider", "or taller",
        "or stronger", "or brighter", "or faster", "or newer", "or later", "+", "plus", "upwards",
    ),
    # "What about 40?" proposes 40, and nothing near it.
    "proposing": ("what about", "how about", "thinking about", "thinking of"),
    "around_after": ("or so", "ish", "or thereabouts", "give or take"),
    "range_and": ("and", "to", "-", "–", "—", "up to", "through"),
    # A change of mind.
    "make_it": (
        "make it", "make that", "actually", "change it to", "change that to", "instead", "let's say",
        "lets say", "i meant", "i mean", "i said", "go up to", "go to",
        "stretch to", "can do", "could do", *_MOVING, "no wait", "wait", "correction",
        "sorry", "say", "up to", "as high as", "rather", "meant",
    ),
    "forget": (
        "forget", "forget about", "never mind", "nevermind", "ignore",
        "don't care about", "do not care about", "don't mind", "doesn't matter", "does not matter",
        "not important", "isn't important", "no longer matters", "no limit on", "regardless of",
        "don't worry about", "doesn't need to be", "doesn't have to be", "need not be", "is no object",
        "don't have to be", "do not have to be", "does not have to be", "don't need to be", "needn't be", "needn't",
        "don't have to have", "doesn't have to have", "don't need to have", "doesn't need to have", "needn't have",
        "don't have to", "doesn't have to", "do not have to", "does not have to", "don't need to", "doesn't need to",
        "not necessarily", "need not", "need not have",
        "doesn't necessarily have to be", "don't necessarily have to be",
        "isn't that important", "aren't that important", "not that important", "not so important", "isn't so important",
        "not needed", "not necessary", "isn't needed", "isn't necessary", "not required", "unnecessary", "not a must",
        "no longer need", "no object", "not fussed about", "don't matter",
    ),
    "remove": ("drop", "remove", "scrap", "lift", "take off", "lose", "without", "clear", "no"),
    "any": ("any", "whatever", "whichever", "all"),
    "is_fine": (
        "is fine", "are fine", "is ok", "is okay", "works", "will do", "would do", "is good", "are ok",
        "are okay", "is alright", "fine", "goes", "would be fine", "would be ok", "ok", "okay",
        "sounds good", "sounds great", "sounds nice", "sounds fine", "is enough", "are enough", "is plenty",
        "would be enough", "will be enough", "is also fine", "are also fine", "is also ok", "are also ok",
        "is still fine",
    ),
    "start_over": (
        "start over", "start again", "start from scratch", "start afresh", "forget everything",
        "reset everything", "begin again", "clear everything", "from the beginning", "forget all that",
        "scrap everything", "scrap all that", "let's restart", "restart",
    ),
    # Refusing.
    "not": (
        "not", "no", "none", "nothing", "not from", "not in", "not by", "without", "except", "excluding",
        "anything but", "other than", "don't want", "do not want", "don't like", "do not like", "hate",
        "dislike", "avoid", "never", "neither", "everything but", "all but", "any color but",
        "any colour but", "any brand but",
        "any colour except", "any color except", "none of", "allergic to", "can't stand", "can't eat", "cannot eat",
        "can't wear", "cannot wear",
        "isn't", "aren't", "nor", "doesn't like", "does not like", "don't fancy", "doesn't want", "does not want",
        "doesn't eat", "doesn't drink", "don't drink", "doesn't wear", "hates", "dislikes", "not keen on",
        "not a fan of", "not fond of", "not into", "can't have", "cannot have", "can't drink", "won't eat",
        "apart from", "instead of", "rather than", "won't wear", "don't wear",
        "don't eat", "don't buy", "free from", "free of", "skip", "nothing from", "nothing in", "nothing by",
    ),
    "reduced": (
        "on sale", "on offer", "on special", "on special offer", "on clearance", "in the sale", "at a discount",
        "with a discount", "at a reduced price", "at reduced prices", "discounted", "reduced", "marked down",
        "marked-down",
    ),
    # Beside goods at a lower price: they were that, or need not be.
    "reduced_aside": (
        "don't have to", "do not have to", "doesn't have to", "needn't", "need not", "don't need to", "doesn't need to",
        "not just", "not only", "not necessarily", "no need", "don't mind", "doesn't matter", "don't care",
        "elsewhere", "bought", "saw", "was on", "were on", "was reduced", "were reduced", "was discounted",
        "were discounted", "yesterday", "last year", "last week", "last month", "last time", "last summer",
        "last winter", "ago", "when", "why", "how often", "used to", "will be", "going to be", "go on sale",
    ),
    "never": ("never", "don't", "do not", "won't", "can't", "cannot", "hardly ever"),
    "cart": ("cart", "basket", "bag", "trolley"),
    "always": (
        "always", "never", "allergic", "allergy", "allergies", "intolerant", "intolerance", "whenever", "every time",
        "generally", "in general",
        "i only wear", "i only buy", "i only eat", "can't stand", "can't eat", "cannot eat", "don't wear",
        "can't wear", "cannot wear", "don't eat", "i'm vegan", "i am vegan", "we're vegan", "i'm vegetarian",
        "i am vegetarian", "i'm a vegan", "i'm a vegetarian",
    ),
    "my_size": (
        "my size", "my shoe size", "i wear", "i'm a size", "i am a size", "i take a size", "i take size", "i usually",
        "i normally",
    ),
    # What somebody else wears.
    "their_size": (
        "he wears", "she wears", "wears", "wears a", "he takes", "she takes", "takes a size", "takes size", "he's a",
        "she's a", "he is a", "she is a", "he's a size", "she's a size", "he is size", "she is size", "his size is",
        "her size is", "his size", "her size", "his shoe size is", "her shoe size is", "he needs a", "she needs a",
        "he wears a", "she wears a", "he takes a", "she takes a", "wears a size", "he usually wears",
        "she usually wears", "he's usually a", "she's usually a",
    ),
    # A question about what an item is, of which no search is made.
    "asks_item": (
        "is it", "is this", "is that", "are they", "are these", "are those", "is this one", "is that one", "does it",
        "do they", "does this", "does that", "can it", "will it", "has it", "have they", "is that also",
        "would it",
    ),
    "refusing": (
        "can't", "cannot", "can not", "shouldn't", "should not", "mustn't", "must not", "won't", "don't", "do not",
        "doesn't", "wouldn't", "not",
    ),
    "this_item": ("this one", "that one", "it", "this", "that", "them", "these", "those"),
    "free_after": ("free", "less"),
    # Before what somebody does gladly.
    "gladly": (
        "love to", "loves to", "like to", "likes to", "enjoy to", "enjoys to", "used to", "learning to", "learns to",
        "hates to", "prefers to",
    ),
    # Behind what somebody does not bear.
    "unbearable_after": ("intolerant", "intolerance", "allergy", "allergies", "allergic"),
    # What a number or a term is about.

    "price": ("price", "budget", "cost", "price limit", "price range", "money", "prices", "limit"),
    "rating": ("rating", "rated", "ratings", "review", "reviews", "score", "reviewed", "star", "stars"),
    "color": ("color", "colour", "colors", "colours", "shade"),
    "size": ("size", "sizes", "sizing"),
    "brand": ("brand", "brands", "make", "maker", "manufacturer", "label"),
    "material": ("material", "materials", "fabric"),
    "category": ("category", "type", "kind"),
    "budget": ("budget", "spending limit", "price limit"),
    # Beside a sum, of which pounds are no weight.
    "spends": ("budget", "spend", "spending", "spent", "afford", "pay", "paying", "saved"),
    "not_a_limit": (
        "shipping", "delivery", "deliver", "ship", "returns", "refund", "voucher", "coupon", "discount",
        "gift card", "points", "return", "promo", "promotion", "order", "orders", "delivered",
    ),

    "price_question": ("does it cost", "is it", "was it", "costs", "did it cost", "why does", "priced at"),
    "from_maker": ("from", "by", "made by", "brand", "of brand"),
    # Comparing with what is in focus.
    "well_rated": (
        "good reviews", "good rating", "good ratings", "well rated", "highly rated", "well reviewed",
        "high rating", "high ratings", "great reviews", "great rating", "highly reviewed",
        "decent reviews", "positive reviews",
    ),
    # Takes back what was said, and names no goods.
    "aside": ("scratch that", "strike that", "disregard that", "ignore that", "never mind that", "forget that"),
    "return_to": ("go back to", "going back to", "back to", "return to"),
    "also": ("also", "too", "as well"),
}  # fmt: skip
