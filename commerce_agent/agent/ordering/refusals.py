"""What a shopper is told whose confirmed proposal the shop refused, and the fresh proposal beside it."""

from catalog.connectors import ConnectorUnavailable
from catalog.orders import ChangeAltered, ChangeRefused, OrderRefused
from commerce_agent.agent.alternatives import Alternative, find_alternative, name_offered
from commerce_agent.agent.news.offers import make_facts
from commerce_agent.agent.ordering import placing
from commerce_agent.agent.ordering.outcomes import say_altered, say_changes, say_refused
from commerce_agent.tools.proposing import Bound
from commerce_agent.tools.shop import Shop
from commerce_agent.tools.showing import to_entity
from conversations.events import Event
from conversations.events.carts import Proposal, ProposalMade, ProposalResolved
from conversations.events.entities import EntitiesIntroduced
from conversations.events.facts import FactsObserved
from conversations.facts import Facts
from conversations.state import ConversationState


async def list_refusal(
    state: ConversationState,
    shop: Shop,
    *,
    offered: Proposal,
    refused: OrderRefused | ChangeAltered | ChangeRefused,
    bound: Bound,
) -> tuple[ProposalResolved, *tuple[Event, ...]]:
    """What the shopper is told, and the fresh proposal where there can be one."""
    match refused:
        case OrderRefused():
            again = await _propose_again(shop, offered=offered, refused=refused, bound=bound)
            fresh = next((each.proposal for each in again if isinstance(each, ProposalMade)), None)
            other = await _find_other(state, shop, refused=refused)
            said = say_changes(state, offered, refused=refused, fresh=fresh, other=other)
            return (said, *(again + _list_other(other, known=state.facts)))
        case ChangeAltered():
            again = placing.propose_change_again(offered=offered, altered=refused, bound=bound)
            return (say_altered(state, offered, altered=refused), *again)
        case ChangeRefused():
            return (say_refused(state, offered, refused=refused),)


async def _propose_again(
    shop: Shop, *, offered: Proposal, refused: OrderRefused, bound: Bound
) -> tuple[Event, ...]:
    """Nothing where nobody can say what the rest costs now: what was refused is told all the same."""
    try:
        return await placing.propose_again(shop, offered=offered, refused=refused, bound=bound)
    except ConnectorUnavailable:
        return ()


async def _find_other(state: ConversationState, shop: Shop, *, refused: OrderRefused) -> Alternative | None:
    """What there is instead of the first item of which nothing is left, or else of which there is too little."""
    short = sorted(
        (each for each in refused.changes if each.kind == "stock"), key=lambda each: bool(each.actual)
    )
    gone = next(iter(short), None)
    if gone is None or not isinstance(gone.wanted, int):
        return None
    try:
        offers = await shop.list_offers([gone.sku])
        if not offers:
            return None
        return await find_alternative(
            shop, gone=name_offered(offers[0]), ledger=state.constraints, wanted=gone.wanted
        )
    except ConnectorUnavailable:
        return None


def _list_other(other: Alternative | None, *, known: Facts) -> tuple[Event, ...]:
    """What was brought up can be meant, and what was said of it is a fact."""
    if other is None:
        return ()
    entity = EntitiesIntroduced(entities=(to_entity(other.offer),), source="alternative")
    return (entity, FactsObserved(facts=make_facts(other.offer, known=known)))
