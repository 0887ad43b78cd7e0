"""Answers the widget's "why this?": a reply's or a card's decision, by its id, in the shopper's language."""

from datetime import datetime

from commerce_agent.agent.explain.shopper import Line, Wording, explain_items, explain_reply
from commerce_agent.agent.phrases import find_book
from commerce_agent.agent.shop.words import ShopWordsKeeper
from conversations.events.decisions import Candidate, Decision, DecisionMade
from conversations.ids import ConversationId, EntityRef
from conversations.service import Conversations
from conversations.state import ConversationState


class NoSuchDecision(Exception):
    """The conversation has no decision of this id. Whoever asks has mixed up two conversations."""

    def __init__(self, *, decision: str) -> None:
        super().__init__(f"This conversation has no decision {decision!r}.")
        self.decision = decision


async def explain_to_shopper(
    *,
    conversations: Conversations,
    words: ShopWordsKeeper,
    conversation: ConversationId,
    decision: str,
    sku: str = "",
    now: datetime,
) -> str:
    """Why the reply is what it is, or why it showed an item or did not. Raises `NoSuchDecision`.

    Reads the conversation alone and changes nothing; the shop is not asked.
    """
    state = await conversations.load(conversation=conversation)
    made = await _get_decision(conversations, state=state, conversation=conversation, decision=decision)
    known = await words.get_words(merchant=state.transcript.merchant, now=now)
    wording = Wording(
        book=find_book(state.transcript.locale),
        currency=state.transcript.currency,
        units=known.vocabulary.measures,
        name=_get_name,
        titles=dict(known.policies),
    )
    lines: tuple[Line, ...] = ()
    if sku:
        lines = explain_items(made, (EntityRef("variant", sku),), wording=wording) or (
            Line(key="why.unknown"),
        )
    lines = lines or explain_reply(made, wording=wording)
    return " ".join(line.say(wording.book, seed=made.turn) for line in lines)


async def _get_decision(
    conversations: Conversations,
    *,
    state: ConversationState,
    conversation: ConversationId,
    decision: str,
) -> Decision:
    """One of the latest, which the state holds; else from the journal, which has all of them."""
    for made in state.decisions.latest:
        if made.id == decision:
            return made
    recorded = await conversations.list_events(conversation=conversation, kind="decision.made")
    for each in recorded:
        if isinstance(each.event, DecisionMade) and each.event.decision.id == decision:
            return each.event.decision
    raise NoSuchDecision(decision=decision)


def _get_name(candidate: Candidate) -> str:
    return candidate.name
