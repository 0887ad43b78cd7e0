"""How long the console's pages take: whole requests in this process, one at a time."""

import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import msgspec
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from psycopg import Connection

from catalog.models import Merchant
from commerce_agent.composition import read_clock
from commerce_agent.console.audit.addresses import PAGES as AUDIT_PAGES
from commerce_agent.console.site import PAGES
from commerce_agent.management.costs.percentiles import find_percentile
from commerce_agent.models import ConversationTraits, Membership, Operator, Role

NANOS_OF_A_MILLI = 1_000_000
NOT_LISTED = {"find", "views", "next"}
"""Of the audit's pages: the search, which is measured by its kinds, and what is only ever posted to."""
SEARCHES = {
    "everything": "",
    "outcome": "outcome=nothing",
    "outcome of a week": "outcome=answered&within=7d",
    "rule": "rule=price",
    "connector": "connector=inventory",
    "two marks": "mark=rated_bad&outcome=stopped",
    "resolved": "resolved=yes&within=7d",
    "tool and planner": "tool=search_products&planner=builtin",
    "no such item": "sku=NO-SUCH-ITEM",
    "waiting": "waiting=yes",
    "flag": "flag=wrong",
    "mine": "mine=yes",
    "a day": "from=2026-01-01&to=2026-01-02",
    "words": "q=running+shoes",
}


class Broken(Exception):
    """A page did not answer as it should; there is nothing to measure."""


class PageTimes(msgspec.Struct, frozen=True, kw_only=True):
    """What one page took, in milliseconds."""

    name: str
    p50: float
    slowest: float
    processor: float
    """The median of the work of this process and, where it can be seen, of the database's process that serves it:
    what a machine that others load does not stretch.
    """


def measure_pages(*, merchant: Merchant, rounds: int, only: str = "") -> Iterator[PageTimes]:
    """Opens every list and search page whose name holds `only` so often, as an owner of the shop and as the
    platform's own staff; the lists that no owner opens, as the latter alone.

    Each look is put on record, like anybody's.
    """
    debug = {"DEBUG": False, "ALLOWED_HOSTS": [*settings.ALLOWED_HOSTS, "testserver"]}
    with override_settings(**debug, SECURE_SSL_REDIRECT=False):
        for reader, is_platform in (("owner", False), ("platform", True)):
            operator = _make_operator(merchant, is_platform=is_platform)
            client = Client()
            client.force_login(operator)
            try:
                for name, address in list_addresses(merchant):
                    if only not in name:
                        continue
                    if not is_platform and name.startswith("list ") and not _may_open(client, address):
                        continue
                    yield _measure(client, name=f"{reader}: {name}", address=address, rounds=rounds)
            finally:
                client.logout()
                operator.delete()


def _make_operator(merchant: Merchant, *, is_platform: bool) -> Operator:
    name = f"measure-{uuid4().hex}"
    operator: Operator = Operator.objects.create_user(name, is_staff=True, is_superuser=is_platform)
    if not is_platform:
        Membership.objects.create(
            operator=operator, merchant=merchant, role=Role.OWNER, created_at=read_clock()
        )
    return operator


def list_addresses(merchant: Merchant) -> Iterator[tuple[str, str]]:
    """The name and the address of each page that is measured: the first one, the searches, the audit's own lists, and
    every list that the site has.
    """
    rows = ConversationTraits.objects.filter(merchant_id=merchant.pk).order_by("active_at")
    known = rows.filter(traits__len__gt=0).last()
    held = dict(trait.split(":", 1) for trait in known.traits) if known else {}
    searches = {
        **SEARCHES,
        "an item": f"sku={held.get('sku', '')}",
        "an order": f"order={held.get('order', '')}",
        "an id": f"q={known.pk}" if known else "q=none",
        "an item in the field": f"q={held.get('sku', '')}",
    }
    yield "home", reverse("admin:index")
    for name, query in searches.items():
        yield f"find {name}", f"{reverse('admin:audit_find')}?{query}"
    for name in (name for _, _, name in AUDIT_PAGES if name not in NOT_LISTED):
        yield name, reverse(f"admin:audit_{name}")
    for model, _ in PAGES:
        names = model._meta  # noqa: SLF001 - Django's public name for it
        listed = f"{names.app_label}_{names.model_name}"
        yield f"list {listed}", reverse(f"admin:{listed}_changelist")
    conversations = reverse("admin:conversations_conversation_changelist")
    for query in ("within=24h", "waiting=yes", "p=100", "q=NO-SUCH-ITEM"):
        yield f"list conversations_conversation {query}", f"{conversations}?{query}"


def _measure(client: Client, *, name: str, address: str, rounds: int) -> PageTimes:
    taken, worked = [], []
    _open(client, address)
    for _ in range(rounds):
        before, work = time.perf_counter(), _read_work()
        _open(client, address)
        taken.append(1000 * (time.perf_counter() - before))
        worked.append(_read_work() - work)
    return PageTimes(
        name=name,
        p50=find_percentile(taken, 50),
        slowest=max(taken),
        processor=find_percentile(worked, 50),
    )


def _read_work() -> float:
    """Milliseconds of processor of this process, and of its database connection's if that is on this machine."""
    own = 1000 * time.process_time()
    if not isinstance(connection.connection, Connection):
        return own
    run = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return own + int(run.read_text().split()[0]) / NANOS_OF_A_MILLI if run.exists() else own


def _may_open(client: Client, address: str) -> bool:
    return client.get(address).status_code != HTTPStatus.FORBIDDEN


def _open(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != HTTPStatus.OK:
        raise Broken(f"{address} answered {answer.status_code}.")
