"""The recorded calls, done by the platform's own operations."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from inspect import Parameter, signature

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.ids import MerchantId, Sku
from catalog.orders import (
    CancelOrder,
    Change,
    ChangeAddress,
    ChangeItems,
    ChangeMade,
    ChangePayment,
    ChangeRefused,
    ChangeWish,
    ExchangeItems,
    ItemCount,
    ReturnItems,
    Swap,
    check_change,
    make_change,
    set_customer_address,
)
from catalog.pricing import PriceContext
from commerce_agent.composition import Platform
from commerce_agent.decoding import convert, decode_json
from commerce_agent.management.judged.after_sales.arithmetic import calculate
from commerce_agent.management.judged.after_sales.ending import Ending
from commerce_agent.management.judged.after_sales.shapes import Call, Json, Store, write_json
from commerce_agent.management.judged.after_sales.wording import explain
from conversations.ids import MerchantId as TalkMerchantId


class Refused(Exception):
    """The call was refused and nothing was written; whoever recorded it expected this, or the rule is to be read."""

    def __init__(self, *, because: str, message: str) -> None:
        super().__init__(message)
        self.because = because
        self.message = message


class NotUnderstood(Exception):
    """There is no such call, or it takes other arguments; mend the recording."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What a task's calls work with."""

    platform: Platform
    connection: AsyncConnection[TupleRow]
    merchant: MerchantId
    store: Store
    ending: Ending
    now: datetime
    task: str


async def act(desk: Desk, call: Call, *, number: int) -> object:
    """Does the call and answers what it answers. Raises Refused, NotUnderstood; nothing is half-written then."""
    asked = CALLS.get(call.name)
    if asked is None:
        raise NotUnderstood(f"There is no call {call.name!r}.")
    acting = _Acting(desk, token=f"{desk.task}/{number}")
    takes = list(signature(asked).parameters.values())[1:]
    named = {each.name for each in takes if each.kind is Parameter.KEYWORD_ONLY}
    needed = {each.name for each in takes if each.default is Parameter.empty and each.name in named}
    rest = any(each.kind is Parameter.VAR_KEYWORD for each in takes)
    missing, unknown = needed - call.arguments.keys(), call.arguments.keys() - named
    if missing or (unknown and not rest):
        raise NotUnderstood(f"{call.name} takes {sorted(named)}, not {sorted(call.arguments)}.")
    try:
        async with desk.connection.transaction():
            return await asked(acting, **call.arguments)
    except msgspec.ValidationError as error:
        raise NotUnderstood(f"{call.name}: {error}") from error


