"""What it means for a talk that the shop has an item no more."""

from datetime import datetime

from catalog.connectors import TOLD
from commerce_agent.agent.news.naming import name_answer
from commerce_agent.agent.news.offers import list_chip_news
from commerce_agent.agent.phrases import PhraseBook
from commerce_agent.agent.wording.items import name_entity
from commerce_agent.tools.naming import shorten
from conversations.events import Event
from conversations.events.carts import CartLineChecked, ProposalDoubted
from conversations.events.facts import Fact, FactSuperseded
from conversations.events.messages import NoticeGiven
from conversations.ids import EntityRef
from conversations.state import ConversationState


def list_gone_news(
    state: ConversationState, ref: EntityRef, *, book: PhraseBook, at: datetime
) -> tuple[Event, ...]:
    """It cannot be had, and neither can a cart or a proposal that holds it; said once."""
    seen = state.facts.find(subject=ref, name="availability")
    if seen is None or seen.value == "out_of_stock":
        return list_chip_news(state, ref.key, availability="out_of_stock", left=0)
    known = state.entities.find(ref)
    held = next((line for line in state.cart.lines if line.ref == ref), None)
    item = shorten(name_entity(known, book=book)) if known else held.title if held else ref.key
    said = [book.say("notice.gone", seed=0, item=item)]
    events: list[Event] = [*_supersede(state, ref, at=at)]
    if held is not None:
        said.append(book.say("notice.cart.sold_out", seed=0))
        events.append(CartLineChecked(ref=ref, verdict="sold_out", left=0))
    proposal = state.cart.proposal
    if proposal is not None and not state.cart.off and any(line.ref == ref for line in proposal.lines):
        said.append(book.say("notice.proposal", seed=0))
        reason = book.say("cart.doubt.sold_out", seed=0, item=item)
        text = book.say("proposal.off", seed=0, reason=reason)
        events.append(ProposalDoubted(id=proposal.id, text=text))
    notice = NoticeGiven(
        notice="stock.changed", ref=ref, text=" ".join(said), stock=0, availability="out_of_stock"
    )
    return (*events, notice)


def _supersede(state: ConversationState, ref: EntityRef, *, at: datetime) -> tuple[FactSuperseded, ...]:
    """Nothing is left of it, by the shop's own word."""
    told: list[FactSuperseded] = []
    for name, value in (("stock", 0), ("availability", "out_of_stock")):
        known = state.facts.find(subject=ref, name=name)
        if known is not None:
            fact = Fact(
                id="",
                subject=ref,
                name=name,
                value=value,
                source=TOLD,
                observed_at=at,
                version=known.version + 1,
                teller=known.teller,
                authority="api",
            )
            told.append(FactSuperseded(id=known.id, fact=name_answer(state.facts.date(fact))))
    return tuple(told)
