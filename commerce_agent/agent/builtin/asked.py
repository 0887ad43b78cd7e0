"""What of an item a question asks for: an attribute by its name, or by the words people use for it."""

import re

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.wording import say_number
from commerce_agent.tools.shop import Offer
from conversations.language.tokens import list_stems

MOST_ANSWERED = 3
"""A question about more items or attributes than this is answered for the first ones."""
SHORTEST_ASKED = 3

_ASKED_BY = {
    "weight": ("weigh", "heavy", "how light", "lighter", "lightest", "heavier", "heaviest"),
    "width": ("how wide", "wide is", "wide are"),
    "height": ("how tall", "how high", "tall is", "high is"),
    "length": ("how long is", "how long are"),
    "depth": ("how deep",),
    "thickness": ("how thick",),
    "brightness": ("how bright", "brighter", "brightest"),
    "capacity": ("how much does it hold", "how much can it hold", "how big"),
    "material": ("material", "made of", "made from", "fabric"),
    "rating": ("review", "rating", "rated"),
    "size": ("what size", "which size"),
    "color": ("what colou?r", "which colou?r"),
    "brand": ("brand", "who makes", "made by", "manufacturer"),
}
"""Ways of asking for an attribute that do not name it."""


def list_asked(scene: Scene, offer: Offer) -> list[tuple[str, str]]:
    """The attributes the message asks for by name, with what the shop says of them."""
    said = scene.understanding.said.lower()
    item = offer.item
    values = {
        "material": item.material,
        "brand": item.brand,
        "color": item.color,
        "size": item.size,
        **{name: value for name, value in item.attributes.items() if value},
    }
    if item.rating is not None:
        values["rating"] = f"{say_number(item.rating)} out of 5"
    named = {name.replace("_", " "): value for name, value in values.items() if value}
    asked = [(name, value) for name, value in named.items() if _is_asked(name, said)]
    # "Weighted keys" asks for no keys.
    asked = [(n, v) for n, v in asked if not any(n != other and n in other.split() for other, _ in asked)]
    return asked[:MOST_ANSWERED]


def _is_asked(name: str, said: str) -> bool:
    plain = name.lower()
    cued = any(re.search(rf"\b{cue}s?\b", said) for cue in _ASKED_BY.get(plain, ()))
    return cued or re.search(rf"\b{re.escape(plain)}\b", said) is not None


def asks_size(scene: Scene, offer: Offer) -> bool:
    """As in "how many bags are in it?" of a tea whose size is "20 bags"."""
    words = {stem for stem in list_stems(offer.item.size) if stem.isalpha() and len(stem) >= SHORTEST_ASKED}
    return bool(words & set(list_stems(scene.understanding.unsaid)))
