"""How a shop wants its assistant: read for each turn, kept for a moment, and named in each decision."""

import time
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from commerce_agent.agent.markup.addresses import list_sites
from commerce_agent.decoding import convert

KEPT_SECONDS = 10.0
"""A change of the settings holds from then on at the latest."""
MOST_SHOPS = 500
USUAL_SHOP_MICROS = 50_000_000
"""Millionths of a dollar that a shop's day may cost, where it has not chosen."""


class AgentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One version of them. Version 0 is what holds before anybody chose."""

    version: int = 0
    persona: str = ""
    tone: str = ""
    languages: tuple[str, ...] = ()
    """Those that the shop wants answers in; empty: the shopper's."""
    use_claude: bool = True
    model: str = ""
    """Empty: the operator's choice."""
    small_model: str = ""
    declined_topics: tuple[str, ...] = ()
    handoff_rules: tuple[str, ...] = ()
    memory_needs_consent: bool = False
    """Nothing is remembered of a shopper across conversations before the shopper has said so."""
    turn_micros: int = 200_000
    """Millionths of a dollar that one turn may cost."""
    shopper_micros: int = 1_000_000
    """The same for one shopper's day."""
    shop_micros: int = USUAL_SHOP_MICROS
    """The same for the shop's day."""
    origins: tuple[str, ...] = ()
    """The shop's own sites, as they are now: where a link in a reply may lead. No part of a version."""

    @property
    def tier(self) -> str:
        """How large the shop's budget for a day is, beside that of a shop that chose none."""
        if self.shop_micros == USUAL_SHOP_MICROS:
            return "standard"
        return "small" if self.shop_micros < USUAL_SHOP_MICROS else "large"


_NAMES = ", ".join(field.name for field in msgspec.structs.fields(AgentSettings) if field.name != "origins")
_FIND = f"SELECT {_NAMES} FROM commerce_agent_agentsettings WHERE merchant_id = %s"
_FIND_NEWEST = f"{_FIND} ORDER BY version DESC LIMIT 1"
_FIND_SITES = "SELECT allowed_origins, shop_url FROM catalog_merchant WHERE id = %s"
_FIND_VERSION = f"{_FIND} AND version = %s"


class SettingsKeeper:
    """The settings of the shops that this process serves."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> None:
        self._pool = pool
        self._kept: dict[str, tuple[float, AgentSettings]] = {}

    async def get_settings(self, *, merchant: str) -> AgentSettings:
        """The newest version; version 0 where there is none."""
        kept = self._kept.get(merchant)
        if kept and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        chosen = await self._find(_FIND_NEWEST, (merchant,)) or AgentSettings()
        found = msgspec.structs.replace(chosen, origins=await self._list_origins(merchant))
        if len(self._kept) >= MOST_SHOPS:
            del self._kept[min(self._kept, key=lambda shop: self._kept[shop][0])]
        self._kept[merchant] = (time.monotonic(), found)
        return found

    async def find_version(self, *, merchant: str, version: int) -> AgentSettings | None:
        """A version of the past, as a decision names it, with the shop's sites of today."""
        found = AgentSettings() if version == 0 else await self._find(_FIND_VERSION, (merchant, version))
        return found and msgspec.structs.replace(found, origins=await self._list_origins(merchant))

    def forget(self, *, merchant: str) -> None:
        """Reads the shop's settings anew at the next turn."""
        self._kept.pop(merchant, None)

    async def _list_origins(self, merchant: str) -> tuple[str, ...]:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_FIND_SITES, (merchant,))).fetchone()
        return list_sites(origins=row[0], shop_url=row[1]) if row else ()

    async def _find(self, query: str, values: tuple[object, ...]) -> AgentSettings | None:
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, values)
            row = await cursor.fetchone()
        return convert(row, AgentSettings) if row else None
