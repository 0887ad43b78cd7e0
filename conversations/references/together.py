"""Phrases of one message read together: shared nouns, joint colours, and equals that are all meant."""

from collections.abc import Sequence

import msgspec

from conversations.references.choice import Choice, choose
from conversations.references.features import Features
from conversations.references.filters import list_fitting
from conversations.references.mentions import Mention
from conversations.references.scene import Scene
from conversations.references.spans import Known

Chosen = tuple[Mention, Choice]


def choose_all(mentions: Sequence[Mention], scene: Scene, known: Known) -> tuple[Chosen, ...]:
    """Answers the choice for each phrase that points at something, the phrases beside it considered."""
    chosen: list[Chosen] = []
    for mention in _with_shared_nouns(mentions, scene, known):
        choice = _choose_each_color(mention, scene, known) or choose(mention, scene, known)
        if choice:
            chosen.append((mention, choice))
    return _cover_equals(_without_forerunners(chosen))


def _without_forerunners(chosen: Sequence[Chosen]) -> list[Chosen]:
    """As in "It is dearer, but I like the green one": an unclear pronoun that a clear phrase explains says no
    more.
    """
    clear = {item.ref for _, choice in chosen if choice.outcome == "resolved" for item in choice.items}
    return [
        (mention, choice)
        for mention, choice in chosen
        if not (
            mention.kind.startswith("pronoun")
            and choice.outcome == "ambiguous"
            and clear & {item.ref for item in choice.items}
        )
    ]


def _with_shared_nouns(mentions: Sequence[Mention], scene: Scene, known: Known) -> list[Mention]:
    """As in "The jackets … the brown one": the noun of an earlier phrase serves a phrase without one, where
    that fits.
    """
    complete: list[Mention] = []
    noun = None
    for mention in mentions:
        own = next((want for want in mention.wants if want.kind == "category"), None)
        noun = own or noun
        if own is None and noun and mention.standin:
            shared = msgspec.structs.replace(mention, wants=(*mention.wants, noun))
            if list_fitting(scene.known, shared, known):
                complete.append(shared)
                continue
        complete.append(mention)
    return complete


def _choose_each_color(mention: Mention, scene: Scene, known: Known) -> Choice | None:
    """As in "The blue and brown hoodies": no hoodie is both, so one of each is meant."""
    colors = [want for want in mention.wants if want.kind == "color"]
    if len(colors) < 2 or mention.negated or list_fitting(scene.known, mention, known):
        return None
    others = tuple(want for want in mention.wants if want.kind != "color")
    items: list[Features] = []
    for color in colors:
        single = msgspec.structs.replace(mention, wants=(color, *others), plural=False, count=None)
        choice = choose(single, scene, known)
        if choice is None or choice.outcome == "unknown":
            return None
        if choice.outcome == "ambiguous":
            return choice
        items.extend(choice.items)
    return Choice(outcome="resolved", items=tuple(dict.fromkeys(items)), rules=("color", "one_of_each"))


def _cover_equals(chosen: Sequence[Chosen]) -> tuple[Chosen, ...]:
    """As in "The one on the top and the one on the left" of two: both are meant."""
    ambiguous = [choice for _, choice in chosen if choice.outcome == "ambiguous"]
    if len(ambiguous) < 2 or len(ambiguous[0].items) != len(ambiguous):
        return tuple(chosen)
    if any(set(choice.items) != set(ambiguous[0].items) for choice in ambiguous):
        return tuple(chosen)
    items = iter(ambiguous[0].items)
    return tuple(
        (mention, Choice(outcome="resolved", items=(next(items),), rules=(*choice.rules, "covered")))
        if choice.outcome == "ambiguous"
        else (mention, choice)
        for mention, choice in chosen
    )
