"""The shop's answers of one turn: noted as they are given, and given again when the turn is replayed."""

import zlib
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import msgspec
from moneyed import Money

from catalog.connectors import ConnectorUnavailable, OrderRecord, OrdersReading, PlainValue
from catalog.ids import GroupKey, Sku
from catalog.orders import Change, ChangeChecked, ChangeRefused
from catalog.policies import PolicyAnswer
from catalog.pricing import CartItem, CartPrice, PriceContext
from catalog.products import SearchQuery, SearchResult, VariantRecord, Version
from catalog.promotions import PromotionsHeld
from commerce_agent.decoding import convert, decode_json
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.memory import MemoryChange, Remembered
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.tastes import Taste
from commerce_agent.tools.trail import Noted, Trail

Answer = TypeVar("Answer")

PACKING = 3
"""A tenth more to keep for less than half the time; the turn waits for it."""
PACKING_WINDOW, PACKING_MEMORY = 13, 6
"""64 KB for what is some ten long: the usual 256 KB would drive what the turn needs next out of the processor."""


class NotAsked(Exception):
    """The replayed turn asks the shop what the recorded one did not: it took another way."""

    def __init__(self, *, question: str) -> None:
        super().__init__(f"The shop was not asked then: {question}. Replay with --facts now to ask it.")
        self.question = question


