"""The one way to a conversation's pages: who may, what is read, what is covered, and the record of the look."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from commerce_agent.composition import open_platform
from commerce_agent.console.audit.links import NOTED, hold_journal
from commerce_agent.console.audit.masking import Mask, make_mask
from commerce_agent.decoding import decode_json
from commerce_agent.models import ConversationTraits, Operator
from commerce_agent.staff import find_reach
from conversations.accesses import Access, record_access
from conversations.events import Recorded
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.models import AccessRecord, Conversation
from conversations.service import KeyFault, ShopperCard, UnreadableEvent

VIEW = "conversations.view_conversation"
CHANGE = "conversations.change_conversation"
"""Also takes over a conversation, flags it and assigns it."""
VIEWED = "conversation.viewed"
EVENTS = "events"
"""What a look's record says of how many events there were."""
NEWEST_LOOKS = 20
WATCH = "audit.watch"
REVEALED = "audit_revealed"
"""Where the session keeps until when each row may be seen uncovered."""
NOT_A_CHOICE = "not a choice"
"""On record for what an address gives where there are choices and that is none: anything may stand there."""
LEAST_REASON = 10
LONGEST_REASON = 500
MOST_DIGITS = 18
"""A longer number fits no column."""
REVEAL_FOR = timedelta(minutes=15)
WATCH_FOR = timedelta(hours=1)
"""So long a page that was put on record may show what is new without a row for each word."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as one operator may see it now."""

    row: Conversation
    events: tuple[Recorded, ...]
    """With what is personal covered, unless it was revealed. Empty where nothing can be read."""
    card: ShopperCard | None
    mask: Mask
    unreadable: str
    """Why nothing can be read."""
    broken: str
    """What is amiss with the journal; empty where every event is the one that was written."""
    revealed_until: datetime | None
    user: Operator
    now: datetime

    @property
    def name(self) -> ConversationId:
        """The conversation's id, as the state service takes it."""
        return ConversationId(str(self.row.pk))

    @property
    def merchant(self) -> MerchantId:
        """Whose conversation it is."""
        return MerchantId(str(self.row.merchant_id))

    @property
    def shopper(self) -> str:
        """Who talked, by name only where that was revealed."""
        if self.row.shopper_id is None:
            return "Anonymous shopper"
        if self.card is None:
            return "Erased shopper"
        if self.mask.is_lifted:
            return self.card.name or self.card.key
        return f"Shopper {str(self.row.shopper_id)[:8]}"


View = Callable[..., HttpResponse]


def get_reader(request: HttpRequest) -> Operator:
    """Who asks; raises `PermissionDenied` for someone who may not see conversations."""
    user = request.user
    if not isinstance(user, Operator) or not user.has_perm(VIEW):
        raise PermissionDenied
    return user


def get_worker(request: HttpRequest) -> Operator:
    """Who acts; raises `PermissionDenied` for someone who may only look."""
    user = get_reader(request)
    if not user.has_perm(CHANGE):
        raise PermissionDenied
    return user


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an operator sets about doing to a conversation."""

    user: Operator
    now: datetime
    row: Conversation

    def put_on_record(self, action: str, *, detail: tuple[tuple[str, str], ...] = ()) -> None:
        """Says that it is begun, or what came of it: two rows, since a record of what never happened would lie."""
        record(
            user=self.user,
            merchant=self.row.merchant_id,
            action=action,
            subject=f"conversation:{self.row.pk}",
            now=self.now,
            detail=detail,
        )


def begin_work(
    request: HttpRequest, *, conversation: UUID, action: str, detail: tuple[tuple[str, str], ...] = ()
) -> Work | None:
    """Who sets about what, put on record; None where the request only reads.

    Raises `PermissionDenied` for someone who may only look, `Http404` for another shop's.
    """
    user = get_worker(request)
    work = Work(user=user, now=read_now(), row=get_row(user=user, conversation=conversation))
    if not may_work(user=work.user, row=work.row):
        raise PermissionDenied
    if request.method != "POST":
        return None
    work.put_on_record(action, detail=detail)
    return work


def read_number(text: str) -> int:
    """The number that an address or a form gives; 0 where it gives none, or one that no row could have."""
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        return 0
    return int(text)


def may_work(*, user: Operator, row: Conversation) -> bool:
    """Whether someone may do more than look at this conversation."""
    return row.merchant_id in find_reach(user, CHANGE)


def list_merchants_of(user: Operator) -> frozenset[UUID] | None:
    """The shops whose conversations someone may see; None: all of them, as the platform's own staff."""
    reach = find_reach(user, VIEW)
    return None if reach.every else reach.shops


