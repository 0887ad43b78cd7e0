"""What keeping merchants and shoppers apart costs, and whether a stranger can tell by the time what is there; how many
accesses a shop's chain takes.

Both sides of a pair are asked in turn, so that whatever else the machine does, it does to both.
"""

import asyncio
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import msgspec
from asgiref.sync import sync_to_async
from moneyed import Money
from psycopg import AsyncCursor

from catalog.ids import MerchantId as ShopId
from catalog.merchants import create_merchant, delete_merchant
from catalog.models import Customer, Merchant, Order, Product, Variant
from catalog.orders import find_own_order
from catalog.products import index_products
from commerce_agent.composition import Platform, open_platform
from commerce_agent.isolation.acting import acting_for
from conversations.accesses import Access, record_access_through
from conversations.ids import ClientMessageId, ConversationId, MerchantId, ShopperId
from conversations.service import NoSuchConversation

SEARCH = "show me boots"
SAID = ("hello", "I wear size 42", "what is your return policy?", SEARCH, "thank you")
ASKED = "SELECT currency FROM catalog_merchant WHERE id = %s"
CUSTOMER = "customer-of-the-measurement"
COMMITTED = "SELECT pg_logical_emit_message(true, 'chain', %s::bytea)"
AT_ONCE, IN_A_ROW = 16, 10
"""So many ask at once, each so often, in a round of the chain's measurement."""

Ask = Callable[[], Awaitable[object]]


class AnsweredDifferently(Exception):
    """A door answers what is another's otherwise than what is not there, or says what it is: mend that door."""

    def __init__(self, *, door: str) -> None:
        super().__init__(f"{door}: what is another's is answered otherwise than what is not there.")
        self.door = door


class NotAnswered(Exception):
    """A turn of the measurement was taken by somebody else; run it again where no other process serves this shop."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Medians of two ways of asking, in milliseconds."""

    first: float
    second: float

    @property
    def ratio(self) -> float:
        """How many times as long the second takes."""
        return self.second / self.first

    def describe(self, *names: str) -> dict[str, float]:
        """With names for both, what the second adds, and the ratio."""
        values = (self.first, self.second, self.second - self.first, self.ratio)
        return {name: round(value, 4) for name, value in zip((*names, "added", "ratio"), values, strict=True)}


class Stall(msgspec.Struct, frozen=True, kw_only=True):
    """A shop of the measurement's own, and what a stranger to it might ask for."""

    merchant: MerchantId
    conversation: ConversationId
    handle: str
    shopper: ShopperId
    order: str


async def measure_apart(*, rounds: int) -> Mapping[str, object]:
    """Measures in two shops that are gone afterwards. Raises `AnsweredDifferently`."""
    async with (
        open_platform(quiet=True, prefix=f"apart-{uuid4().hex}:", in_process_store=True) as platform,
        open_stalls(platform) as (ours, theirs),
    ):
        with acting_for(ours.merchant):
            return {
                "statement_ms": (await _measure_telling(platform, rounds=rounds)).describe("untold", "told"),
                **await _measure_profile(platform, stall=ours, rounds=rounds),
                "chain": await _measure_chain(platform, stall=ours, rounds=rounds),
                "strangers_ms": await _measure_doors(platform, ours=ours, theirs=theirs, rounds=rounds),
            }


@asynccontextmanager
async def open_stalls(platform: Platform) -> AsyncIterator[tuple[Stall, Stall]]:
    """Two shops of the measurement's own, ours and another's, which are gone afterwards with all that is theirs."""
    ours, theirs = await _open_stall(platform), await _open_stall(platform)
    try:
        yield ours, theirs
    finally:
        for stall in (ours, theirs):
            await platform.conversations.forget_merchant(merchant=stall.merchant)
            await sync_to_async(delete_merchant)(merchant=ShopId(stall.merchant))
        await platform.forget_keys()


