"""Tells listeners: signed, tried again for most of a day, each attempt kept, and once more whenever somebody asks."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber

from catalog.connectors import Allowed, ConnectorUnavailable
from catalog.connectors.fetching import Fetched, Fetcher
from catalog.connectors.sealing import SecretUnreadable
from catalog.connectors.trying import say_problem
from commerce_agent.models import Listener, Sending, SendingState, Told
from commerce_agent.webhooks.listeners import list_secrets
from commerce_agent.webhooks.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign

ID_HEADER = "Webhook-Id"
SECONDS = 10.0
"""A listener that takes longer is asked again later."""
MOST_AT_ONCE = 50
MOST_OF_ONE = 10
"""Messages that one address is told in one round; one that hung last is told one."""
RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15))
"""How long an address that hung is left alone, after the first round in a row, the second, and each later one."""
LEASE = timedelta(minutes=2)
"""Whoever claimed a message and died with it has lost it after that."""
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))
"""Between two attempts: seven in some twenty hours."""
MOST_KEPT = 30
"""Attempts, of each message."""
KEPT_DAYS = 30
MOST_FORGOTTEN = 10_000
"""In one transaction."""

log = structlog.get_logger(__name__)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is about to be sent."""

    pk: UUID
    listener: UUID
    url: str
    body: bytes
    secrets: tuple[bytes, ...]
    """Empty where they do not open."""
    held_until: datetime | None = None
    """Until when whoever claimed it has its listener to themselves; None where somebody sends it and looks on."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it."""

    status: int = 0
    """0 where nothing answered."""
    problem: str = ""
    milliseconds: int = 0
    hung: bool = False
    """It did not answer in time, and held a worker for as long."""


def claim_due(*, now: datetime) -> tuple[Message, ...]:
    """What is to be sent now, each given to one worker for a while; in turn from each listener, so that one for whom
    much waits keeps no other waiting.

    A listener is told by one worker at a time. So one that hangs holds one of them, and that once a rest.
    """
    waiting = Sending.objects.filter(
        Q(listener__held_until=None) | Q(listener__held_until__lte=now),
        state=SendingState.WAITING,
        due_at__lte=now,
        listener__active=True,
    )
    in_turn = Window(RowNumber(), partition_by=F("listener_id"), order_by=("due_at", "pk"))
    next_ones = list(
        waiting.annotate(in_turn=in_turn)
        .filter(in_turn__lte=Case(When(listener__hangs=0, then=MOST_OF_ONE), default=1))
        .order_by("in_turn", "due_at")
        .values_list("pk", flat=True)[:MOST_AT_ONCE]
    )
    with transaction.atomic():
        due = list(
            waiting.select_for_update(skip_locked=True, of=("self", "listener"))
            .filter(pk__in=next_ones)
            .select_related("listener")
            .order_by("due_at")
        )
        Sending.objects.filter(pk__in=[each.pk for each in due]).update(due_at=now + LEASE)
        Listener.objects.filter(pk__in={each.listener_id for each in due}).update(held_until=now + LEASE)
    return tuple(_write(each, now=now, held_until=now + LEASE) for each in due)


def _write(sending: Sending, *, now: datetime, held_until: datetime | None = None) -> Message:
    try:
        secrets = list_secrets(sending.listener, at=now)
    except SecretUnreadable:
        log.exception("webhook.secret_unreadable", listener=str(sending.listener_id))
        secrets = ()
    return Message(
        pk=sending.pk,
        listener=sending.listener_id,
        url=sending.listener.url,
        body=json.dumps(sending.body).encode(),
        secrets=secrets,
        held_until=held_until,
    )


def deliver(messages: tuple[Message, ...], *, now: Callable[[], datetime]) -> int:
    """Sends all at once, so that a slow listener delays no other, and keeps what became of each; answers how many."""
    attempts = async_to_sync(_send_all)(messages, now=now())
    hung: dict[tuple[UUID, datetime | None], bool] = {}
    for message, attempt in zip(messages, attempts, strict=True):
        keep_attempt(message.pk, attempt, now=now())
        hold = message.listener, message.held_until
        hung[hold] = hung.get(hold, True) and attempt.hung
    for (listener, held_until), is_hanging in hung.items():
        if held_until is not None:
            _let_go(listener, held_until=held_until, is_hanging=is_hanging, now=now())
        elif not is_hanging:
            # It hung, and answers again: its rest is over. One that did not hang is held by who tells it, if at all.
            Listener.objects.filter(pk=listener, hangs__gt=0).update(held_until=None, hangs=0)
    return len(messages)


def _let_go(pk: UUID, *, held_until: datetime, is_hanging: bool, now: datetime) -> None:
    """The listener may be told again: at once, or where nothing of a round was answered in time after a rest, the
    longer the oftener that was so in a row. A hold that is somebody else's by then stays as it is.
    """
    with transaction.atomic():
        listener = Listener.objects.select_for_update().filter(pk=pk, held_until=held_until).first()
        if listener is None:
            return
        rest = RESTS[min(listener.hangs, len(RESTS) - 1)]
        listener.held_until = now + rest if is_hanging else None
        listener.hangs = min(listener.hangs + 1, len(RESTS)) if is_hanging else 0
        listener.save(update_fields=["held_until", "hangs"])


