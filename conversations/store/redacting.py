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
    """The message as it may be kept; the state is only loaded where a number may go on in it."""
    safe = redact(spoke.text)
    text, kinds = safe.text, safe.kinds
    if goes_on(text):
        try:
            said = (await load()).transcript.list_said()
        except (NoSuchConversation, KeyDestroyed):
            # Nothing new is kept there; whoever sends an old message again hears of its place.
            said = ()
        rest = redact_rest(text, before=said)
        text, kinds = rest.text, tuple(dict.fromkeys((*kinds, *rest.kinds)))
    return msgspec.structs.replace(spoke, text=text, redacted=kinds)