async def _open_stall(platform: Platform) -> Stall:
    now, handle, number = datetime.now(UTC), secrets.token_urlsafe(32), uuid4().hex[:10]
    made = await sync_to_async(_stock)(now)
    merchant = MerchantId(str(made.id))
    card = await platform.conversations.shoppers.record(merchant=merchant, key=CUSTOMER, name="Ada", at=now)
    await Order.objects.acreate(
        merchant=made,
        number=number,
        customer_key=CUSTOMER,
        placed_at=now,
        status="pending",
        total=Money(1, "USD"),  # type: ignore[misc]  # the field takes money, which its types do not know
    )
    conversation = await platform.conversations.open_conversation(merchant=merchant, at=now, resume=handle)
    return Stall(merchant=merchant, conversation=conversation, handle=handle, shopper=card.id, order=number)


def _stock(now: datetime) -> Merchant:
    """A shop that sells boots to a customer of whom it has something down."""
    made = create_merchant(key=f"apart-{uuid4().hex[:12]}", name="Apart", ephemeral=True)
    Customer.objects.create(merchant=made, key=CUSTOMER, tier="gold", preferences={"boots size": "42"})
    product = Product.objects.create(merchant=made, group_key="boots", title="Fell boots")
    price = Money(90, "USD")
    for size in ("41", "42"):
        Variant.objects.create(
            merchant=made,
            product=product,
            sku=f"BOOT-{size}",
            title=f"Fell boots {size}",
            size=size,
            price=price,  # type: ignore[misc]  # the field takes money, which its types do not know
            price_observed_at=now,
            availability="in_stock",
        )
    index_products(merchant=ShopId(str(made.id)), now=now)
    return made


async def _compare(first: Ask, second: Ask, *, rounds: int) -> Pair:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for ask, times in zip((first, second), taken, strict=True):
            began = time.perf_counter()
            await ask()
            times.append((time.perf_counter() - began) * 1000)
    return Pair(first=statistics.median(taken[0]), second=statistics.median(taken[1]))


async def _measure_telling(platform: Platform, *, rounds: int) -> Pair:
    """One statement that everybody may read the answer of, by itself and behind what it is told."""
    name = str(uuid4())

    async with platform.pool.connection() as lent:

        async def ask_untold() -> None:
            await AsyncCursor(lent).execute(ASKED, [name])

        async def ask() -> None:
            await lent.execute(ASKED, [name])

        return await _compare(ask_untold, ask, rounds=rounds)


async def _measure_profile(platform: Platform, *, stall: Stall, rounds: int) -> dict[str, dict[str, float]]:
    """Turns of somebody unknown, and the same of a shopper of whom a size is remembered, until they are committed:
    of all that is said, and of the searches among them, which are ranked by what the shopper likes. Of this process's
    own work too, with what it learns after the commit: that holds on a machine that others load as well.
    """
    now = datetime.now(UTC)
    known = await platform.conversations.open_conversation(
        merchant=stall.merchant, shopper=stall.shopper, at=now
    )
    taken: dict[ConversationId, list[float]] = {stall.conversation: [], known: []}
    worked: dict[ConversationId, list[float]] = {stall.conversation: [], known: []}
    for number in range(max(rounds, len(SAID))):
        # Each goes first as often as the other.
        for conversation in sorted(taken, reverse=bool(number % 2)):
            began, started = time.process_time(), time.perf_counter()
            # The turn begins with its message, as in a chat; who reads of the shopper is on record from there.
            await platform.conversations.record_message(
                conversation=conversation,
                cid=ClientMessageId(uuid4().hex),
                text=SAID[number % len(SAID)],
                at=datetime.now(UTC),
                answering=True,
            )
            taken_ms = (time.perf_counter() - started) * 1000
            ran = await platform.turns.run(conversation)
            if ran is None:
                raise NotAnswered
            taken[conversation].append(taken_ms + ran.total_ms)
            worked[conversation].append((time.process_time() - began) * 1000)
    searches = slice(SAID.index(SEARCH), None, len(SAID))
    return {
        name: Pair(
            first=statistics.median(times[stall.conversation][among]),
            second=statistics.median(times[known][among]),
        ).describe("anonymous", "with_profile")
        for name, times, among in (
            ("turn_ms", taken, slice(None)),
            ("search_ms", taken, searches),
            ("turn_processor_ms", worked, slice(None)),
            ("search_processor_ms", worked, searches),
        )
    }


