"""Who the merchant's named shoppers are: sealed under their own keys, found by hashes of the merchant's key."""

import hashlib
import hmac
import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from commerce_agent.decoding import decode_json
from commerce_agent.isolation.connections import Pool
from conversations.accesses import Access, record_access_through, record_access_within
from conversations.ids import MerchantId, ShopperId
from conversations.store.boxes import Boxes, KeyFault
from conversations.store.codec import UnreadableEvent
from conversations.store.profiles import Reader

_CARDS = (
    "SELECT shopper.id, shopper.merchant_id, shopper.sealed, shopper.tier, key.id, key.kek_version, key.wrapped"
    " FROM conversations_shopper shopper JOIN conversations_datakey key"
    " ON key.merchant_id = shopper.merchant_id AND key.owner_id = shopper.id AND key.destroyed_at IS NULL"
)
"""A shopper whose key was destroyed is not found: nobody knows who it was."""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """What a shopper may give of themselves to be found again, beside the name."""

    email: str = ""
    postcode: str = ""


NO_CONTACT = Contact()
CARD = ("contact", "key", "name", "tier")
"""What of a shopper is read with their card, for the record of accesses."""
SHOP = Reader(actor="shop", purpose="the shop says who this is")


class ShopperCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn needs to know of a shopper."""

    id: ShopperId
    key: str
    """The merchant's own customer key."""
    name: str
    tier: str | None
    contact: Contact = NO_CONTACT


