"""What is done to keys outside of a turn: rotated, given to what is still in the clear, destroyed.

One data key a shopper, held by the conversation. An anonymous shopper goes by the conversation's id. Destroying the
key (`manage.py forget_key`) makes the journal, the copy in Redis and every backup of either unreadable
(`KeyDestroyed`, an `UnreadableEvent`), so a backup of conversations_datakey must be kept apart, and for a short
time only. The conversation names its key, so a shopper who comes back gets another one and what was erased stays
erased. Processes remember an unwrapped key for 60 s, so that a turn costs no look-up and erasure takes a minute to
reach every reader; writers see `erased_at` under the row lock at once, so nothing is acknowledged that nobody will
read.

Rotation rewraps keys, not events. `KEY_ENCRYPTION_KEYS` holds versions; the highest wraps new data keys, the others
still unwrap old ones. To rotate: add a version everywhere, restart, run `manage.py rotate_keys`, remove the old
version. It works in batches, each a transaction, and goes on where it was stopped.

What was stored before sealing is read, and sealed by the same command. Its body begins with `{`, a sealed one with
1. Only a conversation of that time (`may_be_plain`) may hold one in the clear, so nobody can slip an event into
another one. A recorded row is never changed, so the sealed rows are put in place of the plain ones in one
transaction.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from redis.exceptions import RedisError

from conversations.ids import ConversationId, MerchantId
from conversations.store.boxes import OWNER, Boxes, KeyEncryptionKeys, KeyFault
from conversations.store.holding import require_free
from conversations.store.projection import Projection, RedisDoor
from conversations.store.sealing import PLAIN, Box

Connection = AsyncConnection[tuple[Any, ...]]

_IN_USE = (
    "SELECT 1 FROM conversations_datakey"
    " WHERE merchant_id = %s AND owner_id = ANY(%s::uuid[]) AND destroyed_at IS NULL LIMIT 1"
)
_BEGUN = (
    "SELECT talk.id FROM conversations_conversation talk JOIN conversations_datakey key ON key.id = talk.data_key_id"
    " WHERE key.merchant_id = %s AND key.owner_id = ANY(%s::uuid[]) AND talk.erased_at IS NOT NULL"
    " AND EXISTS (SELECT FROM conversations_journalentry entry WHERE entry.conversation_id = talk.id)"
)

log = structlog.get_logger(__name__)


class NoSuchKey(KeyFault):
    """There is nothing to destroy: the merchant has no key of this owner in use, or it was destroyed before."""

    def __init__(self, *, merchant: MerchantId, owner: str) -> None:
        super().__init__(
            f"Merchant {merchant} has no key in use for {owner}: name a shopper, or an anonymous conversation."
        )
        self.merchant = merchant
        self.owner = owner


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What became unreadable."""

    conversations: int
    copies: int
    """States that were removed from Redis."""
    names: tuple[ConversationId, ...] = ()
    left: int = 0
    """States that Redis, out of reach, may hold still. They open for nobody, and run out."""