async def _measure_chain(platform: Platform, *, stall: Stall, rounds: int) -> dict[str, float]:
    """How many accesses a second one shop's chain takes from many at once, beside commits that wait for nobody.

    Both by statements of their own over the same connections, which are at work on one or the other by turns.
    """
    access = Access(
        merchant=stall.merchant,
        actor="job:measurement",
        action="shopper.read",
        subject=f"shopper:{stall.shopper}",
    )

    async def record() -> None:
        await record_access_through(platform.pool, access, at=datetime.now(UTC))

    async def commit() -> None:
        async with platform.pool.connection() as lent:
            await AsyncCursor(lent).execute(COMMITTED, [bytes(200)], prepare=True)

    async def ask_again(ask: Ask) -> None:
        for _ in range(IN_A_ROW):
            await ask()

    taken: dict[str, list[float]] = {"records": [], "commits": []}
    for _ in range(max(1, rounds // IN_A_ROW)):
        for name, ask in (("records", record), ("commits", commit)):
            began = time.perf_counter()
            await asyncio.gather(*(ask_again(ask) for _ in range(AT_ONCE)))
            taken[name].append(AT_ONCE * IN_A_ROW / (time.perf_counter() - began))
    records, commits = (statistics.median(taken[name]) for name in ("records", "commits"))
    return {
        "records_per_s": round(records, 1),
        "commits_per_s": round(commits, 1),
        "ratio": round(records / commits, 3),
    }


async def _measure_doors(
    platform: Platform, *, ours: Stall, theirs: Stall, rounds: int
) -> dict[str, dict[str, float]]:
    """Each door where a stranger may bring an id: asked for what is not there, and for what is another's."""
    nothing = make_absent(ours)
    found: dict[str, dict[str, float]] = {}
    for name, door in list_doors(platform, ours=ours).items():
        if not await door(ours):
            raise AnsweredDifferently(door=name)
        if await door(nothing) or await door(theirs):
            raise AnsweredDifferently(door=name)
        pair = await _compare(partial(door, nothing), partial(door, theirs), rounds=rounds)
        found[name] = pair.describe("unknown", "anothers")
    return found


def make_absent(ours: Stall) -> Stall:
    """Ids of which our shop has nothing, nor any other."""
    return Stall(
        merchant=ours.merchant,
        conversation=ConversationId(str(uuid4())),
        handle=secrets.token_urlsafe(32),
        shopper=ShopperId(str(uuid4())),
        order=uuid4().hex[:10],
    )


def list_doors(platform: Platform, *, ours: Stall) -> dict[str, Callable[[Stall], Awaitable[bool]]]:
    """Doors of our shop, by what is brought there; each answers whether it opened."""
    service = platform.conversations

    async def bring_conversation(stall: Stall) -> bool:
        try:
            await service.require_version(conversation=stall.conversation, merchant=ours.merchant)
        except NoSuchConversation:
            return False
        return True

    async def bring_back(stall: Stall) -> bool:
        now = datetime.now(UTC)
        return await service.find_resumed(handle=stall.handle, merchant=ours.merchant, at=now) is not None

    async def bring_shopper(stall: Stall) -> bool:
        return await service.find_shopper(merchant=ours.merchant, shopper=stall.shopper) is not None

    async def bring_order(stall: Stall) -> bool:
        async with platform.pool.connection() as lent:
            order = await find_own_order(
                lent, merchant=ShopId(ours.merchant), customer_key=CUSTOMER, number=stall.order
            )
        return order is not None

    return {
        "conversation": bring_conversation,
        "handle": bring_back,
        "shopper": bring_shopper,
        "order": bring_order,
    }
