"""Phrases of one message read together: shared nouns, joint colours, and equals that are all meant."""

from collections.abc import Sequence

import msgspec

from conversations.references.choice import choose
from conversations.references.chosen import Choice
from conversations.references.features import Features
from conversations.references.filters import is_in_order, list_fitting
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
            choice = _choose_another(mention, choice, chosen, scene, known)
            chosen.append((mention, choice))
    return _by_first_color(_cover_equals(_without_forerunners(chosen)))


def _by_first_color(chosen: Sequence[Chosen]) -> tuple[Chosen, ...]:
    """As in "The black and white one" beside a white and black one: the first colour is the main one."""
    narrowed: list[Chosen] = []
    for mention, choice in chosen:
        near = [item for item in choice.items if is_in_order(item, mention.wants)]
        if choice.outcome == "ambiguous" and mention.plural is not True and len(near) == 1:
            choice = Choice(outcome="resolved", items=tuple(near), rules=(*choice.rules[:-1], "color_order"))
        narrowed.append((mention, choice))
    return tuple(narrowed)


def _choose_another(
    mention: Mention, choice: Choice, before: Sequence[Chosen], scene: Scene, known: Known
) -> Choice:
    """As in "that sweater and the one on the wall": two phrases that differ mean two items."""
    taken = {
        item
        for other, chosen in before
        if other.kind == "described" and chosen.outcome == "resolved" and _differ(other, mention)
        for item in chosen.items
    }
    clashes = choice.outcome == "resolved" and len(choice.items) == 1 and set(choice.items) <= taken
    if not clashes or mention.kind != "described" or mention.other or mention.positions or mention.extreme:
        return choice
    instead = choose(mention, scene.without(taken), known)
    if instead is None or instead.outcome == "unknown" or "loose_noun" in instead.rules:
        return choice
    return msgspec.structs.replace(instead, rules=(*instead.rules, "another"))


def _differ(one: Mention, other: Mention) -> bool:
    return {want.key for want in one.wants} != {
        want.key for want in other.wants
    } or one.placed != other.placed


def _without_forerunners(chosen: Sequence[Chosen]) -> list[Chosen]:
    """As in "It is dearer, but I like the green one": an unclear pronoun that a clear phrase explains says no
    more.
    """
    described = [choice for mention, choice in chosen if mention.kind == "described"]
    clear = {item for choice in described if choice.outcome == "resolved" for item in choice.items}

    def is_explained(mention: Mention, choice: Choice) -> bool:
        if mention.kind == "described" and _is_told_apart(mention, choice, chosen):
            return True
        if mention.kind == "pronoun_many" and len(described) > 1:
            return True
        vague = mention.kind.startswith("pronoun") and choice.outcome == "ambiguous"
        return vague and bool(clear & set(choice.items))

    kept = [pair for pair in chosen if not is_explained(*pair)]
    return [(mention, _settle_negated(mention, choice, clear)) for mention, choice in kept]


def _settle_negated(mention: Mention, choice: Choice, clear: set[Features]) -> Choice:
    """As in "not the red one, the navy one": what is left is the one that is named beside it."""
    left = tuple(item for item in choice.items if item in clear)
    if not mention.negated or choice.outcome != "ambiguous" or len(left) != 1:
        return choice
    return Choice(outcome="resolved", items=left, rules=choice.rules)


def _is_told_apart(mention: Mention, choice: Choice, chosen: Sequence[Chosen]) -> bool:
    """As in "I'll stick to the jackets. Add the black one": the kind was named first, then the one meant."""
    plain = mention.plural is True and not mention.whole and mention.count is None
    if not plain or any(want.kind != "category" for want in mention.wants):
        return False
    later = {
        item
        for other, named in chosen
        if other.first > mention.first and other.kind == "described" and named.outcome == "resolved"
        for item in named.items
    }
    return bool(later) and later < set(choice.items)


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