class NoSuchShopper(Exception):
    """The merchant has no shopper of this id. Whoever asked named it wrongly, or named another merchant's."""

    def __init__(self, *, shopper: ShopperId) -> None:
        super().__init__(
            f"This merchant has no shopper {shopper!r}: use an id that `shoppers.find_by_key` gave."
        )
        self.shopper = shopper


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed."""

    key: str
    name: str
    contact: Contact = NO_CONTACT


class _Indexes(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: str
    given: tuple[str, ...]


class Shoppers:
    """Names and finds shoppers. Whatever of them is searched is a keyed hash; the key is the merchant's own."""

    def __init__(self, *, pool: Pool, boxes: Boxes) -> None:
        self._pool = pool
        self._boxes = boxes

    async def record(
        self,
        *,
        merchant: MerchantId,
        key: str,
        at: datetime,
        name: str = "",
        tier: str | None = None,
        contact: Contact = NO_CONTACT,
        reader: Reader = SHOP,
    ) -> ShopperCard:
        """Names a shopper; answers the one that is there where the customer key is known already, in the tier given.

        What it writes is on record in the same transaction, with who said so.
        """
        shopper = ShopperId(str(uuid4()))
        async with self._pool.connection() as connection, connection.transaction():
            index_key = await self._boxes.get_index_key(connection, merchant=merchant)
            indexes = _make_indexes(index_key, key=key, name=name, contact=contact)
            box = await self._boxes.make_shopper_box(connection, merchant=merchant, shopper=shopper)
            sealed = box.seal(
                msgspec.json.encode(_Named(key=key, name=name, contact=contact)), layer="shopper", place=0
            )
            cursor = await connection.execute(
                "INSERT INTO conversations_shopper"
                " (id, merchant_id, sealed, key_index, name_index, tier, created_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (merchant_id, key_index) DO NOTHING RETURNING id",
                [shopper, merchant, sealed, indexes.key, indexes.name, tier or "", at],
            )
            made = await cursor.fetchone()
            if made is None:
                await self._boxes.drop_key(connection, merchant=merchant, owner=shopper)
            else:
                await connection.execute(
                    "INSERT INTO conversations_shopperindex (merchant_id, shopper_id, digest)"
                    " SELECT %s, %s, unnest(%s::text[])",
                    [merchant, shopper, list(indexes.given)],
                )
                given = ("key", "name", "contact", "tier") if tier else ("key", "name", "contact")
                named = _make_access("shopper.named", merchant, shopper, reader=reader, fields=given)
                await record_access_within(connection, named, at=at)
        if made is not None:
            return ShopperCard(id=shopper, key=key, name=name, tier=tier or None, contact=contact)
        known = await self.find_by_key(merchant=merchant, key=key)
        if known is None:
            # Erased between the two statements: whoever it was is named anew.
            return await self.record(
                merchant=merchant, key=key, name=name, tier=tier, contact=contact, at=at, reader=reader
            )
        return await self._put_in_tier(known, merchant=merchant, tier=tier, reader=reader, at=at)

    async def _put_in_tier(
        self, known: ShopperCard, *, merchant: MerchantId, tier: str | None, reader: Reader, at: datetime
    ) -> ShopperCard:
        if tier is None or tier == (known.tier or ""):
            found = _make_access("shopper.read", merchant, known.id, reader=reader, fields=CARD)
            await record_access_through(self._pool, found, at=at)
            return known
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(
                "UPDATE conversations_shopper SET tier = %s WHERE merchant_id = %s AND id = %s::uuid",
                [tier, merchant, known.id],
            )
            changed = _make_access("shopper.written", merchant, known.id, reader=reader, fields=("tier",))
            await record_access_within(connection, changed, at=at)
        return msgspec.structs.replace(known, tier=tier or None)

    async def find(self, *, merchant: MerchantId, shopper: ShopperId) -> ShopperCard | None:
        """The shopper of this id."""
        cards = await self._list("shopper.merchant_id = %s AND shopper.id = %s::uuid", [merchant, shopper])
        return cards[0] if cards else None

    async def find_by_key(self, *, merchant: MerchantId, key: str) -> ShopperCard | None:
        """The shopper of this customer key."""
        async with self._pool.connection() as connection:
            index_key = await self._boxes.find_index_key(connection, merchant=merchant)
        if index_key is None:
            return None
        indexes = _make_indexes(index_key, key=key)
        cards = await self._list(
            "shopper.merchant_id = %s AND shopper.key_index = %s", [merchant, indexes.key]
        )
        return cards[0] if cards else None

    async def list_by_email(self, *, merchant: MerchantId, email: str) -> tuple[ShopperCard, ...]:
        """The shoppers who gave this e-mail address, whatever its case."""
        return await self._list_given(merchant, contact=Contact(email=email))

    async def list_by_name_and_postcode(
        self, *, merchant: MerchantId, name: str, postcode: str
    ) -> tuple[ShopperCard, ...]:
        """The shoppers of this whole name and postcode."""
        return await self._list_given(merchant, name=name, contact=Contact(postcode=postcode))

    async def _list_given(
        self, merchant: MerchantId, *, contact: Contact, name: str = ""
    ) -> tuple[ShopperCard, ...]:
        async with self._pool.connection() as connection:
            index_key = await self._boxes.find_index_key(connection, merchant=merchant)
        if index_key is None:
            return ()
        indexes = _make_indexes(index_key, key="", name=name, contact=contact)
        return await self._list(
            "shopper.merchant_id = %s AND shopper.id IN (SELECT shopper_id FROM conversations_shopperindex"
            " WHERE merchant_id = %s AND digest = ANY(%s::text[]))",
            [merchant, merchant, list(indexes.given)],
        )

    async def list_cards(self, *, shoppers: Collection[ShopperId]) -> dict[ShopperId, ShopperCard]:
        """Who these are, of whatever merchant; those who were erased, or whose key is at fault, are left out."""
        rows = await self._list_rows("shopper.id = ANY(%s::uuid[])", [list(shoppers)]) if shoppers else []
        return {card.id: card for row in rows if (card := self._find_readable(row))}

    async def list_named(self, *, words: str) -> tuple[ShopperId, ...]:
        """The shoppers, of every merchant, whose customer key or whole name this is."""
        async with self._pool.connection() as connection:
            made = await self._boxes.list_index_keys(connection)
            indexes = {merchant: _make_indexes(key, key=words, name=words) for merchant, key in made.items()}
            cursor = await connection.execute(
                "SELECT shopper.id FROM conversations_shopper shopper"
                " JOIN unnest(%s::uuid[], %s::text[], %s::text[]) AS wanted (merchant_id, by_key, by_name)"
                " ON wanted.merchant_id = shopper.merchant_id"
                " AND (wanted.by_key = shopper.key_index OR wanted.by_name = shopper.name_index)",
                [
                    list(indexes),
                    [each.key for each in indexes.values()],
                    [each.name for each in indexes.values()],
                ],
            )
            return tuple([ShopperId(str(row[0])) async for row in cursor])

    async def _list(self, condition: str, values: list[Any]) -> tuple[ShopperCard, ...]:
        rows = await self._list_rows(condition, values)
        return tuple(card for row in rows if (card := self._find_card(row)))

    async def _list_rows(self, condition: str, values: list[Any]) -> list[tuple[Any, ...]]:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(f"{_CARDS} WHERE {condition}", values)
            return await cursor.fetchall()

    def _find_readable(self, row: tuple[Any, ...]) -> ShopperCard | None:
        """The card; None for one whose key is at fault, which must not keep the others closed."""
        try:
            return self._find_card(row)
        except KeyFault as fault:
            self._boxes.tell_fault(fault)
            return None

    def _find_card(self, row: tuple[Any, ...]) -> ShopperCard | None:
        """A card that does not open for its row was counted by the box, and is missing."""
        shopper, merchant, sealed, tier, number, version, wrapped = row
        name = ShopperId(str(shopper))
        box = self._boxes.open_shopper_box(
            merchant=MerchantId(str(merchant)), shopper=name, number=number, version=version, wrapped=wrapped
        )
        try:
            named = decode_json(box.open(bytes(sealed), layer="shopper", place=0), _Named)
        except UnreadableEvent:
            return None
        return ShopperCard(id=name, key=named.key, name=named.name, tier=tier or None, contact=named.contact)


def _make_access(
    action: str, merchant: MerchantId, shopper: ShopperId, *, reader: Reader, fields: tuple[str, ...]
) -> Access:
    return Access(
        merchant=merchant,
        actor=reader.actor,
        action=action,
        subject=f"shopper:{shopper}",
        purpose=reader.purpose,
        detail=(("fields", ",".join(fields)),),
    )


def _make_indexes(index_key: bytes, *, key: str, name: str = "", contact: Contact = NO_CONTACT) -> _Indexes:
    """A customer key counts to the letter; the rest as people write it, whatever its case and spacing."""
    plain, email, postcode = (_make_plain(each) for each in (name, contact.email, contact.postcode))
    given = [_hash(index_key, b"email", email)] if email else []
    if plain and postcode:
        given.append(_hash(index_key, b"name and postcode", f"{plain}\x00{postcode.replace(' ', '')}"))
    return _Indexes(
        key=_hash(index_key, b"key", unicodedata.normalize("NFC", key)),
        name=_hash(index_key, b"name", plain) if plain else "",
        given=tuple(given),
    )


def _make_plain(words: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())


def _hash(index_key: bytes, of: bytes, words: str) -> str:
    return hmac.new(index_key, of + b"\x00" + words.encode(), hashlib.sha256).hexdigest()