async def _send_all(messages: tuple[Message, ...], *, now: datetime) -> list[Attempt]:
    if not messages:
        return []
    fetcher = Fetcher(allowed=Allowed(networks=tuple(settings.CONNECTOR_PRIVATE_NETWORKS)))
    try:
        sent = await asyncio.gather(
            *(_send(message, fetcher=fetcher, now=now) for message in messages), return_exceptions=True
        )
    finally:
        await fetcher.close()
    return [_count(each) for each in sent]


def _count(sent: Attempt | BaseException) -> Attempt:
    """What breaks on our side is an attempt as well: uncounted, it would have all that went with it sent for ever."""
    if isinstance(sent, Attempt):
        return sent
    log.error("webhook.broken", exc_info=sent)
    return Attempt(problem="It could not be sent, for a fault on our side that is in the log.")


async def _send(message: Message, *, fetcher: Fetcher, now: datetime) -> Attempt:
    if not message.secrets:
        return Attempt(
            problem="Its secret does not open under the keys of this installation: make a new one."
        )
    started, timestamp = time.perf_counter(), str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Commerce-Agent",
        ID_HEADER: str(message.pk),
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: ",".join(
            sign(secret=secret, timestamp=timestamp, body=message.body) for secret in message.secrets
        ),
    }
    try:
        async with asyncio.timeout(SECONDS):
            # Which kind of system it is matters to connectors alone.
            answer = await fetcher.fetch(
                kind="catalogue",
                url=message.url,
                headers=headers,
                body=message.body,
                # That it was taken is all that matters: what it says beside may be of any length.
                wants_answer=False,
            )
    except ConnectorUnavailable as error:
        return Attempt(problem=say_problem(error)[:300], milliseconds=_since(started))
    except TimeoutError:
        problem = f"It did not answer within {SECONDS:g} seconds."
        return Attempt(problem=problem, milliseconds=_since(started), hung=True)
    return _judge(answer, milliseconds=_since(started))


def _judge(answer: Fetched, *, milliseconds: int) -> Attempt:
    # Only this refusal comes back as an answer.
    problem = "" if answer.status != 404 else "It answered 404: there is nothing at this address."
    return Attempt(status=answer.status, problem=problem, milliseconds=milliseconds)


def keep_attempt(pk: UUID, attempt: Attempt, *, now: datetime) -> None:
    """Keeps what became of an attempt, and when the next one is; a message that was delivered stays so."""
    with transaction.atomic():
        sending = Sending.objects.select_for_update().filter(pk=pk).first()
        if sending is None:
            return
        told = {
            "at": now.isoformat(),
            "status": attempt.status,
            "problem": attempt.problem,
            "milliseconds": attempt.milliseconds,
        }
        sending.attempts = [*sending.attempts, told][-MOST_KEPT:]
        sending.tries += 1
        if not attempt.problem or sending.state == SendingState.DELIVERED:
            sending.state, sending.due_at = SendingState.DELIVERED, None
        elif sending.tries > len(WAITS):
            sending.state, sending.due_at = SendingState.GIVEN_UP, None
        else:
            sending.due_at = now + WAITS[sending.tries - 1]
        sending.save(update_fields=["attempts", "tries", "state", "due_at"])
    if attempt.problem:
        log.warning("webhook.not_delivered", sending=str(pk), problem=attempt.problem[:200])


def send_again(sendings: "QuerySet[Sending]", *, now: datetime) -> int:
    """Has messages sent once more, whatever became of them, with the id that they had; answers how many.

    An address that rests is asked at once with one of them: whoever wants that may have mended it.
    """
    Listener.objects.filter(pk__in=sendings.values("listener"), hangs__gt=0).update(held_until=None)
    return sendings.update(state=SendingState.WAITING, due_at=now, tries=0)


def make_test(listener: Listener, *, now: datetime) -> Sending:
    """A message that says only that it is a test, on its way."""
    sending = Sending(
        merchant_id=listener.merchant_id, listener=listener, kind=Told.TEST, made_at=now, due_at=now
    )
    sending.place = f"test:{uuid4()}"
    sending.body = {"id": str(sending.pk), "kind": Told.TEST.value, "at": now.isoformat()}
    # Somebody looks on: it is tried now, and not by itself again.
    sending.tries = len(WAITS)
    sending.save()
    return sending


def get_message(sending: Sending, *, now: datetime) -> Message:
    """A stored message as it is sent, claimed for whoever sends it."""
    Sending.objects.filter(pk=sending.pk).update(due_at=now + LEASE)
    return _write(sending, now=now)


def prune_sendings(*, now: datetime) -> int:
    """Forgets messages of long ago, some at a time; answers how many."""
    old, forgotten = Sending.objects.filter(made_at__lt=now - timedelta(days=KEPT_DAYS)), 0
    while some := list(old.values_list("pk", flat=True)[:MOST_FORGOTTEN]):
        forgotten += Sending.objects.filter(pk__in=some).delete()[0]
    return forgotten


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
