"""Takes payment data out of a message, also where a number of it began in the messages before."""

from collections.abc import Awaitable, Callable

import msgspec

from conversations.events.messages import ShopperSpoke
from conversations.redaction import goes_on, redact, redact_rest
from conversations.state import ConversationState
from conversations.store.append import NoSuchConversation
from conversations.store.sealing import KeyDestroyed


async def redact_message(
    spoke: ShopperSpoke, *, load: Callable[[], Awaitable[ConversationState]]
) -> ShopperSpoke:
    """The message as it may be kept; the state is only loaded where a number may be an order's, or go on in it."""
    safe = redact(spoke.text)
    if "card" not in safe.kinds and not goes_on(safe.text):
        return msgspec.structs.replace(spoke, text=safe.text, redacted=safe.kinds)
    try:
        state = await load()
    except (NoSuchConversation, KeyDestroyed):
        # Nothing new is kept there; whoever sends an old message again hears of its place.
        return msgspec.structs.replace(spoke, text=safe.text, redacted=safe.kinds)
    if "card" in safe.kinds:
        safe = redact(spoke.text, known=_list_orders(state))
    text, kinds = safe.text, safe.kinds
    if goes_on(text):
        rest = redact_rest(text, before=state.transcript.list_said())
        text, kinds = rest.text, tuple(dict.fromkeys((*kinds, *rest.kinds)))
    return msgspec.structs.replace(spoke, text=text, redacted=kinds)


def _list_orders(state: ConversationState) -> frozenset[str]:
    """The numbers under which the shop has orders, as far as the talk has heard of them."""
    told = {fact.subject.key for fact in state.facts.canonical.values() if fact.subject.kind == "order"}
    return frozenset(told | {*state.cart.orders})
