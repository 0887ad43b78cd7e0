"""What a shopper holds against the last answer or wants to hear again, and what it answered."""

import re

from commerce_agent.agent.understanding.english.remarks import ASKS_AGAIN, DOUBTS
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.glossed import gloss_message
from commerce_agent.agent.understanding.moves import EFFECTS, MoveKind
from commerce_agent.agent.understanding.understood import ShopWords
from conversations.state import ConversationState

_TOLD: frozenset[MoveKind] = frozenset({"policy", "price", "stock", "promotions", "orders", "show_cart"})
"""Questions whose answer may have changed since."""
_BACK = 3
"""So many messages ago what is asked again may have been answered."""
_CLAUSE = re.compile(r"[,;.!?]\s|\bso\b", re.IGNORECASE)


def find_doubted(said: str, *, state: ConversationState, words: ShopWords) -> str:
    """The question whose answer is doubted or asked again; empty where there was none lately.

    A number that is held against what was said or done of goods is a price.
    """
    again, doubts = ASKS_AGAIN.match(said), DOUBTS.match(said)
    tail = state.transcript.tail
    if not (again or doubts) or not tail or (doubts and _orders_behind(said[doubts.end() :])):
        return ""
    for exchange in reversed(tail[-_BACK:] if again else tail[-1:]):
        asked = gloss_message(exchange.said, state=state, vocabulary=words.vocabulary).text
        kinds = {move.kind for move in find_moves(asked, policies=words.policies)}
        # Whoever doubts the answer to a doubt, or asks again twice, means no question of it.
        itself = DOUBTS.match(asked) or ASKS_AGAIN.match(asked)
        if kinds & _TOLD and kinds <= _TOLD | {"details"} and not itself:
            return exchange.said
    counted = doubts and any(letter.isdecimal() for letter in said) and "day" not in said
    return "how much is it?" if counted and len(state.entities.focus) == 1 else ""


def _orders_behind(told: str) -> bool:
    """As in "you said it's $40, I'll take it": what was said is why something is to be done."""
    clause = _CLAUSE.search(told)
    return clause is not None and any(move.kind in EFFECTS for move in find_moves(told[clause.end() :]))
