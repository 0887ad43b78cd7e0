"""What calls of a model cost, and the caps on it: PostgreSQL holds room for a call before it is made."""

import hashlib
import hmac
from datetime import date
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

PRICES: tuple[tuple[str, int, int], ...] = (
    ("claude-haiku", 1, 5),
    ("claude-sonnet", 3, 15),
    ("claude-opus", 5, 25),
    ("", 15, 75),
)
"""Dollars for a million tokens in and out, which is millionths of a dollar a token, by how a model's name begins.
List prices, for the caps alone; a model that is not known counts as the dearest.
"""
_WRITE_FACTORS = {"5m": 1.25, "1h": 2.0}
_READ_FACTOR = 0.1

_RESERVE = """
INSERT INTO commerce_agent_modelspend AS kept (merchant_id, payer, day, micros, reserved, calls, tokens)
VALUES (%(merchant)s, %(payer)s, %(day)s, 0, %(micros)s, 0, 0)
ON CONFLICT (merchant_id, payer, day) DO UPDATE SET reserved = kept.reserved + excluded.reserved
WHERE kept.micros + kept.reserved < %(cap)s
RETURNING 1
"""
_SETTLE = """
UPDATE commerce_agent_modelspend
SET reserved = reserved - %(reserved)s, micros = micros + %(micros)s, calls = calls + 1, tokens = tokens + %(tokens)s
WHERE merchant_id = %(merchant)s AND day = %(day)s AND payer = %(payer)s
"""


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one call."""

    model: str
    input: int = 0
    """Those that no cache held."""
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    thinking: int = 0
    """Those of the output that were thoughts: paid as such, and counted in it."""

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h + self.output

    @property
    def micros(self) -> int:
        """What they cost, in millionths of a dollar."""
        price_in, price_out = get_prices(self.model)
        weighed = (
            self.input
            + self.cache_read * _READ_FACTOR
            + self.cache_write_5m * _WRITE_FACTORS["5m"]
            + self.cache_write_1h * _WRITE_FACTORS["1h"]
        )
        return round(weighed * price_in + self.output * price_out)


def get_prices(model: str) -> tuple[int, int]:
    """What a token in and a token out cost."""
    return next((each[1], each[2]) for each in PRICES if model.startswith(each[0]))


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """On whose account a call goes, and how much may go on it in a day."""

    merchant: str
    shopper: str
    """Opaque: it names nobody."""
    day: date
    shopper_cap: int
    shop_cap: int
    place: str = ""
    """Where somebody unknown speaks from, opaque as well: all talks from there draw on one account more."""
    place_cap: int = 0

    def list_accounts(self) -> tuple[tuple[str, str, int], ...]:
        """Whose it is, its name and its cap, of each account that a call goes on."""
        place = (("this address", self.place, self.place_cap),) if self.place else ()
        return (("the shop", "", self.shop_cap), ("this shopper", self.shopper, self.shopper_cap), *place)


def hide_payer(name: str, *, secret: str) -> str:
    """A shopper, or an anonymous conversation, under a name that only this installation can tell from others."""
    return hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()[:32]


class CapReached(Exception):
    """The day's budget is spent. The built-in planner answers until midnight (UTC), or until it is raised."""

    def __init__(self, *, whose: str) -> None:
        super().__init__(f"The budget of {whose} is spent for today.")
        self.whose = whose


class Spending:
    """The accounts. Room is held before a call, so that all that run at once exceed a cap by one call at most."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> None:
        self._pool = pool

    async def reserve(self, payer: Payer, *, micros: int) -> None:
        """Holds room on every account or on none. Raises `CapReached`."""
        async with self._pool.connection() as connection, connection.transaction():
            for whose, name, cap in payer.list_accounts():
                asked = {
                    "merchant": payer.merchant,
                    "payer": name,
                    "day": payer.day,
                    "micros": micros,
                    "cap": cap,
                }
                held = await (await connection.execute(_RESERVE, asked)).fetchone() if cap > 0 else None
                if held is None:
                    raise CapReached(whose=whose)

    async def settle(self, payer: Payer, *, reserved: int, micros: int, tokens: int) -> None:
        """Puts what a call cost in the place of the room held for it."""
        async with self._pool.connection() as connection, connection.transaction():
            for _, name, _ in payer.list_accounts():
                told = {"merchant": payer.merchant, "day": payer.day, "payer": name}
                await connection.execute(
                    _SETTLE, {**told, "reserved": reserved, "micros": micros, "tokens": tokens}
                )
