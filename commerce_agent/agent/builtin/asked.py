"""What of an item a question asks for: an attribute by its name, or by the words people use for it."""

import re
from itertools import pairwise

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.phrases import get_book
from commerce_agent.agent.understanding.english.moves import ASKS_WHETHER
from commerce_agent.agent.understanding.wishing import COMING_WITH
from commerce_agent.tools.offers import Offer
from conversations.language.amounts import find_unit, list_amounts
from conversations.language.en.compare import DIMENSIONS
from conversations.language.shop_language import find_bulk, list_attributes_of, list_measures_of
from conversations.language.standing_for import find_stated
from conversations.language.tokens import list_stems, list_tokens
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import YES

MOST_ANSWERED = 3
"""A question about more items or attributes than this is answered for the first ones."""
SHORTEST_ASKED = 3


_ADJECTIVES = {
    "loud": "noise", "noisy": "noise", "quiet": "noise", "warm": "warmth", "tough": "toughness",
    "durable": "toughness", "sturdy": "toughness", "waterproof": "waterproofness", "fast": "speed", "quick": "speed",
    "bright": "brightness", "strong": "power", "powerful": "power", "hard": "difficulty", "difficult": "difficulty",
    "easy": "difficulty", "thick": "thickness",
}  # fmt: skip
_HOW = re.compile(rf"\bhow ({'|'.join(_ADJECTIVES)})\b")
"""Asks how much of something goods have by an adjective, whatever the shop calls the measure."""


_LIKE = re.compile(
    r"\b(?:what(?:['’]s| is)|how(?:['’]s| is)) (?:the|its) (?P<what>[a-z]+)"
    r"(?= like\b| (?:on|of|for) (?:it|this|that|the)\b|\W*$)"
)
"""As in "what's the battery like?": of what is told by "battery life"."""
_HOW_LARGE_A_PART = re.compile(
    r"\bhow (?P<adjective>[a-z]+) (?:is|are) (?:the|its|their) (?P<part>[a-z][a-z ]*?)(?=\W*$|[,.;?])"
)
"""As in "how long is the cable?" of what tells its "cable length"."""
_DIMENSIONS = re.compile(r"\d\s*(?:[x×]|by)\s*\d", re.IGNORECASE)
"""A size that is several lengths: "140 x 70 cm"."""
_HOW_LARGE = re.compile(
    r"\bhow (?P<adjective>wide|broad|long|deep|high|tall|big|large)\b(?! (?:does|do|is the|will|would) (?:\w+ ){0,4}?"
    r"(?:last|take|charge|run)s?\b)|\b(?:dimensions?|measurements?)\b"
    r"|\b(?:the|its) (?P<noun>width|depth|length|height)\b",
    re.IGNORECASE,
)


_HOW_MANY = re.compile(r"\bhow (?:many|much) (?P<unit>[a-z]+)\b", re.IGNORECASE)


_HOW_MANY_IN = re.compile(
    r"\bhow many(?P<what>(?: [a-z]+){0,2}?)"
    r" (?:(?:are|is|come)(?: there)? in|in|do (?:i|you|we) get|does (?:it|that|one) (?:have|hold|come with))\b",
    re.IGNORECASE,
)
"""Asks how many pieces goods are: "how many plates do I get for that?"."""
_HOW_BIG = re.compile(r"\bhow (?:big|large)\b(?! of\b)", re.IGNORECASE)
_EXTENTS = frozenset({"length", "width", "height", "depth", "diameter"})
_COUNTS = frozenset(stem for word in ("pieces", "count", "quantity", "contents") for stem in list_stems(word))
_COUNTED_SIZE = re.compile(r"\d+ [a-z]{3,}$|[a-z]+ of \d+$", re.IGNORECASE)
"""A size that counts: "36 pencils", "pack of 20"."""


def _tells_measure(values: dict[str, str], said: str) -> bool:
    """Whether an attribute of its own tells the one length that is asked for."""
    asked = _HOW_LARGE.search(said)
    word = (asked.group("adjective") or asked.group("noun") or "") if asked else ""
    measure = DIMENSIONS.get(word, word)
    return bool(measure) and any(measure in list_measures_of(name) for name in values if name != "size")


def list_asked(scene: Scene, offer: Offer) -> list[tuple[str, str]]:
    """The attributes the message asks for by name, with what the shop says of them."""
    item = offer.item
    values = {
        "material": item.material,
        "brand": item.brand,
        "color": item.color,
        "size": item.size,
        **{name: value for name, value in item.attributes.items() if value},
    }
    dimension = _find_dimension(item.size)
    if dimension and not any(dimension in list_measures_of(name) for name in values):
        values[dimension] = item.size
    if (
        _DIMENSIONS.search(item.size)
        and _HOW_LARGE.search(scene.said)
        and not _tells_measure(values, scene.said)
    ):
        return [("size", item.size)]
    if item.rating is not None:
        values["rating"] = scene.book.put("details.of_five", rating=scene.number(item.rating))
    named = {name.replace("_", " "): value for name, value in values.items() if value}
    asked = [(name, value) for name, value in named.items() if _is_asked(name, scene)]
    asked = asked or _list_in_unit(named, said=scene.understanding.said)
    asked = asked or _list_count(named, said=scene.understanding.said, title=item.title)
    asked = asked or _list_extents(named, said=scene.understanding.said)
    # "Weighted keys" asks for no keys.
    asked = [(n, v) for n, v in asked if not any(n != other and n in other.split() for other, _ in asked)]
    return asked[:MOST_ANSWERED]