class _Acting:
    """One call on its way."""

    def __init__(self, desk: Desk, *, token: str) -> None:
        self._desk = desk
        self._token = token

    async def find_by_email(self, *, email: object) -> object:
        shoppers = self._desk.platform.conversations.shoppers
        found = await shoppers.list_by_email(merchant=self._talk_merchant, email=_read_text(email))
        return self._get_only([card.key for card in found])

    async def find_by_name(self, *, first_name: object, last_name: object, zip: object) -> object:
        name, postcode = f"{_read_text(first_name)} {_read_text(last_name)}".strip(), _read_text(zip)
        moved = self._desk.ending.moved
        found = await self._desk.platform.conversations.shoppers.list_by_name_and_postcode(
            merchant=self._talk_merchant, name=name, postcode=postcode
        )
        stayed = [card.key for card in found if card.key not in moved]
        # Whoever moved in this task is known by the new postcode from then on, and the task's end undoes it.
        came = [
            key for key, there in moved.items() if _is_same(there, postcode) and self._is_called(key, name)
        ]
        return self._get_only([*stayed, *came])

    def _is_called(self, key: str, name: str) -> bool:
        return _is_same(self._desk.store.users[key].name.whole, name)

    async def get_user(self, *, user_id: object) -> object:
        return await self._desk.ending.get_user(self._require("users", user_id))

    async def get_order(self, *, order_id: object) -> object:
        return await self._desk.ending.get_order(self._require("orders", order_id))

    async def get_product(self, *, product_id: object) -> object:
        return await self._desk.ending.get_product(self._require("products", product_id))

    async def list_products(self) -> object:
        products = self._desk.store.products.items()
        return dict(sorted((product.name, key) for key, product in products))

    async def cancel(self, *, order_id: object, reason: object) -> object:
        return await self._change(
            order_id, lambda number: CancelOrder(number=number, reason=_read_text(reason))
        )

    async def change_address(self, *, order_id: object, **address: object) -> object:
        written = self._write_address(address)
        return await self._change(order_id, lambda number: ChangeAddress(number=number, address=written))

    async def change_payment(self, *, order_id: object, payment_method_id: object) -> object:
        method = _read_text(payment_method_id)
        return await self._change(order_id, lambda number: ChangePayment(number=number, method=method))

    async def change_items(
        self, *, order_id: object, item_ids: object, new_item_ids: object, payment_method_id: object
    ) -> object:
        swaps, method = _pair(item_ids, new_item_ids), _read_text(payment_method_id)
        return await self._change(
            order_id, lambda number: ChangeItems(number=number, swaps=swaps, method=method)
        )

    async def exchange(
        self, *, order_id: object, item_ids: object, new_item_ids: object, payment_method_id: object
    ) -> object:
        swaps, method = _pair(item_ids, new_item_ids), _read_text(payment_method_id)
        return await self._change(
            order_id, lambda number: ExchangeItems(number=number, swaps=swaps, method=method)
        )

    async def send_back(self, *, order_id: object, item_ids: object, payment_method_id: object) -> object:
        counts = Counter(_read_list(item_ids))
        items = tuple(ItemCount(sku=Sku(sku), quantity=count) for sku, count in counts.items())
        method = _read_text(payment_method_id)
        return await self._change(
            order_id, lambda number: ReturnItems(number=number, items=items, method=method)
        )

    async def move(self, *, user_id: object, **address: object) -> object:
        key, written = self._require("users", user_id), self._write_address(address)
        await set_customer_address(
            self._desk.connection,
            merchant=self._desk.merchant,
            customer_key=key,
            address=written,
            keys=self._keys,
        )
        self._desk.ending.moved[key] = str(address.get("zip") or "")
        return await self._desk.ending.get_user(key)

    async def calculate(self, *, expression: object) -> object:
        answer = calculate(_read_text(expression))
        if answer is None:
            raise Refused(because="no_sum", message="Error: that is no sum of numbers.")
        return answer

    async def think(self, *, thought: object) -> object:
        _read_text(thought)
        return ""

    async def hand_over(self, *, summary: object) -> object:
        _read_text(summary)
        return "Transfer successful"

    async def _change(self, order_id: object, make: Callable[[str], Change]) -> object:
        """Checks, then makes the change for what the check came to: what a shopper's button does."""
        desk, number = self._desk, self._require("orders", order_id)
        customer, change = desk.store.orders[number].user_id, make(number)
        wish = ChangeWish(
            customer_key=customer, change=change, context=PriceContext(now=desk.now), token=self._token
        )
        checked = await check_change(desk.connection, wish, merchant=desk.merchant, keys=self._keys)
        if isinstance(checked, ChangeRefused):
            raise Refused(because=checked.because, message=explain(checked, change=change))
        told = msgspec.structs.replace(wish, amount=checked.amount)
        made = await make_change(desk.connection, told, merchant=desk.merchant, keys=self._keys)
        if isinstance(made, ChangeRefused):
            raise Refused(because=made.because, message=explain(made, change=change))
        if not isinstance(made, ChangeMade):
            raise Refused(because="altered", message="Error: the order changed meanwhile")
        return await desk.ending.get_order(number)

    def _write_address(self, parts: Json) -> str:
        address = {key: _read_text(part) for key, part in parts.items() if part is not None}
        written = "\n".join(address.values()).strip()
        if not written:
            raise NotUnderstood("An address has at least one part.")
        self._desk.ending.addresses[written] = dict(parts)
        return written

    def _require(self, kind: str, asked: object) -> str:
        key = _read_text(asked)
        if key not in self._desk.store.written[kind]:
            raise Refused(because=f"unknown_{kind[:-1]}", message=f"Error: {kind[:-1]} not found")
        return key

    def _get_only(self, keys: list[str]) -> str:
        """The one user; of two nobody can say which is meant, and a clerk asks for something else about them."""
        if not keys:
            raise Refused(because="unknown_user", message="Error: user not found")
        if len(keys) > 1:
            raise Refused(because="several_users", message="Error: several users found")
        return keys[0]

    @property
    def _keys(self) -> Mapping[int, bytes]:
        return self._desk.platform.connectors.parts.keys

    @property
    def _talk_merchant(self) -> TalkMerchantId:
        return TalkMerchantId(self._desk.merchant)


CALLS: dict[str, Callable[..., Awaitable[object]]] = {
    "find_user_id_by_email": _Acting.find_by_email,
    "find_user_id_by_name_zip": _Acting.find_by_name,
    "get_user_details": _Acting.get_user,
    "get_order_details": _Acting.get_order,
    "get_product_details": _Acting.get_product,
    "list_all_product_types": _Acting.list_products,
    "cancel_pending_order": _Acting.cancel,
    "modify_pending_order_address": _Acting.change_address,
    "modify_pending_order_payment": _Acting.change_payment,
    "modify_pending_order_items": _Acting.change_items,
    "return_delivered_order_items": _Acting.send_back,
    "exchange_delivered_order_items": _Acting.exchange,
    "modify_user_address": _Acting.move,
    "calculate": _Acting.calculate,
    "think": _Acting.think,
    "transfer_to_human_agents": _Acting.hand_over,
}


def _read_text(value: object) -> str:
    """Text, or a number as text: recordings write ids and postcodes either way."""
    return str(convert(value, str | int))


def _is_same(one: str, other: str) -> bool:
    """Whether people would take both for the same: case and blanks say nothing."""
    return "".join(one.casefold().split()) == "".join(other.casefold().split()) != ""


def _read_list(value: object) -> list[str]:
    listed = decode_json(value) if isinstance(value, str) and value.startswith("[") else value
    return [str(each) for each in convert(listed, list[str | int])]


def _pair(item_ids: object, new_item_ids: object) -> tuple[Swap, ...]:
    old, new = _read_list(item_ids), _read_list(new_item_ids)
    if len(old) != len(new):
        raise Refused(because="uneven", message="Error: the number of items to be exchanged should match")
    pairs = Counter(zip(old, new, strict=True))
    return tuple(
        Swap(sku=Sku(sku), for_sku=Sku(other), quantity=count) for (sku, other), count in pairs.items()
    )


def write_answer(answer: object) -> object:
    """The answer with amounts as numbers."""
    return msgspec.Raw(write_json(answer).strip())