def find_only_shop(
    user: Operator, *, asked: UUID | None, permissions: tuple[str, ...] = (VIEW,)
) -> UUID | None:
    """The shop whose rows are listed, where it is only one: the look belongs into its chain."""
    reach = find_reach(user, *permissions)
    if reach.every or asked in reach.shops:
        return asked
    return next(iter(reach.shops)) if len(reach.shops) == 1 else None


def list_own(user: Operator) -> QuerySet[Conversation]:
    """The conversations that someone may see."""
    return find_reach(user, VIEW).narrow(Conversation.objects.all())


def get_row(*, user: Operator, conversation: UUID) -> Conversation:
    """A conversation that someone may see. One that is another's looks like one that is not there: `Http404`."""
    row = list_own(user).filter(pk=conversation).first()
    if row is None:
        raise Http404("There is no such conversation.")
    return row


def name_actor(user: Operator) -> str:
    """How the record of accesses names an operator."""
    return f"operator:{user.pk}"


def name_role(user: Operator) -> str:
    """In what part someone acts, for the record."""
    if user.is_superuser:
        return "superuser"
    if user.every_shop:
        return "platform"
    return ",".join(sorted({membership.role for membership in user.roles_held}))[:40]


def record(
    *,
    user: Operator,
    merchant: UUID | None,
    action: str,
    subject: str = "",
    purpose: str = "",
    now: datetime,
    detail: tuple[tuple[str, str], ...] = (),
) -> None:
    """Puts what an operator is about to see or do on record; nothing is sent where this fails."""
    access = Access(
        merchant=MerchantId(str(merchant)) if merchant else None,
        actor=name_actor(user),
        role=name_role(user),
        action=action,
        subject=subject,
        purpose=purpose,
        detail=detail,
    )
    record_access(access, at=now)


def read_now() -> datetime:
    """The instant of a request."""
    return datetime.now(UTC)