class Packed(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn was told, as it is kept with its decision."""

    context: PriceContext
    noted: tuple[Noted, ...]


class AnswersUnreadable(Exception):
    """Kept answers are of a shape that this code does not read. The turn can be replayed for its state only."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"The kept answers cannot be read: {reason}.")
        self.reason = reason


class NoKeptForm(Exception):
    """A shop's answer holds a value of a type that nothing here keeps. Its developer says how, beside money."""

    def __init__(self, *, kind: str) -> None:
        super().__init__(f"A shop's answer holds a {kind}, and nothing says how that is kept and read again.")
        self.kind = kind


def pack_answers(*, context: PriceContext, noted: tuple[Noted, ...]) -> bytes:
    """The answers in their kept form, whichever of several questions at once was answered first."""
    # Answers to one question stay in their order: they are given again in it.
    in_order = tuple(sorted(noted, key=lambda each: each.question))
    packing = zlib.compressobj(PACKING, zlib.DEFLATED, PACKING_WINDOW, PACKING_MEMORY)
    return packing.compress(_encode(Packed(context=context, noted=in_order))) + packing.flush()


def unpack_answers(kept: bytes) -> Packed:
    """The answers from their kept form; raises `AnswersUnreadable`."""
    try:
        return decode_json(zlib.decompress(kept), Packed)
    except (msgspec.MsgspecError, zlib.error) as error:
        raise AnswersUnreadable(reason=str(error)) from error


def list_noted_offers(packed: Packed) -> tuple[Offer, ...]:
    """Every offer that the turn was answered, in the order of the questions; raises `AnswersUnreadable`."""
    return tuple(
        offer for offers in _list_noted(packed, tuple[Offer, ...], "list_offers") for offer in offers
    )


def list_noted_orders(packed: Packed) -> tuple[OrderRecord, ...]:
    """Every order that the turn was answered; raises `AnswersUnreadable`."""
    found = _list_noted(packed, _OrdersFound, "list_orders", "list_history")
    return tuple(order for each in found if each.answer for order in each.answer.orders)


def _list_noted(packed: Packed, shape: type[Answer], *calls: str) -> list[Answer]:
    answers = [bytes(noted.answer) for noted in packed.noted if noted.question.partition(" ")[0] in calls]
    told = (answer for answer in answers if not answer.startswith(OUT_OF_REACH))
    try:
        return [decode_json(answer, shape, dec_hook=_read_special) for answer in told]
    except msgspec.MsgspecError as error:
        raise AnswersUnreadable(reason=str(error)) from error


class _PolicyFound(msgspec.Struct, frozen=True):
    answer: PolicyAnswer | None


class _OrdersFound(msgspec.Struct, frozen=True):
    answer: OrdersReading | None


class _MemoryFound(msgspec.Struct, frozen=True):
    answer: Remembered | None


class _OutOfReach(msgspec.Struct, frozen=True):
    out_of_reach: str


OUT_OF_REACH = b'{"out_of_reach":'


class _ChangeAnswer(msgspec.Struct, frozen=True):
    checked: ChangeChecked | None
    refused: ChangeRefused | None

    @property
    def answer(self) -> ChangeChecked | ChangeRefused | None:
        return self.checked or self.refused


def _make_answer(answer: ChangeChecked | ChangeRefused | None) -> _ChangeAnswer:
    return _ChangeAnswer(
        checked=answer if isinstance(answer, ChangeChecked) else None,
        refused=answer if isinstance(answer, ChangeRefused) else None,
    )


class NotedShop:
    """A shop whose every answer goes on the turn's trail as well."""

    def __init__(self, *, shop: Goods, trail: Trail) -> None:
        self._shop = shop
        self._trail = trail

    @property
    def now(self) -> datetime:
        """The turn's instant."""
        return self._shop.now

    @property
    def context(self) -> PriceContext:
        """Whose prices these are."""
        return self._shop.context

    async def search(self, query: SearchQuery) -> SearchResult:
        """Asks and notes."""
        return self._note("search", query, await self._shop.search(query))

    async def list_items(self, skus: Iterable[str]) -> dict[Sku, VariantRecord]:
        """Asks and notes."""
        wanted = tuple(skus)
        return self._note("list_items", wanted, await self._shop.list_items(wanted))

    async def list_siblings(self, group: GroupKey) -> tuple[VariantRecord, ...]:
        """Asks and notes."""
        return self._note("list_siblings", group, await self._shop.list_siblings(group))

    async def list_versions(self, groups: Sequence[GroupKey]) -> dict[GroupKey, tuple[Version, ...]]:
        """Asks and notes."""
        wanted = tuple(groups)
        return self._note("list_versions", wanted, await self._shop.list_versions(wanted))

    async def list_offers(
        self, skus: Sequence[str], *, codes: tuple[str, ...] | None = None
    ) -> tuple[Offer, ...]:
        """Asks and notes."""
        asked = _ask_for_offers(skus, codes)
        with self._noting_outage("list_offers", asked):
            answer = await self._shop.list_offers(skus, codes=codes)
        return self._note("list_offers", asked, answer)

    async def price_lines(
        self, lines: tuple[CartItem, ...], *, codes: tuple[str, ...] | None = None
    ) -> CartPrice:
        """Asks and notes."""
        with self._noting_outage("price_lines", (lines, codes)):
            answer = await self._shop.price_lines(lines, codes=codes)
        return self._note("price_lines", (lines, codes), answer)

    async def find_policy(
        self, name: str, *, sku: str | None = None, category: str | None = None
    ) -> PolicyAnswer | None:
        """Asks and notes."""
        asked = (name, sku, category)
        with self._noting_outage("find_policy", asked):
            answer = await self._shop.find_policy(name, sku=sku, category=category)
        return self._note("find_policy", asked, _PolicyFound(answer)).answer

    async def list_promotions(self) -> PromotionsHeld:
        """Asks and notes."""
        with self._noting_outage("list_promotions", None):
            answer = await self._shop.list_promotions()
        return self._note("list_promotions", None, answer)

    async def check_change(self, change: Change) -> ChangeChecked | ChangeRefused | None:
        """Asks and notes."""
        with self._noting_outage("check_change", change):
            answer = _make_answer(await self._shop.check_change(change))
        return self._note("check_change", change, answer).answer

    async def takes_orders(self) -> bool:
        """Asks and notes."""
        return self._note("takes_orders", None, await self._shop.takes_orders())

    async def list_orders(self, *, placed: tuple[str, ...] = ()) -> OrdersReading | None:
        """Asks and notes."""
        with self._noting_outage("list_orders", placed or None):
            answer = await self._shop.list_orders(placed=placed)
        return self._note("list_orders", placed or None, _OrdersFound(answer)).answer

    async def list_history(self) -> OrdersReading | None:
        """Asks and notes."""
        with self._noting_outage("list_history", None):
            answer = await self._shop.list_history()
        return self._note("list_history", None, _OrdersFound(answer)).answer

    async def recall_shopper(self) -> Remembered | None:
        """Asks and notes."""
        answer = _MemoryFound(await self._shop.recall_shopper())
        return self._note("recall_shopper", None, answer).answer

    async def change_memory(self, change: MemoryChange) -> Remembered | None:
        """Asks and notes."""
        answer = _MemoryFound(await self._shop.change_memory(change))
        return self._note("change_memory", change, answer).answer

    async def list_preferences(self) -> dict[str, PlainValue]:
        """Asks and notes."""
        return self._note("list_preferences", None, await self._shop.list_preferences())

    async def list_tastes(self) -> tuple[Taste, ...]:
        """Asks and notes."""
        return self._note("list_tastes", None, await self._shop.list_tastes())

    @contextmanager
    def _noting_outage(self, call: str, asked: object) -> Generator[None]:
        """That nobody could be asked is an answer too: a replay is to find it again."""
        try:
            yield
        except ConnectorUnavailable as outage:
            note_answer(self._trail, call=call, asked=asked, answer=_OutOfReach(outage.connector))
            raise

    def _note(self, call: str, asked: object, answer: Answer) -> Answer:
        note_answer(self._trail, call=call, asked=asked, answer=answer)
        return answer


def note_answer(trail: Trail, *, call: str, asked: object, answer: object) -> None:
    """Puts one answer of the shop on the trail, under its question."""
    trail.note_answer(Noted(question=_write_question(call, asked), answer=msgspec.Raw(_encode(answer))))


class RecalledShop:
    """Answers what was answered then, question by question. Nothing is read from any system."""

    def __init__(self, *, packed: Packed) -> None:
        self.context = packed.context
        self._answers: dict[str, list[msgspec.Raw]] = {}
        for noted in packed.noted:
            self._answers.setdefault(noted.question, []).append(noted.answer)

    @property
    def now(self) -> datetime:
        """The turn's instant."""
        return self.context.now

    async def search(self, query: SearchQuery) -> SearchResult:
        """What was found then; raises `NotAsked`, as do all of these. Answers of old do not say what was applied."""
        found = self._recall("search", query, SearchResult)
        return found if found.applied else msgspec.structs.replace(found, applied=query.filters)

    async def list_items(self, skus: Iterable[str]) -> dict[Sku, VariantRecord]:
        """What the items were."""
        return self._recall("list_items", tuple(skus), dict[Sku, VariantRecord])

    async def list_siblings(self, group: GroupKey) -> tuple[VariantRecord, ...]:
        """What variants the product had."""
        return self._recall("list_siblings", group, tuple[VariantRecord, ...])

    async def list_versions(self, groups: Sequence[GroupKey]) -> dict[GroupKey, tuple[Version, ...]]:
        """What the products came in; turns of old did not ask."""
        try:
            return self._recall("list_versions", tuple(groups), dict[GroupKey, tuple[Version, ...]])
        except NotAsked:
            return {}

    async def list_offers(
        self, skus: Sequence[str], *, codes: tuple[str, ...] | None = None
    ) -> tuple[Offer, ...]:
        """Price and stock as they were read."""
        return self._recall("list_offers", _ask_for_offers(skus, codes), tuple[Offer, ...])

    async def price_lines(
        self, lines: tuple[CartItem, ...], *, codes: tuple[str, ...] | None = None
    ) -> CartPrice:
        """What the lines cost."""
        return self._recall("price_lines", (lines, codes), CartPrice)

    async def find_policy(
        self, name: str, *, sku: str | None = None, category: str | None = None
    ) -> PolicyAnswer | None:
        """The policy that was in force."""
        return self._recall("find_policy", (name, sku, category), _PolicyFound).answer

    async def list_promotions(self) -> PromotionsHeld:
        """The promotions that were in force."""
        return self._recall("list_promotions", None, PromotionsHeld)

    async def check_change(self, change: Change) -> ChangeChecked | ChangeRefused | None:
        """What the change came to."""
        return self._recall("check_change", change, _ChangeAnswer).answer

    async def takes_orders(self) -> bool:
        """Whether anything could be ordered; turns of old did not ask."""
        try:
            return self._recall("takes_orders", None, bool)
        except NotAsked:
            return True

    async def recall_shopper(self) -> Remembered | None:
        """What was remembered of the shopper."""
        return self._recall("recall_shopper", None, _MemoryFound).answer

    async def change_memory(self, change: MemoryChange) -> Remembered | None:
        """What was left of it; nothing is changed again."""
        return self._recall("change_memory", change, _MemoryFound).answer

    async def list_orders(self, *, placed: tuple[str, ...] = ()) -> OrdersReading | None:
        """The orders there were."""
        return self._recall("list_orders", placed or None, _OrdersFound).answer

    async def list_history(self) -> OrdersReading | None:
        """What had been bought; turns of old asked for orders."""
        try:
            return self._recall("list_history", None, _OrdersFound).answer
        except NotAsked:
            return await self.list_orders()

    async def list_preferences(self) -> dict[str, PlainValue]:
        """What was down of the shopper; turns of old did not ask."""
        try:
            return self._recall("list_preferences", None, dict[str, PlainValue])
        except NotAsked:
            return {}

    async def list_tastes(self) -> tuple[Taste, ...]:
        """What the shopper liked; turns of old did not ask."""
        try:
            return self._recall("list_tastes", None, tuple[Taste, ...])
        except NotAsked:
            return ()

    def _recall(self, call: str, asked: object, shape: type[Answer]) -> Answer:
        question = _write_question(call, asked)
        waiting = self._answers.get(question)
        if not waiting:
            raise NotAsked(question=question)
        # The same question may have had two answers in one turn; the last one holds from then on.
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if bytes(answer).startswith(OUT_OF_REACH):
            raise ConnectorUnavailable(connector=decode_json(answer, _OutOfReach).out_of_reach)
        return decode_json(answer, shape, dec_hook=_read_special)


def _ask_for_offers(skus: Sequence[str], codes: tuple[str, ...] | None) -> object:
    """Kept answers were asked for by SKUs alone where the codes were the shopper's own."""
    return tuple(skus) if codes is None else (tuple(skus), codes)


def _write_question(call: str, asked: object) -> str:
    return f"{call} {_encode(asked).decode()}"


def _encode(value: object) -> bytes:
    return msgspec.json.encode(value, enc_hook=_write_special)


def _write_special(value: object) -> list[str]:
    if isinstance(value, Money):
        return [str(value.amount), value.currency.code]
    raise NoKeptForm(kind=type(value).__name__)


def _read_special(kind: type, value: object) -> object:
    if kind is Money:
        amount, currency = convert(value, tuple[str, str])
        return Money(Decimal(amount), currency)
    raise NoKeptForm(kind=kind.__name__)
