"""What is said in the place of a sentence that stands on no fact: the fact, where there is one that answers it."""

from collections.abc import Callable

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.grounding.claims import list_claims
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.wording.values import is_foreign
from conversations.events.facts import Amount, Fact
from conversations.ids import EntityRef
from conversations.state import ConversationState

LONGEST_TERM = 300
"""A policy that is longer would bury the answer; nothing is said in the place of what it contradicts."""
MOST_PROMOTIONS = 3

Find = Callable[[Scene, str, frozenset[str]], str]


def find_replacement(scene: Scene, *, sentence: str, failed: frozenset[str]) -> str:
    """The fact beside which the sentence was false, in words; empty where none was read.

    `failed` are the kinds of its false claims; empty where nobody told them apart.
    """
    kinds = failed or frozenset(claim.kind for claim in list_claims(sentence))
    return next((said for find in _FINDERS if (said := find(scene, sentence, kinds))), "")


def _find_price(scene: Scene, sentence: str, kinds: frozenset[str]) -> str:
    """Also in the place of a discount or a comparison: what an item costs is what those are about."""
    sku = _find_only_item(scene)
    topics = get_cues().find_topics(sentence) - {"price_match"}
    if not sku or topics or not kinds & {"money", "percent", "comparison"}:
        return ""
    state = _get_state(scene)
    price = _find(state, sku, "price")
    if price is None or not isinstance(price.value, Amount):
        return ""
    scene.desk.trail.cite(price)
    return scene.book.say("price.lead", seed=0, item=_name(scene, sku), price=scene.money(price.value))


def _find_stock(scene: Scene, sentence: str, kinds: frozenset[str]) -> str:  # noqa: ARG001
    sku = _find_only_item(scene)
    if not sku or not kinds & {"stock", "count"}:
        return ""
    state = _get_state(scene)
    stock, count = _find(state, sku, "availability"), _find(state, sku, "stock")
    if stock is None:
        return ""
    name = _name(scene, sku)
    if stock.value == "out_of_stock":
        scene.desk.trail.cite(stock)
        return scene.book.say("stock.out", seed=1, item=name)
    if stock.value not in ("in_stock", "low_stock"):
        return ""
    if "count" in kinds and count is not None and isinstance(count.value, int) and count.value > 0:
        scene.desk.trail.cite(count)
        return scene.book.say("stock.low", seed=0, item=name, count=count.value)
    scene.desk.trail.cite(stock)
    return scene.book.say("stock.in", seed=1, item=name)


def _find_term(scene: Scene, sentence: str, kinds: frozenset[str]) -> str:
    """The shop's own words on the one policy that the sentence speaks of; none where they differ from scope to scope
    and nobody knows which is meant.
    """
    if not kinds & {"period", "promise", "free", "date", "money", "percent"}:
        return ""
    state, topics = _get_state(scene), get_cues().find_topics(sentence)
    found = [answers for topic in sorted(topics) if (answers := _list_terms(scene, state, topic))]
    if len(found) != 1 or len({fact.value for fact in found[0]}) != 1:
        return ""
    fact = found[0][0]
    if not isinstance(fact.value, str) or len(fact.value) > LONGEST_TERM:
        return ""
    text = str(fact.value)
    scene.desk.trail.cite(fact)
    if is_foreign(text, book=scene.book):
        return scene.book.say("policy.store.quoted", seed=0, text=scene.quote(text))
    return text


def _list_terms(scene: Scene, state: ConversationState, topic: str) -> tuple[Fact, ...]:
    """What the policy says of each scope; where several were read, of those that this turn was about."""
    answers = state.facts.list_answers(subject=EntityRef("policy", topic), name=f"policy.{topic}")
    cited = {fact.id for fact in scene.desk.trail.cited}
    return tuple(fact for fact in answers if fact.id in cited) or answers


def _find_promotions(scene: Scene, sentence: str, kinds: frozenset[str]) -> str:  # noqa: ARG001
    if not kinds & {"code", "percent"}:
        return ""
    held = [
        fact
        for fact in _get_state(scene).facts.canonical.values()
        if fact.subject.kind == "promotion" and isinstance(fact.value, str)
    ]
    if not 0 < len(held) <= MOST_PROMOTIONS:
        return ""
    scene.desk.trail.cite(*held)
    return scene.book.say(
        "promotions.list", seed=0, promotions=scene.quote(*(str(fact.value) for fact in held))
    )


_FINDERS: tuple[Find, ...] = (_find_price, _find_stock, _find_term, _find_promotions)


def _find_only_item(scene: Scene) -> str:
    """The one item that the sentence is about; empty where it is about none or several."""
    known = _get_state(scene).entities.known
    about = [sku for sku in scene.voice.about if sku in known]
    return about[0] if len(about) == 1 else ""


def _find(state: ConversationState, sku: str, name: str) -> Fact | None:
    return state.facts.find(subject=EntityRef("variant", sku), name=name)


def _name(scene: Scene, sku: str) -> str:
    return scene.entity_name(_get_state(scene).entities.known[sku].entity)


def _get_state(scene: Scene) -> ConversationState:
    return scene.desk.trail.get_state_as_read()