def list_picked_by(scene: Scene, offer: Offer) -> list[tuple[str, str]]:
    """As in "which one is quietest?": the measure by which the item was picked, as the shop states it."""
    rules = (rule for reference in scene.understanding.references for rule in reference.rules)
    names = (rule.removeprefix("extreme:") for rule in rules if rule.startswith("extreme:"))
    held = offer.item.attributes
    return [
        (name.replace("_", " "), held[name]) for name in names if name in offer.item.measures and name in held
    ]


def is_cheapest_with(scene: Scene, offer: Offer) -> bool:
    """As in "the cheapest with backlight?": picked by its price of those that have something, which names none."""
    rules = {rule for reference in scene.understanding.references for rule in reference.rules}
    asked = list_asked(scene, offer) if "extreme:price" in rules else []
    has = bool(asked) and all(value.lower() in YES for _, value in asked)
    return has and not ASKS_WHETHER.search(scene.understanding.said)


def _find_dimension(size: str) -> str:
    """As in "how heavy is it?" of a cheese whose size is "500 g"."""
    amounts = list_amounts(list_tokens(size), get_tongue("en"))
    return (amounts[0].dimension or "") if len(amounts) == 1 else ""


def _list_in_unit(values: dict[str, str], *, said: str) -> list[tuple[str, str]]:
    """As in "how many litres is it?" of a bag whose capacity is "38 l": what is told in such units."""
    asked = _HOW_MANY.search(said)
    found = find_unit(asked.group("unit").lower(), get_tongue("en")) if asked else None
    if found is None:
        return []
    return [(name, value) for name, value in values.items() if _find_dimension(value) == found[0]]


def _list_count(values: dict[str, str], *, said: str, title: str) -> list[tuple[str, str]]:
    """As in "how many are in a pack?" of what tells its "pieces: 12", or comes as a "pack of 20"."""
    asked = _HOW_MANY_IN.search(said)
    if asked is None or not set(list_stems(asked["what"] or "")) - _COUNTS <= set(list_stems(title)):
        return []
    told = [(name, value) for name, value in values.items() if set(list_stems(name)) & _COUNTS]
    size = values.get("size", "")
    return told[:1] or ([("size", size)] if _COUNTED_SIZE.match(size) else [])


def _list_extents(values: dict[str, str], *, said: str) -> list[tuple[str, str]]:
    """As in "how big is it?" of what tells its length, or else only how much it holds."""
    if not _HOW_BIG.search(said):
        return []
    told = [(name, value) for name, value in values.items() if list_measures_of(name) & _EXTENTS]
    bulk = find_bulk(values)
    return told or ([(bulk, values[bulk])] if bulk else [])


def _is_asked(name: str, scene: Scene) -> bool:
    plain, said = name.lower(), scene.said
    names = {plain, *list_attributes_of(plain)}
    part = _HOW_LARGE_A_PART.search(said)
    of_part = part is not None and set(list_stems(part["part"])) <= set(list_stems(plain))
    if part and of_part and DIMENSIONS.get(part["adjective"]) in list_measures_of(plain):
        return True
    how = _HOW.search(said)
    if how and find_stated(_ADJECTIVES[how.group(1)], (name,)):
        return True
    for book in (scene.book, get_book("en")):
        asked = book.names.get("asked", {})
        if any(re.search(rf"\b(?:{asked[each]})\b", said) for each in names & asked.keys()):
            return True
    if any(re.search(rf"\b{re.escape(word)}\b", said) for word in {*names, scene.field(plain).lower()}):
        return True
    like = _LIKE.search(said)
    if like and set(list_stems(like["what"])) <= set(list_stems(plain.replace("_", " "))):
        return True
    # "Is there a light built in?" of a "built-in light".
    whole = set(list_stems(plain.replace("-", " ").replace("_", " ")))
    parts = whole - COMING_WITH
    return len(whole) > 1 and bool(parts) and parts <= _list_said(scene.understanding.said.replace("-", " "))


def _list_said(said: str) -> set[str]:
    """The stems of the words, and of each two that stand together as one: "salt water" is saltwater."""
    words = [token.word for token in list_tokens(said) if token.is_word]
    joined = (f"{one}{other}" for one, other in pairwise(words))
    return {stem for word in (*words, *joined) for stem in list_stems(word)}


def asks_size(scene: Scene, offer: Offer) -> bool:
    """As in "how many bags are in it?" of a tea whose size is "20 bags"."""
    words = {stem for stem in list_stems(offer.item.size) if stem.isalpha() and len(stem) >= SHORTEST_ASKED}
    return bool(words & set(list_stems(scene.understanding.unsaid)))