class KeyKeeper:
    """Rotates, seals and destroys. Each step is a transaction, so what was interrupted is begun again."""

    def __init__(
        self,
        *,
        pool: AsyncConnectionPool[Connection],
        door: RedisDoor,
        prefix: str,
        boxes: Boxes,
        keys: KeyEncryptionKeys,
    ) -> None:
        self._pool = pool
        self._boxes = boxes
        self._keys = keys
        self._projection = Projection(door=door, prefix=prefix, boxes=boxes)

    @property
    def newest(self) -> int:
        """The version of the key-encryption key that wraps new data keys."""
        return self._keys.newest

    async def count_old_keys(self) -> int:
        """How many data keys another version than the newest wraps."""
        return await self._count(
            "SELECT count(*) FROM conversations_datakey WHERE destroyed_at IS NULL AND kek_version <> %s",
            [self._keys.newest],
        )

    async def rewrap_keys(self, *, limit: int = 500) -> int:
        """Wraps so many old data keys anew and says how many; nothing that they sealed is touched.

        Raises `MissingKey` or `WrongKey`, and has then changed nothing.
        """
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "SELECT id, merchant_id, owner_id, kek_version, wrapped FROM conversations_datakey"
                " WHERE destroyed_at IS NULL AND kek_version <> %s ORDER BY id LIMIT %s FOR UPDATE",
                [self._keys.newest, limit],
            )
            rows = await cursor.fetchall()
            await connection.cursor().executemany(
                "UPDATE conversations_datakey SET wrapped = %s, kek_version = %s WHERE id = %s",
                [(self._rewrap(row), self._keys.newest, row[0]) for row in rows],
            )
        return len(rows)

    async def count_in_the_clear(self) -> int:
        """How many conversations of the time before sealing may still hold events in the clear."""
        return await self._count("SELECT count(*) FROM conversations_conversation WHERE may_be_plain")

    async def seal_old(self, *, limit: int = 50) -> int:
        """Seals the events of so many conversations that are in the clear and says of how many."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id FROM conversations_conversation WHERE may_be_plain ORDER BY id LIMIT %s", [limit]
            )
            names = [ConversationId(str(row[0])) async for row in cursor]
        for name in names:
            box = await self._boxes.get_box(conversation=name)
            async with self._pool.connection() as connection, connection.transaction():
                await _seal_conversation(connection, box=box)
        return len(names)

    async def require_erasable(self, *, merchant: MerchantId, owner: str) -> tuple[ConversationId, ...]:
        """Changes nothing. The conversations of an erasure that ended after the key and before the rows; none where the
        key is still in use. Raises `NoSuchKey` where there is nothing to erase, `OnHold` where a hold keeps it.
        """
        if owner == merchant:
            raise NoSuchKey(merchant=merchant, owner=owner)
        owners = [owner, *await self._list_joined(merchant=merchant, shopper=owner)]
        async with self._pool.connection() as connection:
            await require_free(connection, merchant=merchant, owners=owners)
            asked = [merchant, owners]
            if await (await connection.execute(_IN_USE, asked)).fetchone():
                return ()
            begun = [ConversationId(str(row[0])) async for row in await connection.execute(_BEGUN, asked)]
        if not begun:
            raise NoSuchKey(merchant=merchant, owner=owner)
        return tuple(begun)

    async def forget_key(self, *, merchant: MerchantId, owner: str) -> Erased:
        """Destroys the data key of a shopper, or of an anonymous conversation: nothing of it opens again.

        With a shopper's go those of the conversations that were anonymous at first.

        Nothing is written any more from here on; other processes forget the key within a minute. A shopper
        who comes back gets another key. Raises `NoSuchKey`.
        """
        if owner == merchant:
            # The merchant's own key finds all of its shoppers; it goes with the merchant.
            raise NoSuchKey(merchant=merchant, owner=owner)
        owners = [owner, *await self._list_joined(merchant=merchant, shopper=owner)]
        plain = await self._list_plain(merchant=merchant, owners=owners)
        boxes = [await self._boxes.get_box(conversation=name) for name in plain]
        async with self._pool.connection() as connection, connection.transaction():
            await require_free(connection, merchant=merchant, owners=owners)
            for box in boxes:
                await _seal_conversation(connection, box=box)
            cursor = await connection.execute(
                "UPDATE conversations_datakey SET wrapped = '', destroyed_at = now()"
                " WHERE merchant_id = %s AND owner_id = ANY(%s::uuid[]) AND destroyed_at IS NULL RETURNING id",
                [merchant, owners],
            )
            destroyed = [row[0] async for row in cursor]
            if not destroyed:
                raise NoSuchKey(merchant=merchant, owner=owner)
            cursor = await connection.execute(
                "UPDATE conversations_conversation SET waiting_since = NULL, fence = fence + 1, erased_at = now()"
                " WHERE data_key_id = ANY(%s) RETURNING id",
                [destroyed],
            )
            erased = [ConversationId(str(row[0])) async for row in cursor]
            await connection.execute(
                "UPDATE conversations_shopper SET sealed = '', key_index = gen_random_uuid()::text,"
                " name_index = '', tier = '' WHERE merchant_id = %s AND id = %s::uuid",
                [merchant, owner],
            )
            for table in ("conversations_shopperindex", "conversations_shopperprofile"):
                await connection.execute(
                    f"DELETE FROM {table} WHERE merchant_id = %s AND shopper_id = %s::uuid", [merchant, owner]
                )
            # Nobody comes back to what cannot be read, and no news looks for it.
            for table in (
                "conversations_resumehandle",
                "conversations_shownentity",
                "conversations_handover",
            ):
                await connection.execute(
                    f"DELETE FROM {table} WHERE conversation_id = ANY(%s::uuid[])", [erased]
                )
        self._boxes.forget()
        copies, left = await self.drop_copies(erased)
        return Erased(conversations=len(erased), copies=copies, names=tuple(erased), left=left)

    async def drop_copies(self, conversations: Sequence[ConversationId]) -> tuple[int, int]:
        """How many states went from Redis, and of how many conversations it may hold one still, being out of reach:
        nothing opens those until they run out, or are dropped the next time.
        """
        copies = 0
        for done, name in enumerate(conversations):
            try:
                copies += await self._projection.forget(conversation=name)
            except RedisError:
                left = len(conversations) - done
                log.warning("erased.copies_left", conversations=left)
                return copies, left
        return copies, 0

    async def _list_joined(self, *, merchant: MerchantId, shopper: str) -> list[str]:
        """The conversations of a shopper that have keys of their own."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id FROM conversations_conversation"
                " WHERE merchant_id = %s AND shopper_id = %s::uuid AND own_key",
                [merchant, shopper],
            )
            return [str(row[0]) async for row in cursor]

    async def _list_plain(self, *, merchant: MerchantId, owners: list[str]) -> list[ConversationId]:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT talk.id FROM conversations_conversation talk"
                f" WHERE talk.merchant_id = %s AND {OWNER} = ANY(%s::uuid[]) AND talk.may_be_plain",
                [merchant, owners],
            )
            return [ConversationId(str(row[0])) async for row in cursor]

    async def _count(self, statement: str, values: Sequence[int] = ()) -> int:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(statement, values)).fetchone()
        return int(row[0]) if row else 0

    def _rewrap(self, row: tuple[Any, ...]) -> bytes:
        _, merchant, owner, version, wrapped = row
        name = MerchantId(str(merchant))
        key = self._keys.unwrap(bytes(wrapped), version=version, merchant=name, owner=str(owner))
        return self._keys.wrap(key, merchant=name, owner=str(owner))


async def _seal_conversation(connection: Connection, *, box: Box) -> None:
    """Puts sealed rows where plain ones were, for a row that was recorded is never changed in place."""
    name = box.identity.conversation
    await connection.execute("SELECT 1 FROM conversations_conversation WHERE id = %s FOR UPDATE", [name])
    cursor = await connection.execute(
        "DELETE FROM conversations_journalentry WHERE conversation_id = %s AND substr(body, 1, 1) = %s"
        " RETURNING merchant_id, seq, frame, turn, kind, schema, at, body",
        [name, PLAIN],
    )
    plain = await cursor.fetchall()
    await connection.cursor().executemany(
        "INSERT INTO conversations_journalentry"
        " (conversation_id, merchant_id, seq, frame, turn, kind, schema, at, body)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [(name, *row[:-1], box.seal(bytes(row[-1]), layer="journal", place=row[1])) for row in plain],
    )
    await connection.execute(
        "UPDATE conversations_conversation SET may_be_plain = false WHERE id = %s", [name]
    )
