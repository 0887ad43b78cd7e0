"""For whom the running code acts. Every connection tells it to PostgreSQL, whose policies show these rows only.

Nobody acts at first, and then no row of any merchant is seen. Whoever lets somebody in says for whom they act: a
socket, a request, a task. What a task or thread starts takes that along.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from uuid import UUID

import structlog

SETTING = "commerce_agent.acting"
"""The setting that policies read; it lives as long as a transaction does."""
PLATFORM = "platform"
NOBODY = ""
PART = "|"
"""Between a merchant and the one talk, shopper and customer of theirs that is acted for."""

log = structlog.get_logger(__name__)


_told: ContextVar[str] = ContextVar("told", default=NOBODY)


class ActsForOthers(Exception):
    """Code that acts for some merchants asked for others. Let it in anew, where it is known who asks."""

    def __init__(self, *, told: str, asked: str) -> None:
        super().__init__(f"Code that acts for {told} asked to act for {asked}.")
        self.told = told
        self.asked = asked


def get_told() -> str:
    """What PostgreSQL is told now: the merchants, one of them with one talk of theirs, `platform`, or nothing."""
    return _told.get()


@lru_cache(maxsize=4_096)
def _write(merchant: str | UUID) -> str:
    """In one spelling. Remembered: a thousand sockets that hear one change ask for the same."""
    return str(UUID(str(merchant)))


@contextmanager
def acting_for(*merchants: str | UUID) -> Iterator[None]:
    """Acts for these merchants within the block; sees no row where none is given.

    Raises `ActsForOthers` where the code acts for other merchants already: a way is narrowed and never widened.
    """
    with _telling("{" + ",".join(sorted(_write(merchant) for merchant in merchants)) + "}"):
        yield


@contextmanager
def acting_for_talk(
    merchant: str | UUID, *, talk: str | UUID, shopper: str | UUID | None, customer: str | None
) -> Iterator[None]:
    """Acts for one shopper's talk with a merchant within the block: of the merchant's other shoppers no row is seen.

    `customer` is the merchant's own key of the shopper; both are None for somebody unknown. Raises `ActsForOthers`.
    """
    ids = ("" if each is None else str(UUID(str(each))) for each in (talk, shopper))
    # The merchant's own key comes last: whatever stands in it.
    with _telling(PART.join((f"{{{UUID(str(merchant))}}}", *ids, customer or ""))):
        yield


@contextmanager
def acting_for_platform(purpose: str) -> Iterator[None]:
    """Acts for every merchant within the block: for work that is about all of them, or that finds out whose it is.

    tests/isolation/test_platform.py lists each place and its purpose. Raises `ActsForOthers` within a merchant's block.
    """
    log.debug("acting.for_platform", purpose=purpose)
    with _telling(PLATFORM):
        yield


@contextmanager
def _telling(wanted: str) -> Iterator[None]:
    current = _told.get()
    if not _is_within(wanted, current):
        raise ActsForOthers(told=current, asked=wanted)
    token = _told.set(wanted)
    try:
        yield
    finally:
        _told.reset(token)


def _is_within(wanted: str, current: str) -> bool:
    """Whether nothing is reached that was not; from nobody, who was just let in, everything is."""
    if current in (NOBODY, PLATFORM, wanted):
        return True
    (asked, _, asked_talk), (told, _, told_talk) = wanted.partition(PART), current.partition(PART)
    if wanted == PLATFORM or not _list(asked) <= _list(told):
        return False
    return told_talk in ("", asked_talk) or not _list(asked)


def _list(merchants: str) -> frozenset[str]:
    return frozenset(filter(None, merchants.strip("{}").split(",")))
