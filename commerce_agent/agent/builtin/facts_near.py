"""What of an item comes nearest to a question in other words than the shop's: "how long does the battery last?"."""

import re
from typing import Final

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.tools.offers import Offer
from conversations.language.amounts import list_amounts
from conversations.language.tokens import list_stems, list_tokens
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import NO, YES

MOST_NEAR = 2
MOST_FACTS = 6
_SHORTEST_ROOT = 4
_QUESTION: Final = re.compile(
    r"\?|(?:^|[.,;!])\W*(?:(?:and|so|but|ok(?:ay)?|hm+|oh|also|actually|wait|well|just)\W+)*"
    r"(?:how|what|what's|which|can|could|does|do|did|is|are|will|would|has|have|should)\b"
    r"|\b(?:right|isn't it|doesn't it|does it|is it|are they)\W*$",
    re.IGNORECASE,
)
_OF_WORTH: Final = re.compile(
    r"\b(?:any good|good|great|decent|worth|nice|like|love|think|recommend|review\w*|"
    r"costs?|prices?|rat(?:ed|ing)s?|popular|about|"
    r"details?|info\w*|more|specs?|before|still (?:there|around|on)|left)\b",
    re.IGNORECASE,
)
"""Asks what the item is worth, or for all that is told of it."""
_LASTING: Final = frozenset({"long", "short", "last", "quick", "hour", "minut"})
_DURATIONS: Final = frozenset({"time", "durat", "life", "runtim"})
"""Stems of how long things take, and of what shops call it."""
_ASKS_LASTING: Final = re.compile(
    r"\b(?:last|run|charg|hour|minute|tak(?:e|ing))\w*|\bhow (?:long|quick\w*) (?:does|do|will|would)\b",
    re.IGNORECASE,
)
"""Asks after a time: "how long is it?" may ask for a length."""
_EXTENTS: Final = frozenset(
    {"wide", "width", "long", "length", "big", "larg", "tall", "high", "height", "deep"}
)
_LARGE: Final = frozenset({"wide", "width", "big", "larg"})
_ACROSS: Final = frozenset({"size", "diameter", "span"})
"""What shops call how large goods are, alone or of a part: "pearl size"."""
_SMALL: Final = frozenset(stem for word in get_tongue("en").stopwords for stem in list_stems(word))


def asks_something(scene: Scene) -> bool:
    """Whether the message asks something of the item that is neither its price nor what it is worth."""
    said = scene.understanding.said
    references = scene.understanding.references
    if any(rule.startswith("extreme") for reference in references for rule in reference.rules):
        return False  # "Which is the oldest?" is answered by the choice.
    return _QUESTION.search(said) is not None and _OF_WORTH.search(said) is None


def list_near(scene: Scene, offer: Offer) -> list[tuple[str, str]]:
    """The attributes whose names or values share words with the question, those that share most."""
    words = (
        set(list_stems(scene.understanding.said.replace("-", " ")))
        - _SMALL
        - set(list_stems(offer.item.title))
    )
    if not _ASKS_LASTING.search(scene.understanding.said):
        words -= _LASTING
    scored = [
        (_count_shared(words, name=name, value=value), name, value) for name, value in _list_told(offer)
    ]
    most = max((score for score, _, _ in scored), default=0)
    near = [(name, value) for score, name, value in scored if score == most and score > 0]
    return near if len(near) <= MOST_NEAR else []


def _count_shared(words: set[str], *, name: str, value: str) -> int:
    named = set(list_stems(name.replace("-", " "))) - _SMALL
    held = (
        set() if value.lower() in YES | NO else {stem for stem in list_stems(value) if not stem.isdecimal()}
    )
    # "Does it come with a case?" asks for no "case diameter".
    shared = (2 * len(named) if named <= words else 0) + len(words & held)
    kin = bool(named) and all(any(word == part or _are_kin(word, part) for word in words) for part in named)
    about = any(word in _LASTING for word in words) and not named.isdisjoint(_DURATIONS)
    answers = _answers_whether(words, name=name, value=value)
    return shared or int(kin) or int(about or answers) or int(_measures_one_of(words, name=name, value=value))


def _answers_whether(words: set[str], *, name: str, value: str) -> bool:
    """As in "does it run on batteries?" of what tells "battery powered: no"."""
    nouns = {stem for word in name.split() if not word.endswith("ed") for stem in list_stems(word)} - _SMALL
    return value.lower() in YES | NO and bool(nouns) and nouns <= words


def _measures_one_of(words: set[str], *, name: str, value: str) -> bool:
    """As in "how much weight can it take?" of what tells its "max load: 120 kg", "how wide is it?" of size 120 cm."""
    dimensions = {amount.dimension for amount in list_amounts(list_tokens(value), get_tongue("en"))} - {None}
    extents = _EXTENTS if name == "size" else _LARGE
    extends = name.split()[-1] in _ACROSS and "length" in dimensions and bool(words & extents)
    return extends or any(words & set(list_stems(str(dimension))) for dimension in dimensions)


def _are_kin(word: str, part: str, /) -> bool:
    """As in "how many can play?" of what tells its "players"."""
    root = min(len(word), len(part))
    return root >= _SHORTEST_ROOT and word[:root] == part[:root]


def _list_told(offer: Offer) -> list[tuple[str, str]]:
    item = offer.item
    held = {"material": item.material, "size": item.size, **item.attributes}
    return [(name.replace("_", " "), value) for name, value in held.items() if value]


async def tell_facts(scene: Scene, offer: Offer) -> bool:
    """Says what the shop does tell of the item; False where that is nothing."""
    told = _list_told(offer)[:MOST_FACTS]
    if not told:
        return False
    facts = [
        scene.book.put("details.fact", name=scene.field(name), value=scene.value(value))
        for name, value in told
    ]
    await scene.say("details.facts", item=scene.name(offer), facts=scene.join(facts))
    return True
