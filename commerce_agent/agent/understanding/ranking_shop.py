"""Whether the first or last of goods is asked for that are not those on screen."""

from commerce_agent.agent.understanding.english.cues import ANY_GOODS, OF_SHOP
from commerce_agent.agent.understanding.english.moves import SAME_GOODS
from commerce_agent.agent.understanding.moves import Move
from conversations.events.entities import Reference
from conversations.language.order import list_superlatives
from conversations.state import ConversationState

_WITH_NOUN = 3
"""So many words has "the cheapest lamp", which names the goods."""


def ranks_whole_shop(said: str) -> bool:
    """Whether the first or last of all goods is asked for: "the most expensive thing you have"."""
    return bool(OF_SHOP.search(said)) and bool(list_superlatives(said))


def ranks_beyond_shown(
    said: str,
    references: tuple[Reference, ...],
    *,
    moves: tuple[Move, ...],
    state: ConversationState,
) -> bool:
    """Whether what is ranked are goods of the shop, and not those that the words would point at among the shown."""
    return (
        ranks_whole_shop(said)
        or _ranks_older_list(references, moves=moves, state=state)
        or _ranks_one_product(references, moves=moves, state=state)
        or _goes_on_ranking(references, moves=moves, state=state)
    )


def names_any_goods(said: str) -> bool:
    """Whether it is said to be any goods whatever: "the cheapest thing", "the cheapest in the shop"."""
    return ANY_GOODS.search(said) is not None


def _ranks_older_list(
    references: tuple[Reference, ...], *, moves: tuple[Move, ...], state: ConversationState
) -> bool:
    """As in "what's the cheapest lamp?" with one lamp on screen: of the shop's lamps, and of no older list."""
    shown = state.entities.showings[-1].refs if state.entities.showings else ()
    ranked = [each for each in references if any(rule.startswith("extreme") for rule in each.rules)]
    older = all(each.refs and not set(each.refs) & set(shown) for each in ranked)
    named = all(
        list_superlatives(each.text)
        and len(each.text.split()) >= _WITH_NOUN
        and not SAME_GOODS.search(each.text)
        for each in ranked
    )
    plain = {move.kind for move in moves} <= {"search", "details", "price", "compare", "recommend"}
    return bool(ranked) and len(ranked) == len(references) and older and named and plain


def _ranks_one_product(
    references: tuple[Reference, ...], *, moves: tuple[Move, ...], state: ConversationState
) -> bool:
    """As in "which one is the lightest?" with one chair on screen, in two colours: of the kind, for it has no rank."""
    shown = state.entities.showings[-1].refs if state.entities.showings else ()
    known = [entity for ref in shown if (entity := state.entities.find(ref))]
    groups = {entity.group for entity in known}
    tied = any(
        len(each.refs or each.candidates) > 1 and any(rule.startswith("extreme") for rule in each.rules)
        for each in references
    )
    plain = {move.kind for move in moves} <= {"search", "details", "price", "compare", "recommend"}
    return tied and plain and len(references) == 1 and len(groups) == 1 and "" not in groups


def _goes_on_ranking(
    references: tuple[Reference, ...], *, moves: tuple[Move, ...], state: ConversationState
) -> bool:
    """As in "what is your cheapest tent?" and then "and the most expensive?": of all tents, and not of those shown."""
    searched = state.entities.searched
    shown = state.entities.showings[-1].refs if state.entities.showings else ()
    ranked = searched is not None and searched.order != "relevance" and searched.total > len(shown)
    extreme = all(
        any(rule.startswith("extreme") for rule in each.rules)
        and len(each.refs) == 1
        and set(each.refs) <= set(shown)
        and _is_bare(each.text)
        for each in references
    )
    plain = {move.kind for move in moves} <= {"search", "details", "compare", "recommend"}
    return ranked and len(references) == 1 and extreme and plain


def _is_bare(text: str) -> bool:
    """Whether the words are an order and nothing else: "the most expensive", and no "the two cheapest jackets"."""
    ranked = sum(order.after - order.first for order in list_superlatives(text))
    return 0 < ranked == len(text.split()) - 1
