"""One socket's side of a conversation: what it may do, what it has been sent, what it is sent next.

Nothing is stored before the first message. Frames are taken one after the other, so whatever was committed is
sent in order and once; `_sent` is the only place that remembers how far this socket has come.
"""

from typing import assert_never

import structlog

from commerce_agent.agent.ordering.confirming import Press
from commerce_agent.chat import protocol
from commerce_agent.chat.asides import explain, record_rating, record_read
from commerce_agent.chat.budgets import build_budgets
from commerce_agent.chat.buttons import excuse, fit_out, read_words
from commerce_agent.chat.exports import export_everything, export_talk
from commerce_agent.chat.limits import Rates
from commerce_agent.chat.line import Line
from commerce_agent.chat.memories import answer_memory
from commerce_agent.chat.merchants import Shop
from commerce_agent.chat.opening import open_conversation, refuse_unopened
from commerce_agent.chat.phrases import choose_language
from commerce_agent.chat.pointing import Pointing
from commerce_agent.chat.protocol import SocketEnded
from commerce_agent.chat.snapshots import find_snapshot
from commerce_agent.chat.standing import Standing
from commerce_agent.chat.stopping import stop_reply
from commerce_agent.composition import Platform
from conversations.events import Recorded
from conversations.ids import ClientMessageId, ConversationId

_PAGE = 200
_FROM_THE_START = -1

log = structlog.get_logger(__name__)


