"""What must hold after any fault, read from the stores past every process that was tested."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from redis.asyncio import Redis

from commerce_agent.chat.protocol import write_frame
from commerce_agent.chat.wire import to_wire
from commerce_agent.composition import read_clock
from commerce_agent.isolation.connections import build_pool
from conversations.events import Event
from conversations.events.messages import ReplyGiven, ShopperSpoke, TurnStarted
from conversations.ids import ClientMessageId, ConversationId, MerchantId
from conversations.service import Conversations
from conversations.state import ConversationState
from conversations.store.codec import get_kind
from conversations.store.projection import RedisDoor
from tests.boxes import make_boxes
from tests.conversations.state.talking import Ear, require_one_truth
from tests.faults.servers import OwnServers


class Witness:
    """Looks at one conversation."""

    def __init__(self, *, service: Conversations, conversation: ConversationId) -> None:
        self._service = service
        self.conversation = conversation

    async def leave_waiting(self, text: str, *, at: datetime) -> None:
        """A message that was acknowledged and whose process died before it began the turn."""
        cid = ClientMessageId(uuid4().hex)
        await self._service.record_message(conversation=self.conversation, cid=cid, text=text, at=at)

    async def list_replies(self) -> list[tuple[int, str, str]]:
        """Every reply in order: its turn, how it ended, its words."""
        events = await self._service.list_events(conversation=self.conversation)
        replies = [each.event for each in events if isinstance(each.event, ReplyGiven)]
        return [(reply.turn, reply.status, reply.text) for reply in replies]

    async def list_told(self, *kinds: type[Event]) -> list[str]:
        """The kinds of these events, in the order in which they happened."""
        events = await self._service.list_events(conversation=self.conversation)
        return [get_kind(each.event) for each in events if isinstance(each.event, kinds)]

    async def list_wire(self, *, after: int) -> list[bytes]:
        """The frames after one, as a socket must have been sent them."""
        frames = await self._service.list_frames(conversation=self.conversation, after=after)
        return [write_frame(to_wire(recorded)).encode() for recorded in frames]

    async def require_whole(self, *, acknowledged: tuple[str, ...]) -> ConversationState:
        """Everything acknowledged is there once and in order, in one turn that was answered once."""
        state = await require_one_truth(self._service, self.conversation)
        events = [each.event for each in await self._service.list_events(conversation=self.conversation)]
        said = [event.text for event in events if isinstance(event, ShopperSpoke)]
        assert said == list(acknowledged)
        cids = [event.cid for event in events if isinstance(event, ShopperSpoke)]
        taken = [cid for event in events if isinstance(event, TurnStarted) for cid in event.cids]
        assert taken == cids
        started = [event.turn for event in events if isinstance(event, TurnStarted)]
        replied = Counter(event.turn for event in events if isinstance(event, ReplyGiven))
        assert replied == dict.fromkeys(started, 1)
        assert (state.transcript.waiting, state.transcript.taken) == ((), ())
        return state


@asynccontextmanager
async def witnessing(servers: OwnServers, *, resume: str) -> AsyncIterator[Witness]:
    """A witness of the conversation to which a browser's handle leads, opened where there is none yet."""
    door = RedisDoor(client=Redis.from_url(servers.redis_url, socket_timeout=5))
    async with build_pool(servers.database_url, most=4, wait=30) as pool:
        service = Conversations(
            pool=pool,
            door=door,
            prefix=f"{settings.REDIS_PREFIX}:",
            announce=Ear().hear,
            boxes=make_boxes(pool),
        )
        shop = MerchantId(servers.shop)
        conversation = await service.find_resumed(handle=resume, merchant=shop, at=read_clock())
        conversation = conversation or await service.open_conversation(
            merchant=shop, currency="EUR", resume=resume, at=read_clock()
        )
        yield Witness(service=service, conversation=conversation)
    await door.close()
