"""All that is kept of a shopper, in their hands: as JSON for machines, as a page for people."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
import structlog
from asgiref.sync import sync_to_async
from django.template.loader import render_to_string

from catalog.connectors import ConnectorUnavailable
from catalog.ids import CustomerKey
from catalog.ids import MerchantId as ShopId
from catalog.models import Customer, PaymentMeans
from catalog.orders import AddressBook, OrderRecord, list_orders, list_orders_of_nobody
from commerce_agent.agent.explain import Register, explain_turn
from commerce_agent.composition import Platform
from commerce_agent.decoding import decode_json
from commerce_agent.shoppers.unsigned import list_orders_of
from conversations.events.messages import ReplyGiven, ShopperSpoke
from conversations.events.visits import PersonSpoke
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.models import AccessRecord
from conversations.service import Reader, UnknownSchema, UnreadableEvent, Whose
from conversations.shoppers import Profile

RECIPIENTS = (
    "The shop, which answers for it; this platform, on the shop's behalf.",
    "Anthropic, where the shop lets Claude answer: the words of a conversation, no name, no address.",
)
MOST_ORDERS = 1_000

log = structlog.get_logger(__name__)


class SaidLine(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was said."""

    at: datetime
    who: str
    text: str


class MadeDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Why a reply is what it is, in plain words."""

    turn: int
    at: datetime
    reasons: tuple[str, ...]


class ExportedTalk(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation."""

    id: ConversationId
    lines: tuple[SaidLine, ...]
    decisions: tuple[MadeDecision, ...]
    unreadable: str = ""
    """Why nothing of it can be given out; it keeps nothing else from being."""


class ExportedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order."""

    number: str
    placed_at: datetime
    status: str
    total: str
    address: str
    lines: tuple[str, ...]


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """Who looked at it, and why."""

    at: datetime
    who: str
    action: str
    purpose: str
    fields: str
    """Of what; empty where the action says it."""


class ShopperExport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is kept of one shopper."""

    made_at: datetime
    key: str
    name: str
    email: str
    postcode: str
    tier: str | None
    profile: Profile
    address: str
    customer_tier: str
    """The tier that the shop's own list of customers has."""
    preferences: dict[str, object]
    """What the shop has noted that they like."""
    payment_means: tuple[str, ...]
    orders: tuple[ExportedOrder, ...]
    orders_unasked: bool
    """Whether a system of the shop's own that keeps orders could not be asked: there may be more."""
    conversations: tuple[ExportedTalk, ...]
    accesses: tuple[Looked, ...]
    recipients: tuple[str, ...] = RECIPIENTS


