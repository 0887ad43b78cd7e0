"""The data keys: one a shopper, kept wrapped in PostgreSQL, unwrapped in memory for a minute at most."""

import hmac
import os
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping
from typing import Any

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.store.append import NoSuchConversation
from conversations.store.sealing import FORMAT, NONCE_BYTES, Box, Identity, bind

Connection = AsyncConnection[tuple[Any, ...]]

KEY_BYTES = 32
REMEMBERED_SECONDS = 60.0
"""How long a process may still open what was erased elsewhere."""
REMEMBERED_MOST = 4096
NO_CONVERSATION = ConversationId("")
"""What is known of a shopper belongs to none."""

OWNER = "CASE WHEN talk.own_key THEN talk.id ELSE coalesce(talk.shopper_id, talk.id) END"
"""Whose key a conversation `talk` is sealed with: its shopper's, or its own where it was anonymous at first."""

_BOXES = (
    f"SELECT talk.id, talk.merchant_id, {OWNER}, talk.may_be_plain,"
    " key.id, key.kek_version, key.wrapped, key.destroyed_at"
    " FROM conversations_conversation talk"
    " LEFT JOIN conversations_datakey key ON key.id = talk.data_key_id"
)

TOLD_EVERY_SECONDS = 60.0

log = structlog.get_logger(__name__)


class KeyFault(Exception):
    """A key is not what it should be. The operator must put it right; the message says how."""

    version: int
    """Of the key-encryption key that is meant."""


class MissingKey(KeyFault):
    """A data key is wrapped by a key-encryption key that this process was not given."""

    def __init__(self, *, version: int) -> None:
        super().__init__(
            f"Key-encryption key {version} is not in KEY_ENCRYPTION_KEYS, and data keys are still wrapped by it:"
            " put it back, run `manage.py rotate_keys`, then remove it."
        )
        self.version = version


class WrongKey(KeyFault):
    """A data key does not unwrap: the key-encryption key of that version is another one, or the row was changed."""

    def __init__(self, *, version: int, owner: str) -> None:
        super().__init__(
            f"The data key of {owner} does not open under key-encryption key {version}: check that"
            " KEY_ENCRYPTION_KEYS holds the key which this database was written with."
        )
        self.version = version
        self.owner = owner


class KeyEncryptionKeys:
    """What wraps the data keys, by version; the highest version wraps new ones."""

    def __init__(self, *, keys: Mapping[int, bytes]) -> None:
        self._ciphers = {version: AESGCM(key) for version, key in keys.items()}
        self.newest = max(keys)

    def wrap(self, key: bytes, *, merchant: MerchantId, owner: str) -> bytes:
        """The data key, wrapped by the newest version for one owner."""
        nonce = os.urandom(NONCE_BYTES)
        bound = _bind_key(version=self.newest, merchant=merchant, owner=owner)
        return nonce + self._ciphers[self.newest].encrypt(nonce, key, bound)

    def unwrap(self, wrapped: bytes, *, version: int, merchant: MerchantId, owner: str) -> bytes:
        """The data key; raises `MissingKey` or `WrongKey`."""
        if version not in self._ciphers:
            raise MissingKey(version=version)
        bound = _bind_key(version=version, merchant=merchant, owner=owner)
        try:
            return self._ciphers[version].decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError) as error:
            raise WrongKey(version=version, owner=owner) from error


def _bind_key(*, version: int, merchant: MerchantId, owner: str) -> bytes:
    return bind(FORMAT, b"data key", str(version).encode(), merchant.encode(), owner.encode())


_told: dict[tuple[str, int], float] = {}
"""When each fault was last told; it outlives the boxes, which a page or a task opens for itself."""


