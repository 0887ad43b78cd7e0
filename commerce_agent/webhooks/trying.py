"""One question to a polled address, to see whether it is set up well: what came, and what would have been taken."""

import time

import msgspec

from catalog.connectors.fetching import Fetcher
from catalog.connectors.sealing import SecretUnreadable
from catalog.inbox import Items
from commerce_agent.webhooks.polling import Due, PollFailed, ask

HIDDEN = "••••••"
MOST_SHOWN = 10


class PollTried(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked and what came of it: `taken` and `refused`, or `problem`. No secret is part of it."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    milliseconds: int = 0
    problem: str = ""
    taken: tuple[str, ...] = ()
    """The first events, each in a line."""
    count: int = 0
    refused: tuple[str, ...] = ()
    """The first that could not be taken, each with its reason."""
    count_refused: int = 0
    next: str = ""


async def try_source(due: Due, *, fetcher: Fetcher) -> PollTried:
    """Asks once, where the next question would go on. Nothing is kept and nothing is applied."""
    headers: tuple[tuple[str, str], ...] = ()
    url, started = due.url, time.perf_counter()
    try:
        url = due.address
        headers = tuple((name, HIDDEN) for name in due.login.make_headers())
        items = (await ask(due, fetcher=fetcher)).items
    except (PollFailed, SecretUnreadable) as failure:
        return PollTried(url=url, headers=headers, milliseconds=_since(started), problem=str(failure))
    finally:
        await fetcher.close()
    return _describe(
        items, tried=PollTried(url=url, headers=headers, milliseconds=_since(started), next=items.next or "")
    )


def _describe(items: Items, *, tried: PollTried) -> PollTried:
    return msgspec.structs.replace(
        tried,
        taken=tuple(f"{told.id}: {told.subject}" for told in items.taken[:MOST_SHOWN]),
        count=len(items.taken),
        refused=tuple(f"{each.place}. {each.id}: {each.reason}" for each in items.refused[:MOST_SHOWN]),
        count_refused=len(items.refused),
    )


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