class _Person(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop's own list of customers has of them."""

    address: str
    tier: str
    preferences: dict[str, object]
    means: tuple[str, ...]


class NobodyToExport(Exception):
    """The merchant has no shopper of this id, or has erased it. Look the id up under Shoppers."""

    def __init__(self, *, shopper: ShopperId) -> None:
        super().__init__(f"Nothing is kept of {shopper}.")
        self.shopper = shopper


async def export_shopper(
    platform: Platform, *, merchant: MerchantId, shopper: ShopperId, reader: Reader, at: datetime
) -> ShopperExport:
    """Everything that is kept of the shopper; that it was taken out is recorded first. Raises `NobodyToExport`."""
    service = platform.conversations
    card = await service.find_shopper(merchant=merchant, shopper=shopper)
    if card is None:
        raise NobodyToExport(shopper=shopper)
    profile = await service.profiles.read(
        Whose(merchant=merchant, shopper=shopper), reader=reader, fields=("everything",), at=at
    )
    talks = await service.owners.list_conversations(merchant=merchant, shopper=shopper)
    person = await sync_to_async(_read_person)(
        merchant=merchant, customer=card.key, keys=platform.connectors.parts.keys
    )
    kept = await _list_orders(platform, merchant=merchant, customer=card.key, talks=talks)
    told = await _list_told(platform, merchant=merchant, customer=card.key, at=at)
    known = {order.number for order in kept}
    return ShopperExport(
        made_at=at,
        key=card.key,
        name=card.name,
        email=card.contact.email,
        postcode=card.contact.postcode,
        tier=card.tier,
        profile=profile,
        address=person.address,
        customer_tier=person.tier,
        preferences=person.preferences,
        payment_means=person.means,
        orders=(*kept, *(order for order in told or () if order.number not in known)),
        orders_unasked=told is None,
        conversations=tuple([await _export_talk(platform, talk) for talk in talks]),
        accesses=await sync_to_async(_list_accesses)(merchant=merchant, shopper=shopper),
    )


def write_page(export: ShopperExport) -> str:
    """The export as a page that opens by itself: no script, nothing from elsewhere."""
    # What is marked as safe HTML is no plain text to an encoder.
    return "".join((render_to_string("shoppers/export.html", {"export": export}),))


async def _export_talk(platform: Platform, talk: ConversationId) -> ExportedTalk:
    lines: list[SaidLine] = []
    try:
        events = await platform.conversations.list_events(conversation=talk)
    except UnreadableEvent as damage:
        log.warning("export.unreadable", conversation=talk, reason=str(damage))
        return ExportedTalk(id=talk, lines=(), decisions=(), unreadable=str(damage))
    register = Register.read(events)
    accounts = [account for turn in register.decisions if (account := explain_turn(turn, register=register))]
    for recorded in events:
        match recorded.event:
            case ShopperSpoke(text=text):
                lines.append(SaidLine(at=recorded.at, who="you", text=text))
            case ReplyGiven(text=text):
                lines.append(SaidLine(at=recorded.at, who="assistant", text=text))
            case PersonSpoke(name=name, text=text):
                lines.append(SaidLine(at=recorded.at, who=name, text=text))
            case _:
                pass
    return ExportedTalk(
        id=talk,
        lines=tuple(lines),
        decisions=tuple(
            MadeDecision(turn=account.turn, at=account.at, reasons=account.summary) for account in accounts
        ),
    )


async def _list_orders(
    platform: Platform, *, merchant: MerchantId, customer: str, talks: tuple[ConversationId, ...]
) -> tuple[ExportedOrder, ...]:
    keys = platform.connectors.parts.keys
    numbers: tuple[str, ...] = ()
    for talk in talks:
        try:
            numbers += await list_orders_of(platform, talks=(talk,))
        except UnknownSchema:
            # Of the talk it is said that it cannot be read; what was ordered elsewhere is there all the same.
            log.warning("export.orders_unreadable", conversation=talk)
    async with platform.pool.connection() as connection:
        orders = await list_orders(
            connection,
            merchant=ShopId(merchant),
            customer_key=customer,
            limit=MOST_ORDERS,
            keys=keys,
        )
        # Before they signed in they were nobody; that the conversation is theirs says that the order is.
        orders += await list_orders_of_nobody(
            connection, merchant=ShopId(merchant), numbers=numbers, keys=keys
        )
    return tuple(map(_make_order, orders))


async def _list_told(
    platform: Platform, *, merchant: MerchantId, customer: str, at: datetime
) -> tuple[ExportedOrder, ...] | None:
    """What the shop's own systems say was bought; None where they cannot be asked. Where it has none they are ours."""
    key = CustomerKey(customer)
    try:
        asked = platform.connectors.direct.history
        told = await asked.read(merchant=ShopId(merchant), keys=(key,), now=at)
    except ConnectorUnavailable as outage:
        log.warning("export.orders_unasked", connector=outage.connector)
        return None
    return tuple(map(_make_order, told[key].orders)) if key in told else ()


def _make_order(order: OrderRecord) -> ExportedOrder:
    return ExportedOrder(
        number=order.number,
        placed_at=order.placed_at,
        status=order.status,
        total=str(order.total),
        address=order.address,
        lines=tuple(
            f"{line.quantity} × {line.title}, {line.unit_price} each"
            + (f", {line.returned} sent back" if line.returned else "")
            for line in order.lines
        ),
    )


def _read_person(*, merchant: MerchantId, customer: str, keys: Mapping[int, bytes]) -> _Person:
    kept = Customer.objects.filter(merchant_id=merchant, key=customer).first()
    means = PaymentMeans.objects.filter(merchant_id=merchant, customer_key=customer)
    book = AddressBook(merchant=ShopId(merchant), keys=keys)
    named = (book.open_reference(each.label, customer_key=customer) or each.source for each in means)
    return _Person(
        address=book.open_own(kept) if kept else "",
        tier=kept.tier if kept else "",
        preferences=kept.preferences if kept else {},
        means=tuple(named),
    )


def _list_accesses(*, merchant: MerchantId, shopper: ShopperId) -> tuple[Looked, ...]:
    rows = AccessRecord.objects.filter(merchant_id=merchant, subject=f"shopper:{shopper}").order_by("seq")
    return tuple(
        Looked(
            at=row.at,
            who=row.actor.partition(":")[0],
            action=row.action,
            purpose=row.purpose,
            fields=decode_json(row.detail, dict[str, str]).get("fields", "") if row.detail else "",
        )
        for row in rows
    )