class ChatSession:
    """A shopper on one socket, after the hello."""

    def __init__(self, *, platform: Platform, shop: Shop, line: Line, rates: Rates) -> None:
        """Speak for `shop` through `line`, no faster than `rates`."""
        self._platform = platform
        self._shop = shop
        self._line = line
        self._messages, self._replays = rates.messages, rates.replays
        self._standing = Standing(platform=platform, shop=shop, now=line.now)
        self._ticket = ""
        self._budgets = build_budgets(platform)
        self._conversation: ConversationId | None = None
        self._handle: str | None = None
        self._left: str | None = None
        self._untold: str | None = None
        self._followed: str | None = None
        self._pointing = Pointing(platform=platform, shop=shop, now=line.now)
        self._sent = 0
        self._resolved: set[str] = set()
        self._rated: dict[int, tuple[str, str]] = {}
        self.language = choose_language(wished="", own=shop.locale)
        """In which the shopper is told things."""
        self.is_waiting = False
        """An answer is to come."""

    async def greet(self, hello: protocol.Hello) -> None:
        """Answers a hello: first subscribes, then sends everything after `hello.seq`."""
        await self.enter(hello)
        told, self._followed = self._followed, None
        await self._welcome(after=hello.seq, whole=hello.whole, resume=told)

    async def enter(self, hello: protocol.Hello) -> None:
        """Takes up where a hello says, and sends nothing yet."""
        self.language = choose_language(wished=hello.lang, own=self._shop.locale)
        # A later hello's ticket was looked at by nobody, so it opens no budget of its own.
        self._ticket = self._ticket or hello.ticket
        if hello.proof and self._standing.shopper is None:
            await self._standing.accept_proof(hello.proof)
        if hello.resume and self._conversation is None:
            self._handle = hello.resume
            await self._find_conversation(hello.resume)
            await self._follow(hello.next)
        self._left, self._sent = hello.left, hello.seq

    async def _follow(self, following: str | None) -> None:
        """Has the client's next handle find the conversation that its old one has found."""
        handles, talk, held = self._platform.conversations.handles, self._conversation, self._handle
        if following and talk and held:
            merchant, at = self._shop.id, self._line.now()
            if await handles.follow(handle=held, by=following, conversation=talk, merchant=merchant, at=at):
                self._handle = self._followed = following

    async def look_again(self) -> None:
        """Finds the conversation where the same client has begun it by another way meanwhile."""
        if self._handle and self._conversation is None:
            await self._find_conversation(self._handle)

    async def _welcome(self, *, after: int, whole: bool = False, resume: str | None = None) -> None:
        """Says how things stand, and sends everything after that frame; from the start where there is no such, or
        the `whole` is wanted; a snapshot and the newest part where that is long ago.
        """
        talk, head, read, snapshot = self._conversation, await self._get_head(), 0, None
        reset = after > head or after < 0 or whole
        self._sent = 0 if reset else after
        if talk:
            read = await self._platform.conversations.reading.get_place(conversation=talk)
            missed = 0 if whole else head - self._sent
            snapshot = await find_snapshot(self._platform, conversation=talk, head=head, missed=missed)
        await self._line.send(
            protocol.Welcome(
                head=head,
                reset=reset or bool(snapshot),
                conversation=talk is not None,
                identified=self._standing.shopper is not None,
                proof=self._standing.make_proof(),
                token=resume,
                resume=resume,
                caps=self._standing.list_caps(),
                read=read,
                server_time=self._line.now(),
            )
        )
        if snapshot:
            self._sent = snapshot.since
            await self._line.send(snapshot)
        await self.catch_up()
        await self._have_answered()

    async def take(self, frame: protocol.Inbound) -> None:
        """Does what a frame asks for.

        Raises:
            FrameRefused: it cannot be done; its text says why.
            SocketEnded: the client sends on and on although it was told to slow down.
        """
        match frame:
            case protocol.Hello():
                self._replays.require(now=self._line.monotonic())
                await self.greet(frame)
            case protocol.Msg() | protocol.Action():
                await self._take_message(frame)
            case protocol.Identify():
                await self._identify(frame)
            case protocol.Stop():
                conversation = self._require_conversation(cid=frame.cid)
                await stop_reply(frame, platform=self._platform, line=self._line, conversation=conversation)
                if frame.cid:
                    await self._line.send(protocol.Ack(cid=frame.cid, head=await self._get_head()))
            case protocol.Confirm():
                await self._confirm(frame)
            case protocol.Feedback():
                await self._rate(frame)
            case protocol.Erase():
                await self._erase(frame)
            case protocol.Memory():
                await self._answer_memory(frame)
            case _:
                await self._take_aside(frame)

    async def _take_aside(
        self, frame: protocol.Context | protocol.Why | protocol.Ping | protocol.Read
    ) -> None:
        """Does what is no part of the talk."""
        match frame:
            case protocol.Context():
                self._pointing.page = frame.page
            case protocol.Why():
                await self._explain(frame)
            case protocol.Ping():
                await self._line.send(protocol.Pong(head=await self._get_head()))
            case protocol.Read():
                await record_read(
                    frame, platform=self._platform, line=self._line, conversation=self._conversation
                )
            case _:
                assert_never(frame)

    def stop(self, turn: int) -> None:
        """Ends this turn if it runs in this process; 0 is whichever runs."""
        if self._conversation is not None:
            self._platform.turns.stop(self._conversation, turn=turn or None)

    async def catch_up(self) -> None:
        """Sends every frame that this socket has not been sent."""
        while self._conversation is not None:
            page = await self._platform.conversations.list_frames(
                conversation=self._conversation, after=self._sent, limit=_PAGE
            )
            await self._send(page)
            if len(page) < _PAGE:
                return

    async def _send(self, page: tuple[Recorded, ...]) -> None:
        conversation = self._require_conversation(cid=None)
        for recorded in page:
            frame = await fit_out(
                recorded,
                platform=self._platform,
                shop=self._shop,
                conversation=conversation,
                language=self.language,
            )
            await self._line.send(frame)
            self._note(frame)
            if isinstance(frame, protocol.Agent) and frame.left:
                await self._have_answered()

    def _note(self, frame: protocol.DurableFrame) -> None:
        self._sent = frame.seq
        match frame:
            case protocol.Turn():
                self.is_waiting = True
            case protocol.Done() | protocol.Person():
                self.is_waiting = False
            case protocol.Resolved():
                self._resolved.add(frame.id)
            case protocol.Rated():
                self._rated[frame.turn] = (frame.score, frame.reason)

    async def _have_answered(self) -> None:
        """Who comes back to a message without an answer may have lost its process: someone looks after it."""
        conversation = self._conversation
        if conversation and await self._platform.conversations.is_waiting(conversation=conversation):
            self.is_waiting = True
            self._platform.turns.kick(conversation)

    async def announce(self, head: int, *, visible: tuple[Recorded, ...] = ()) -> None:
        """Takes the hint that the journal has gone as far as `head`. Events that come with it are sent as they are
        where they follow what was sent; else, and without any, the journal is asked.
        """
        if head <= self._sent:
            return
        if visible and visible[0].frame == self._sent + 1:
            await self._send(visible)
        else:
            await self.catch_up()

    async def _identify(self, frame: protocol.Identify) -> None:
        """Takes the shop's word for who this is. The anonymous conversation becomes the shopper's, never the other way:
        who was somebody else before leaves that conversation. All is sent again, for prices and buttons are others now.
        """
        self._replays.require(now=self._line.monotonic(), cid=frame.cid)
        await self._standing.vouch(frame.jwt, holder=self._handle, cid=frame.cid)
        if self._conversation is not None:
            if await self._standing.join(self._conversation):
                await self._line.tell(self._conversation, {"type": "conversation.joined"})
            else:
                self._conversation = None
                await self._line.unsubscribe()
        for handle in (frame.resume, self._handle):
            if handle and self._conversation is None:
                await self._find_conversation(handle)
        await self._hold_on()
        await self._line.send(protocol.Ack(cid=frame.cid, head=await self._get_head()))
        await self._welcome(after=_FROM_THE_START, resume=self._handle)

    async def _hold_on(self) -> None:
        """The handle of a known shopper's talk is followed by no other: it is good for as long again as a new one."""
        handles, talk, held = self._platform.conversations.handles, self._conversation, self._handle
        if talk and held:
            await handles.extend(handle=held, conversation=talk, merchant=self._shop.id, at=self._line.now())

    async def recheck(self) -> None:
        """Raises `SocketEnded` where the conversation has become that of a shopper whom this socket cannot show to be:
        it comes back, and finds the door closed.
        """
        if self._conversation is not None and not await self._standing.may_enter(self._conversation):
            raise SocketEnded(code=protocol.CLOSE_RESTART, text="The shopper has signed in.", retry=True)

    async def _find_conversation(self, handle: str) -> None:
        found = await self._platform.conversations.find_resumed(
            handle=handle, merchant=self._shop.id, at=self._line.now()
        )
        if found is not None and await self._standing.may_enter(found):
            self._handle = handle
            self._enter(found)

    def _enter(self, conversation: ConversationId) -> None:
        self._conversation = conversation
        self._sent = 0
        self._pointing.forget()
        self._resolved.clear()
        self._rated.clear()
        self._line.subscribe(conversation)

    async def _get_head(self) -> int:
        talk = self._conversation
        return await self._platform.conversations.get_head(conversation=talk) if talk else 0

    def _require_conversation(self, *, cid: str | None) -> ConversationId:
        if self._conversation is None:
            raise refuse_unopened(cid=cid, language=self.language)
        return self._conversation

    async def _take_message(self, frame: protocol.Msg | protocol.Action) -> None:
        text = await read_words(
            frame, platform=self._platform, conversation=self._conversation, language=self.language
        )
        self._messages.require(now=self._line.monotonic(), cid=frame.cid)
        cards = await self._pointing.find_cards(
            frame, conversation=self._conversation, language=self.language
        )
        speaker = self._standing.make_speaker(ticket=self._ticket, address=self._line.address)
        await self._budgets.draw(speaker, now=self._line.now(), cid=frame.cid, answer=frame.answer)
        if self._conversation is None:
            opened = await open_conversation(
                platform=self._platform,
                shop=self._shop,
                standing=self._standing,
                handle=self._handle,
                left=self._left,
                language=self.language,
                at=self._line.now(),
            )
            self._handle, self._untold = opened.handle, opened.untold
            self._enter(opened.conversation)
        conversation = self._require_conversation(cid=frame.cid)
        await self._budgets.note_payer(speaker, conversation=conversation)
        seen = await self._pointing.heed(frame, conversation=conversation)
        about, refs = cards[0].title if len(cards) == 1 else "", tuple(card.ref for card in cards) or seen
        cid, now = ClientMessageId(frame.cid), self._line.now()
        accepted = await self._platform.conversations.record_message(
            conversation=conversation, cid=cid, text=text, at=now, about=about, refs=refs, answering=True
        )
        # The turn starts before anything is sent: the shopper may be gone, the message is to be answered.
        self._platform.turns.kick(conversation)
        self.is_waiting = self.is_waiting or not accepted.duplicate
        await self._line.send(
            protocol.Ack(cid=frame.cid, head=accepted.frame, dup=accepted.duplicate, resume=self._untold)
        )
        self._untold = None
        await self.announce(accepted.frame, visible=accepted.recorded)

    async def _confirm(self, frame: protocol.Confirm) -> None:
        conversation = self._require_conversation(cid=frame.cid)
        await self.recheck()
        self._standing.require_recent(cid=frame.cid, language=self.language)
        resolved = await self._platform.confirmations.confirm(
            conversation=conversation,
            press=Press(proposal=frame.proposal, hash=frame.hash, token=frame.token, decision=frame.decision),
            at=self._line.now(),
        )
        await self.catch_up()
        if resolved.status == "failed" and frame.proposal not in self._resolved:
            told = await excuse(frame, text=resolved.text, platform=self._platform, conversation=conversation)
            await self._line.send(told)
            return
        await self._line.send(protocol.Ack(cid=frame.cid, head=self._sent))

    async def _rate(self, frame: protocol.Feedback) -> None:
        """Keeps what the shopper thinks of a reply that was given; saying it again changes nothing."""
        conversation = self._require_conversation(cid=frame.cid)
        self._messages.require(now=self._line.monotonic(), cid=frame.cid)
        await self.catch_up()
        if self._rated.get(frame.turn) != (frame.score, frame.reason):
            await record_rating(
                frame, platform=self._platform, conversation=conversation, at=self._line.now()
            )
            await self.catch_up()
        await self._line.send(protocol.Ack(cid=frame.cid, head=self._sent))

    async def _explain(self, frame: protocol.Why) -> None:
        """Says why a reply is what it is; nothing is kept of the question."""
        conversation = self._require_conversation(cid=frame.cid)
        self._messages.require(now=self._line.monotonic(), cid=frame.cid)
        because = await explain(
            frame, platform=self._platform, conversation=conversation, now=self._line.now()
        )
        await self._line.send(because)

    async def _answer_memory(self, frame: protocol.Memory) -> None:
        self._messages.require(now=self._line.monotonic(), cid=frame.cid)
        answer = await answer_memory(
            frame,
            platform=self._platform,
            shop=self._shop,
            shopper=self._standing.shopper,
            language=self.language,
            now=self._line.now,
        )
        await self._line.send(answer)

    async def _erase(self, frame: protocol.Erase) -> None:
        """Erases this conversation, or all that is of the shopper."""
        conversation = None if frame.everything else self._require_conversation(cid=frame.cid)
        await self.recheck()
        await self._standing.erase(conversation, language=self.language, cid=frame.cid)
        await self._line.send(protocol.Ack(cid=frame.cid, head=self._sent))
        raise SocketEnded(code=protocol.CLOSE_RESTART, text="This conversation was erased.", retry=True)

    async def export(self, *, everything: bool) -> bytes:
        """This conversation, or all that is kept of the shopper, as JSON to take along. Raises `FrameRefused`."""
        self._replays.require(now=self._line.monotonic())
        if everything:
            shopper = self._standing.require_vouched(cid=None, language=self.language)
            return await export_everything(self._platform, shop=self._shop, shopper=shopper)
        talk = self._require_conversation(cid=None)
        return await export_talk(self._platform, shop=self._shop, conversation=talk)
