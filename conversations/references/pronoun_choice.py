"""What "it", "them", "both" and "two of them" mean: what is asked about, in focus or shown last."""

from conversations.events.entities import ReferenceOutcome
from conversations.references.chosen import Choice
from conversations.references.mentions import Mention
from conversations.references.scene import Scene


def choose_it(scene: Scene) -> Choice | None:
    """What "it" means: the one at hand."""
    here = scene.asked or scene.focus or scene.latest
    if not here:
        return None
    outcome: ReferenceOutcome = "resolved" if len(here) == 1 else "ambiguous"
    return Choice(outcome=outcome, items=here, rules=("pronoun", "focus"))


def choose_them(mention: Mention, scene: Scene) -> Choice | None:
    """What "them", "both", "two of them" mean: all at hand, or pieces of the one that is."""
    if mention.partitive == "choose" and len(scene.focus) == 1 and len(scene.latest) > 1:
        return Choice(outcome="resolved", items=scene.latest, rules=("pronoun", "latest"))
    if mention.partitive in ("one", "some") and mention.kind == "pronoun_many":
        return _choose_some(mention, scene)
    for rule, here in (("asked", scene.asked), ("focus", scene.focus), ("latest", scene.latest)):
        if mention.count and len(here) != mention.count:
            continue
        if here and (len(here) > 1 or mention.count or not mention.whole or rule == "latest"):
            return Choice(outcome="resolved", items=here, rules=("pronoun", rule))
    in_turn = tuple(item for showing in scene.showings[: mention.count or 0] for item in showing)
    if len(scene.latest) == 1 and mention.count == len(in_turn) == len(set(in_turn)):
        return Choice(outcome="resolved", items=in_turn[::-1], rules=("pronoun", "in_turn"))
    if mention.count == 2 and len(scene.focus) == 1 and scene.before:
        return Choice(outcome="resolved", items=(*scene.before, *scene.focus), rules=("pronoun", "in_turn"))
    here = scene.focus or scene.latest
    return Choice(outcome="ambiguous", items=here, rules=("pronoun", "count")) if here else None


def _choose_some(mention: Mention, scene: Scene) -> Choice | None:
    """As in "put two of them in the cart": pieces of the one at hand, or both of two; of more nobody knows which."""
    here = scene.asked or scene.focus or scene.latest
    if not here:
        return None
    outcome: ReferenceOutcome = "resolved" if len(here) in (1, mention.count) else "ambiguous"
    return Choice(outcome=outcome, items=here, rules=("pronoun", "some"))
