"""Buttons that a shopper is given, and what a press on one comes to.

A press on a button names the button. `action` brings the `seq` of a part and what it says; the server says only
what it offered there.

Confirming takes a person. The press must be trusted by the browser, half a second after the offer came into view,
and carries the hash of exactly what was shown, with the token that came in the proposal's frame; what it does is
decided by `agent.confirming`. In view means in an open panel, and under nothing where the browser can tell
(IntersectionObserver v2); out of view the button is off again. A shop's page that lies over the panel, or fades or
scales it, keeps the button off, and a press says that something covers it. A press without a line waits for it, and
says so.
"""

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from commerce_agent.chat import protocol
from commerce_agent.chat.links import lead_home
from commerce_agent.chat.merchants import Shop
from commerce_agent.chat.offers import describe_offer, name_lines
from commerce_agent.chat.phrases import say_who_is_here
from commerce_agent.chat.wire import to_wire
from commerce_agent.composition import Platform
from conversations.events import Recorded
from conversations.events.carts import ProposalMade
from conversations.events.messages import CardsShown, QuickRepliesOffered
from conversations.ids import ConversationId

_PRESS_AGAIN_SECONDS = 5.0


async def fit_out(
    recorded: Recorded, *, platform: Platform, shop: Shop, conversation: ConversationId, language: str
) -> protocol.DurableFrame:
    """The frame of an event, in the shopper's language. A proposal's button gets its token here, on the way to the
    shopper, and nowhere else.
    """
    frame = to_wire(recorded, origins=shop.sites)
    if isinstance(frame, protocol.Part | protocol.ProposalFrame) and frame.lines:
        frame = msgspec.structs.replace(frame, lines=name_lines(frame.lines, language=language))
    if isinstance(frame, protocol.Part) and frame.cards:
        return msgspec.structs.replace(frame, cards=lead_home(frame.cards, shop=shop))
    if isinstance(frame, protocol.Agent) and not frame.text:
        with override(language):
            return msgspec.structs.replace(frame, text=say_who_is_here(name=frame.name, left=frame.left))
    if not isinstance(frame, protocol.ProposalFrame) or not isinstance(recorded.event, ProposalMade):
        return frame
    token = await platform.confirmations.issue_token(conversation=conversation, proposal=frame.id)
    offer = describe_offer(frame, proposal=recorded.event.proposal, language=language)
    return msgspec.structs.replace(offer, token=token)


async def excuse(
    frame: protocol.Confirm, *, text: str, platform: Platform, conversation: ConversationId
) -> protocol.Error:
    """What is told of a press that came to nothing, where the journal says nothing of its proposal."""
    if await platform.confirmations.is_standing(conversation=conversation, proposal=frame.proposal):
        again = _PRESS_AGAIN_SECONDS
        return protocol.Error(code="press_again", text=text, cid=frame.cid, retry_after=again)
    return protocol.Error(code="proposal_gone", text=text, cid=frame.cid)


async def read_words(
    frame: protocol.Msg | protocol.Action,
    *,
    platform: Platform,
    conversation: ConversationId | None,
    language: str,
) -> str:
    """What a message says: the shopper's words, or those of a button that was offered to them.

    Raises `FrameRefused` where there was no such button, for a client does not choose what it says; and for no words or
    too many.
    """
    if isinstance(frame, protocol.Msg):
        return _require_fitting(frame.text, cid=frame.cid)
    if conversation is None or frame.says not in await _list_offered(
        frame, platform=platform, conversation=conversation
    ):
        with override(language):
            text = _("That cannot be chosen any more. Please say it in your own words.")
        raise protocol.FrameRefused(code="not_offered", text=text, cid=frame.cid)
    return _require_fitting(frame.says, cid=frame.cid)


def _require_fitting(words: str, *, cid: str) -> str:
    text = words.replace("\x00", "").strip()
    if not text:
        raise protocol.FrameRefused(code="text_empty", text=gettext_noop("The message is empty."), cid=cid)
    if len(text) > protocol.MAX_TEXT_CHARACTERS:
        raise protocol.FrameRefused(
            code="text_too_long", text=gettext_noop("This message is too long."), cid=cid
        )
    return text


async def _list_offered(
    frame: protocol.Action, *, platform: Platform, conversation: ConversationId
) -> set[str]:
    recorded = await platform.conversations.list_frames(
        conversation=conversation, after=frame.part - 1, limit=1
    )
    match recorded[0].event if recorded else None:
        case QuickRepliesOffered(replies=replies) if frame.action == "reply":
            return set(replies)
        case CardsShown(cards=cards) if frame.action == "version":
            # One that was sold out may be back: what is true of it is the answer's to say.
            return {one.ask for card in cards for one in card.versions}
        case _:
            return set()
