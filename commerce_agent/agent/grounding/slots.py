"""Slots that a model writes and the server fills from canonical facts: a price in one cannot be wrong."""

import re

from commerce_agent.agent.wording.terms import say_money
from conversations.events.facts import Amount, Fact
from conversations.ids import EntityRef
from conversations.state import ConversationState

STORE = "store"
"""The scope of a policy that holds for all that the shop sells."""
_SLOT = re.compile(r"\{\{\s*(?P<name>[a-z_]+(?:\.[a-z_]+)?)\s*(?::\s*(?P<of>[^{}]{1,80}?))?\s*\}\}")
_BROKEN = re.compile(r"\{\{[^{}]{0,80}\}{0,2}|\}\}")


class UnknownSlot(Exception):
    """A slot names what no fact says; the sentence cannot be told."""

    def __init__(self, *, slot: str) -> None:
        super().__init__(
            f"No one fact fills {slot}: read it with a tool first, and name the scope where a policy has several."
        )
        self.slot = slot


def fill_slots(text: str, *, state: ConversationState, language: str = "en") -> str:
    """The text with `{{price:SKU}}`, `{{list_price:SKU}}`, `{{stock:SKU}}`, `{{name:SKU}}`, `{{total:cart}}`,
    `{{total:proposal}}` and `{{returns.window_days:store}}` filled from canonical facts. What a policy says may be
    left without its scope where it is the same in each that was read.

    Raises `UnknownSlot`, also for what only begins or ends as a slot does.
    """

    def fill(match: re.Match[str]) -> str:
        found = _find_value(match["name"], match["of"] or "", state=state, language=language)
        if found is None:
            raise UnknownSlot(slot=match.group())
        return found

    if broken := _BROKEN.search(_SLOT.sub("", text)):
        raise UnknownSlot(slot=broken.group())
    return _SLOT.sub(fill, text)


def _find_value(name: str, of: str, *, state: ConversationState, language: str) -> str | None:
    if name == "total":
        return _find_total(of, state=state, language=language)
    if name == "name":
        known = state.entities.known.get(of)
        return known.entity.name if known else None
    fact = (
        _find_term(name, of, state=state)
        if "." in name
        else state.facts.find(subject=EntityRef("variant", of), name=name)
    )
    if fact is None or fact.value is None:
        return None
    return say_money(fact.value, language=language) if isinstance(fact.value, Amount) else str(fact.value)


def _find_term(name: str, scope: str, *, state: ConversationState) -> Fact | None:
    """What a policy says in the scope; None where none is named and it says several things."""
    subject = EntityRef("policy", name.partition(".")[0])
    answers = state.facts.list_answers(subject=subject, name=name)
    if scope:
        answers = tuple(fact for fact in answers if get_scope(fact) == scope)
    return answers[0] if len({fact.value for fact in answers}) == 1 else None


def get_scope(fact: Fact) -> str:
    """`sku:MEADOW-G` of `policy:returns/sku:MEADOW-G@2`; a policy from elsewhere holds for the store."""
    return fact.source.partition("@")[0].partition("/")[2] or STORE


def _find_total(of: str, *, state: ConversationState, language: str) -> str | None:
    if of == "proposal" and state.cart.proposal:
        return say_money(state.cart.proposal.total, language=language)
    if of == "cart" and (total := state.cart.find_total()) and not _is_in_doubt(state):
        return say_money(total, language=language)
    return None


def _is_in_doubt(state: ConversationState) -> bool:
    """Whether nobody can say now what a line costs: then there is no total to tell."""
    priced = (state.facts.find(subject=line.ref, name="price") for line in state.cart.lines)
    return any(fact is not None and fact.stale for fact in priced)
