"""Orders that are kept elsewhere, over HTTP: the built-in store's merchant API, or a system that answers its calls."""

import msgspec

from catalog.connectors import ConnectorUnavailable
from catalog.connectors.breaker import Guard
from catalog.connectors.directory import Counter
from catalog.connectors.fetching import UNKNOWN, Fetched, Fetcher
from catalog.connectors.limiting import Limit
from catalog.connectors.readings import (
    AnswerRefused,
    BreakerOpen,
    CallLimited,
    CallRefused,
    CallUndecided,
    NeverReached,
)
from catalog.connectors.timing import answer_within
from catalog.ids import MerchantId
from catalog.orders import wire
from catalog.orders.desk import OutcomeUnknown
from catalog.orders.records import (
    ChangeAltered,
    ChangeChecked,
    ChangeMade,
    ChangeRefused,
    ChangeWish,
    OrderPlaced,
    OrderRecord,
    OrderRefused,
    OrderWish,
    Reserved,
)

NOT_DONE = (NeverReached, BreakerOpen, CallLimited, CallRefused)
"""Failures after which nothing can have been done."""


class RemoteDesk:
    """Asks the counter, behind the limit, the breaker and the timeout of the merchant's order system.

    A call waits its turn where the limit is reached, for as long as it may take: placing an order is several calls
    in a row, and who confirms should not have to press for each.
    """

    def __init__(self, *, counter: Counter, fetcher: Fetcher, guard: Guard, limit: Limit) -> None:
        self._counter = counter
        self._fetcher = fetcher
        self._guard = guard
        self._limit = limit

    async def reserve(self, wish: OrderWish, *, merchant: MerchantId) -> Reserved | OrderRefused:
        """As the counter answers."""
        answer = await self._ask("reservations", _write_order(wish), merchant=merchant, token=wish.token)
        if answer.refused is not None:
            return wire.read_refused(answer.refused)
        if answer.reserved is None:
            raise _say_nothing()
        return answer.reserved

    async def place(self, wish: OrderWish, *, merchant: MerchantId) -> OrderPlaced | OrderRefused:
        """As the counter answers."""
        answer = await self._commission("orders", _write_order(wish), merchant=merchant, token=wish.token)
        if answer.refused is not None:
            return wire.read_refused(answer.refused)
        if answer.placed is None:
            raise OutcomeUnknown(reason=str(_say_nothing()))
        return answer.placed

    async def check(self, wish: ChangeWish, *, merchant: MerchantId) -> ChangeChecked | ChangeRefused:
        """As the counter answers."""
        answer = await self._ask("checks", _write_change(wish), merchant=merchant)
        if (came := answer.checked or answer.not_changed) is None:
            raise _say_nothing()
        return came

    async def make(
        self, wish: ChangeWish, *, merchant: MerchantId
    ) -> ChangeMade | ChangeAltered | ChangeRefused:
        """As the counter answers."""
        answer = await self._commission("changes", _write_change(wish), merchant=merchant, token=wish.token)
        if (came := answer.made or answer.altered or answer.not_changed) is None:
            raise OutcomeUnknown(reason=str(_say_nothing()))
        return came

    async def find_placed(self, *, merchant: MerchantId, token: str) -> OrderRecord | None:
        """As the counter answers."""
        return (await self._ask("outcomes", wire.OutcomeCall(key=token), merchant=merchant)).order

    async def find_made(self, *, merchant: MerchantId, token: str) -> ChangeMade | None:
        """As the counter answers."""
        return (await self._ask("outcomes", wire.OutcomeCall(key=token), merchant=merchant)).made

    async def _commission(
        self, call: wire.Call, body: msgspec.Struct, *, merchant: MerchantId, token: str
    ) -> wire.DeskAnswer:
        """A call with an effect: where it is not certain that nothing was done, that is what is raised."""
        try:
            return await self._ask(call, body, merchant=merchant, token=token)
        except CallUndecided as undecided:
            raise OutcomeUnknown(reason=undecided.reason) from undecided
        except NOT_DONE:
            raise
        except ConnectorUnavailable as outage:
            raise OutcomeUnknown(reason=outage.reason) from outage

    async def _ask(
        self, call: wire.Call, body: msgspec.Struct, *, merchant: MerchantId, token: str = ""
    ) -> wire.DeskAnswer:
        counter = self._counter
        url = counter.url.replace("{merchant}", merchant).replace("{call}", call)
        headers = {"Content-Type": "application/json", "Accept": "application/json", **dict(counter.headers)}
        if token:
            headers["Idempotency-Key"] = token

        async def fetch() -> Fetched:
            return await self._fetcher.fetch(
                kind="orders", url=url, headers=headers, trusted=counter.trusted, body=wire.write(body)
            )

        async def post() -> wire.DeskAnswer:
            fetched = await answer_within(counter.seconds, fetch, connector="orders")
            if fetched.status == UNKNOWN:
                raise CallRefused(connector="orders", reason="it answered 404")
            try:
                return wire.read_answer(fetched.body, merchant=merchant)
            except msgspec.DecodeError as error:
                raise AnswerRefused(connector="orders", reason=str(error)) from error

        return await self._limit.run(
            lambda: self._guard.run(post, merchant=merchant), merchant=merchant, patience=counter.seconds
        )


def _write_order(wish: OrderWish) -> wire.OrderCall:
    return wire.OrderCall(
        lines=wish.lines,
        total=wish.total,
        tier=wish.context.tier,
        codes=wish.context.codes,
        customer=wish.place.customer_key,
        address=wish.place.address,
        payment_method=wish.place.payment_method,
    )


def _write_change(wish: ChangeWish) -> wire.ChangeCall:
    return wire.ChangeCall(
        customer=wish.customer_key,
        change=wish.change,
        amount=wish.amount,
        tier=wish.context.tier,
        codes=wish.context.codes,
    )


def _say_nothing() -> AnswerRefused:
    return AnswerRefused(connector="orders", reason="it does not say what came of the call")