class Boxes:
    """Hands out the box of a conversation: one look at PostgreSQL a minute, none beside that."""

    def __init__(
        self,
        *,
        pool: AsyncConnectionPool[Connection],
        keys: KeyEncryptionKeys,
        read_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._keys = keys
        self._read_seconds = read_seconds
        self._remembered: OrderedDict[ConversationId, tuple[float, Box]] = OrderedDict()
        self.refused: Counter[str] = Counter()
        """How many values did not open for their reader, by layer; it should stay at nought."""

    async def get_box(self, *, conversation: ConversationId) -> Box:
        """The conversation's box. One from before sealing gets its shopper's key now.

        Raises `NoSuchConversation`, `MissingKey` or `WrongKey`.
        """
        known = self._remembered.get(conversation)
        if known is not None and known[0] > self._read_seconds():
            self._remembered.move_to_end(conversation)
            return known[1]
        async with self._pool.connection() as connection:
            box = await self._find_box(connection, conversation=conversation)
            if box is None:
                async with connection.transaction():
                    await self._give_key(connection, conversation=conversation)
                box = await self._find_box(connection, conversation=conversation)
        if box is None:
            raise NoSuchConversation(conversation=conversation)
        self._remember(box, name=conversation)
        return box

    async def get_boxes(self, *, conversations: Collection[ConversationId]) -> dict[ConversationId, Box]:
        """The boxes of many, with one look for those that are not remembered; one that is not there is absent, and so
        is one whose key is not what it should be: it must not keep the others closed.
        """
        now = self._read_seconds()
        known = {
            name: held[1]
            for name in conversations
            if (held := self._remembered.get(name)) is not None and held[0] > now
        }
        wanted = [name for name in conversations if name not in known]
        if wanted:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(f"{_BOXES} WHERE talk.id = ANY(%s::uuid[])", [wanted])
                rows = await cursor.fetchall()
            for row in rows:
                try:
                    box = self._to_box(row)
                except KeyFault as fault:
                    self.tell_fault(fault)
                    continue
                if box is not None:
                    self._remember(box, name=box.identity.conversation)
                    known[box.identity.conversation] = box
        return known

    async def make_box(self, connection: Connection, *, identity: Identity) -> tuple[int, Box]:
        """The number of the owner's key, made where there is none, and a box for a conversation to be."""
        number, version, wrapped = await self._get_key(connection, identity=identity)
        key = self._keys.unwrap(wrapped, version=version, merchant=identity.merchant, owner=identity.owner)
        box = Box(identity=identity, number=number, key=key, may_be_plain=False, refused=self.refused)
        self._remember(box, name=identity.conversation)
        return number, box

    async def make_boxes(
        self, connection: Connection, *, identities: Collection[Identity]
    ) -> list[tuple[int, Box]]:
        """The same for many conversations to be, each of an owner who has no key yet, in one statement."""
        keys = {identity.owner: AESGCM.generate_key(bit_length=KEY_BYTES * 8) for identity in identities}
        cursor = await connection.execute(
            "INSERT INTO conversations_datakey (merchant_id, owner_id, kek_version, wrapped, created_at)"
            " SELECT merchant, owner, %s, wrapped, now()"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[]) AS made (merchant, owner, wrapped)"
            " RETURNING owner_id, id",
            [
                self._keys.newest,
                [identity.merchant for identity in identities],
                [identity.owner for identity in identities],
                [
                    self._keys.wrap(keys[one.owner], merchant=one.merchant, owner=one.owner)
                    for one in identities
                ],
            ],
        )
        numbers = {str(owner): number async for owner, number in cursor}
        return [
            (
                numbers[one.owner],
                Box(
                    identity=one,
                    number=numbers[one.owner],
                    key=keys[one.owner],
                    may_be_plain=False,
                    refused=self.refused,
                ),
            )
            for one in identities
        ]

    async def make_shopper_box(
        self, connection: Connection, *, merchant: MerchantId, shopper: ShopperId
    ) -> Box:
        """The box of what is known of a shopper beside any conversation; its key is made where there is none."""
        identity = Identity(merchant=merchant, owner=shopper, conversation=NO_CONVERSATION)
        number, version, wrapped = await self._get_key(connection, identity=identity)
        return self.open_shopper_box(
            merchant=merchant, shopper=shopper, number=number, version=version, wrapped=wrapped
        )

    async def find_shopper_box(self, *, merchant: MerchantId, shopper: ShopperId) -> Box | None:
        """The same where the shopper has a key in use; asked once a minute, like a conversation's box."""
        name = ConversationId(f"{merchant}:{shopper}")
        known = self._remembered.get(name)
        if known is not None and known[0] > self._read_seconds():
            return known[1]
        async with self._pool.connection() as connection:
            found = await _find_key(connection, merchant=merchant, owner=shopper)
        if found is None:
            return None
        number, version, wrapped = found
        box = self.open_shopper_box(
            merchant=merchant, shopper=shopper, number=number, version=version, wrapped=wrapped
        )
        self._remember(box, name=name)
        return box

    def open_shopper_box(
        self, *, merchant: MerchantId, shopper: ShopperId, number: int, version: int, wrapped: bytes
    ) -> Box:
        """The same from a key that was read with the shopper. Raises `MissingKey` or `WrongKey`."""
        identity = Identity(merchant=merchant, owner=shopper, conversation=NO_CONVERSATION)
        key = self._keys.unwrap(bytes(wrapped), version=version, merchant=merchant, owner=shopper)
        return Box(identity=identity, number=number, key=key, may_be_plain=False, refused=self.refused)

    async def get_index_key(self, connection: Connection, *, merchant: MerchantId) -> bytes:
        """What a merchant's search hashes are made with: a data key of the merchant's own. In a transaction."""
        identity = Identity(merchant=merchant, owner=merchant, conversation=NO_CONVERSATION)
        _, version, wrapped = await self._get_key(connection, identity=identity)
        return self._unwrap_index_key(merchant=merchant, version=version, wrapped=wrapped)

    async def find_index_key(self, connection: Connection, *, merchant: MerchantId) -> bytes | None:
        """The same where the merchant has named a shopper."""
        found = await _find_key(connection, merchant=merchant, owner=merchant)
        if found is None:
            return None
        _, version, wrapped = found
        return self._unwrap_index_key(merchant=merchant, version=version, wrapped=wrapped)

    async def list_index_keys(self, connection: Connection) -> dict[MerchantId, bytes]:
        """Those of every merchant that has one and whose key opens: one at fault must not close the others'."""
        cursor = await connection.execute(
            "SELECT merchant_id, kek_version, wrapped FROM conversations_datakey"
            " WHERE owner_id = merchant_id AND destroyed_at IS NULL"
        )
        found: dict[MerchantId, bytes] = {}
        async for merchant, version, wrapped in cursor:
            name = MerchantId(str(merchant))
            try:
                found[name] = self._unwrap_index_key(merchant=name, version=version, wrapped=bytes(wrapped))
            except KeyFault as fault:
                self.tell_fault(fault)
        return found

    def _unwrap_index_key(self, *, merchant: MerchantId, version: int, wrapped: bytes) -> bytes:
        key = self._keys.unwrap(wrapped, version=version, merchant=merchant, owner=merchant)
        return hmac.digest(key, b"index of shoppers", "sha256")

    async def drop_key(self, connection: Connection, *, merchant: MerchantId, owner: str) -> None:
        """Takes back a key that has sealed nothing."""
        await connection.execute(
            "DELETE FROM conversations_datakey WHERE merchant_id = %s AND owner_id = %s", [merchant, owner]
        )

    def tell_fault(self, fault: KeyFault) -> None:
        """Says in the log that a key is at fault: of each key-encryption key once a minute in a process, since one that
        is lost closes as many data keys as it wrapped.
        """
        place, now = (type(fault).__name__, fault.version), self._read_seconds()
        if place in _told and 0 <= now - _told[place] < TOLD_EVERY_SECONDS:
            return
        _told[place] = now
        log.warning("key.at_fault", kind=place[0], reason=str(fault))

    def forget(self) -> None:
        """Drops every key from memory."""
        self._remembered.clear()

    def _remember(self, box: Box, *, name: ConversationId) -> None:
        self._remembered[name] = (self._read_seconds() + REMEMBERED_SECONDS, box)
        self._remembered.move_to_end(name)
        if len(self._remembered) > REMEMBERED_MOST:
            self._remembered.popitem(last=False)

    async def _find_box(self, connection: Connection, *, conversation: ConversationId) -> Box | None:
        """None for a conversation without a key. The identity is the conversation's row, not the key's."""
        cursor = await connection.execute(f"{_BOXES} WHERE talk.id = %s", [conversation])
        row = await cursor.fetchone()
        if row is None:
            raise NoSuchConversation(conversation=conversation)
        return self._to_box(row)

    def _to_box(self, row: tuple[Any, ...]) -> Box | None:
        identity = Identity(
            merchant=MerchantId(str(row[1])), owner=str(row[2]), conversation=ConversationId(str(row[0]))
        )
        may_be_plain, number, version, wrapped, destroyed_at = row[3:]
        if number is None:
            return None
        key = None
        if destroyed_at is None:
            key = self._keys.unwrap(
                bytes(wrapped), version=version, merchant=identity.merchant, owner=identity.owner
            )
        return Box(identity=identity, number=number, key=key, may_be_plain=may_be_plain, refused=self.refused)

    async def _give_key(self, connection: Connection, *, conversation: ConversationId) -> None:
        cursor = await connection.execute(
            f"SELECT talk.merchant_id, {OWNER} FROM conversations_conversation talk"
            " WHERE talk.id = %s AND talk.data_key_id IS NULL FOR UPDATE",
            [conversation],
        )
        row = await cursor.fetchone()
        if row is not None:
            identity = Identity(
                merchant=MerchantId(str(row[0])), owner=str(row[1]), conversation=conversation
            )
            number, *_ = await self._get_key(connection, identity=identity)
            await connection.execute(
                "UPDATE conversations_conversation SET data_key_id = %s WHERE id = %s", [number, conversation]
            )

    async def _get_key(self, connection: Connection, *, identity: Identity) -> tuple[int, int, bytes]:
        """The owner's key that is in use, with its version; made where there is none. In a transaction."""
        while True:
            wrapped = self._keys.wrap(
                AESGCM.generate_key(bit_length=KEY_BYTES * 8),
                merchant=identity.merchant,
                owner=identity.owner,
            )
            # A rival that made one, or destroyed one, in between is seen at the next round.
            cursor = await connection.execute(
                "INSERT INTO conversations_datakey (merchant_id, owner_id, kek_version, wrapped, created_at)"
                " VALUES (%s, %s, %s, %s, now())"
                " ON CONFLICT (merchant_id, owner_id) WHERE destroyed_at IS NULL DO NOTHING"
                " RETURNING id, kek_version, wrapped",
                [identity.merchant, identity.owner, self._keys.newest, wrapped],
            )
            row = await cursor.fetchone()
            if row is not None:
                return row[0], row[1], bytes(row[2])
            found = await _find_key(connection, merchant=identity.merchant, owner=identity.owner, held=True)
            if found is not None:
                return found


async def _find_key(
    connection: Connection, *, merchant: MerchantId, owner: str, held: bool = False
) -> tuple[int, int, bytes] | None:
    """The number, the version of the wrapping key and the wrapped key of an owner's data key in use; `held` until
    the transaction ends.
    """
    holding = " FOR SHARE" if held else ""
    cursor = await connection.execute(
        "SELECT id, kek_version, wrapped FROM conversations_datakey"
        f" WHERE merchant_id = %s AND owner_id = %s AND destroyed_at IS NULL{holding}",
        [merchant, owner],
    )
    row = await cursor.fetchone()
    return (row[0], row[1], bytes(row[2])) if row else None