def looked_at(page: str) -> Callable[[View], View]:
    """Makes a view of a function that takes a `Look`: whoever may not see it gets no further, and the look is on
    record before a page is made.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, conversation: UUID, **more: object) -> HttpResponse:
            return view(request, open_look(request, conversation=conversation, page=page), **more)

        return shown

    return wrap


def open_look(request: HttpRequest, *, conversation: UUID, page: str) -> Look:
    """Checks, records and reads, in this order."""
    user, now = get_reader(request), read_now()
    row = get_row(user=user, conversation=conversation)
    until = find_revealed(request, of=row.pk, now=now)
    looks = list_looks(row)
    # Asked before the journal, so that what comes meanwhile is no fault.
    indexed = find_indexed(row)
    known = find_known(row, looks=looks, indexed=indexed)
    noted = [*(look.get(NOTED, "") for look in looks), *([indexed.journal] if indexed else [])]
    journal = hold_journal(row, noted=noted)
    if page != "live" or not is_watching(request, user=user, of=row.pk):
        more = ((NOTED, journal.noted), ("revealed", "yes" if until else ""))
        record(
            user=user,
            merchant=row.merchant_id,
            action=VIEWED,
            subject=f"conversation:{row.pk}",
            now=now,
            detail=(("page", page), (EVENTS, str(known)), *(each for each in more if each[1])),
        )
    events, card, unreadable = async_to_sync(_read)(row)
    mask = make_mask(
        name=card.name if card else "",
        key=card.key if card else "",
        events=events,
        is_lifted=until is not None,
    )
    return Look(
        row=row,
        events=mask.cover_events(events),
        card=card,
        mask=mask,
        unreadable=unreadable,
        broken=unreadable or find_break(events, version=row.version, known=known) or journal.broken,
        revealed_until=until,
        user=user,
        now=now,
    )


async def _read(row: Conversation) -> tuple[tuple[Recorded, ...], ShopperCard | None, str]:
    name = ConversationId(str(row.pk))
    async with open_platform(quiet=True) as platform:
        card = None
        if row.shopper_id is not None:
            card = await platform.conversations.find_shopper(
                merchant=MerchantId(str(row.merchant_id)), shopper=ShopperId(str(row.shopper_id))
            )
        try:
            return await platform.conversations.list_events(conversation=name), card, ""
        except (UnreadableEvent, KeyFault) as error:
            return (), card, str(error)


def list_looks(row: Conversation) -> list[dict[str, str]]:
    """What the newest looks on record noted of a conversation, the newest first."""
    looks = AccessRecord.objects.filter(
        merchant_id=row.merchant_id,
        subject=f"conversation:{row.pk}",
        action=VIEWED,
        detail__contains=f'"{EVENTS}"',
    )
    # Each carries the highest number on; of looks at one moment the last on record may know less than the others.
    details = looks.order_by("-seq").values_list("detail", flat=True)[:NEWEST_LOOKS]
    return [decode_json(detail, dict[str, str]) for detail in details]


def find_indexed(row: Conversation) -> ConversationTraits | None:
    """What the index knows of a conversation: how many events it had, and how their rows stood."""
    return ConversationTraits.objects.only("version", "journal").filter(pk=row.pk).first()


def find_known(row: Conversation, *, looks: list[dict[str, str]], indexed: ConversationTraits | None) -> int:
    """How many events a conversation has had: as it says itself, as it was indexed, or as a look on record knew. The
    record is chained, so whoever cuts off a journal's end would have to break that as well.

    It is asked before the events are read, so one that comes meanwhile is no fault.
    """
    versions: list[int] = [row.version, *([indexed.version] if indexed else [])]
    return max((*versions, *(int(look.get(EVENTS, "0")) for look in looks)))


def find_break(events: tuple[Recorded, ...], *, version: int, known: int) -> str:
    """What is amiss with a journal that could be opened. Each event opens only in its own place, so what is left to
    see is whether one is missing.
    """
    for expected, recorded in enumerate(events, start=1):
        if recorded.seq != expected:
            return f"Event {expected} is missing."
    if len(events) < version:
        return f"The journal ends at event {len(events)}, the conversation is at {version}."
    if len(events) < known:
        return f"The journal ends at event {len(events)}; when it was looked at or indexed, it had {known}."
    return ""


def make_watch(*, user: Operator, of: object) -> str:
    """What an open page hands in when it asks for news: its own look is on record already. `of` says what it shows."""
    return signing.dumps([user.pk, str(of)], salt=WATCH)


def is_watching(request: HttpRequest, *, user: Operator, of: object) -> bool:
    """Whether the request is an open page's whose look was put on record within the hour."""
    try:
        given = signing.loads(request.GET.get("watch", ""), salt=WATCH, max_age=WATCH_FOR)
    except signing.BadSignature:
        return False
    return bool(given == [user.pk, str(of)])


def keep_watch(request: HttpRequest, *, user: Operator, of: object) -> str:
    """The watch that an open page came with while it holds, else one from this look on, which is on record."""
    if is_watching(request, user=user, of=of):
        return request.GET["watch"]
    return make_watch(user=user, of=of)


def find_revealed(request: HttpRequest, *, of: object, now: datetime) -> datetime | None:
    """Until when this operator may see a conversation, a shopper or an order uncovered, if they may."""
    kept = request.session.get(REVEALED, {}).get(str(of))
    until = datetime.fromisoformat(kept) if kept else None
    return until if until and until > now else None


def read_reason(request: HttpRequest) -> str:
    """Why somebody must see what is covered; empty where that is no reason."""
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    return reason[:LONGEST_REASON] if len(reason) >= LEAST_REASON else ""


def reveal(request: HttpRequest, *, of: object, now: datetime) -> None:
    """Lets this operator see it uncovered for a quarter of an hour."""
    kept = {
        name: until
        for name, until in request.session.get(REVEALED, {}).items()
        if datetime.fromisoformat(until) > now
    }
    request.session[REVEALED] = {**kept, str(of): (now + REVEAL_FOR).isoformat()}
