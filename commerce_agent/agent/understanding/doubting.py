"""What a shopper holds against the last answer or wants to hear again, and what it answered."""

from commerce_agent.agent.understanding.english.remarks import ASKS_AGAIN, DOUBTS
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.glossed import gloss_message
from commerce_agent.agent.understanding.moves import MoveKind
from commerce_agent.agent.understanding.understood import ShopWords
from conversations.state import ConversationState

_TOLD: frozenset[MoveKind] = frozenset({"policy", "price", "stock", "promotions", "orders", "show_cart"})
"""Questions whose answer may have changed since."""
_BACK = 3
"""So many messages ago what is asked again may have been answered."""


def find_doubted(said: str, *, state: ConversationState, words: ShopWords) -> str:
    """The question whose answer is doubted or asked again; empty where there was none lately.

    A number that is held against what was said or done of goods is a price.
    """
    again, doubts = ASKS_AGAIN.match(said), DOUBTS.match(said)
    tail = state.transcript.tail
    if not (again or doubts) or not tail:
        return ""
    for exchange in reversed(tail[-_BACK:] if again else tail[-1:]):
        asked = gloss_message(exchange.said, state=state, vocabulary=words.vocabulary).text
        kinds = {move.kind for move in find_moves(asked, policies=words.policies)}
        # Whoever doubts the answer to a doubt means no question of it.
        if kinds & _TOLD and kinds <= _TOLD | {"details"} and not DOUBTS.match(asked):
            return exchange.said
    counted = doubts and any(letter.isdecimal() for letter in said) and "day" not in said
    return "how much is it?" if counted and len(state.entities.focus) == 1 else ""
