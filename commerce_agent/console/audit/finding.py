"""Finds conversations. What is looked for is the address: it can be shared, saved and paged through."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet

from commerce_agent.agent.explain.plain import PLANNERS, RULES
from commerce_agent.console.asked_ids import find_uuid
from commerce_agent.console.audit.gate import list_merchants_of
from commerce_agent.console.audit.traits import MARKS, OUTCOMES, list_words, number_trait
from commerce_agent.console.journal import list_named, list_word_numbers
from commerce_agent.models import Case, CaseFlag, ConversationTraits, Counted, FoundBy, Operator, SoughtInVain
from conversations.models import Conversation, DecisionRecord

Row = TypeVar("Row", bound=Model)
PAGE = 30
COUNTED = 1_000
"""Beyond so many, how many there are says nothing that "more than" does not."""
SAMPLE = 400
"""The choices are what the newest so many conversations have."""
TRAITS = ("sku", "order", "rule", "outcome", "connector", "mark", "planner", "policy", "tool")
"""The parameters that each ask for one trait."""
PERIODS = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
BOXES = ("mine", "waiting", "resolved")
"""The parameters that are there or not."""
TYPED = frozenset({"q", "order", "sku"})
"""What of a search is typed freely, so that anything may stand there: the record has that it was given, never what."""
CHOICES: Mapping[str, Collection[str]] = {
    "outcome": OUTCOMES,
    "mark": MARKS,
    "rule": RULES,
    "planner": PLANNERS,
    "flag": ("any", *CaseFlag.Kind.values),
    "case": Case.Status.values,
}
"""What is always offered; of each trait what conversations have is so, too."""
NAMES = (*TRAITS, "q", "flag", "case", "mine", "waiting", "resolved", "vain", "shop", "within", "from", "to")


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """The last row of a page; the next one begins after it."""

    active_at: datetime
    conversation: UUID

    @property
    def text(self) -> str:
        """As an address carries it."""
        return f"{self.active_at.timestamp():.6f}_{self.conversation}"


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. Whatever cannot be read is left out, and said."""

    given: dict[str, str]
    """The parameters that hold, by name."""
    shop: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: Cursor | None = None
    problems: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The search as an address carries it, without the page."""
        return urlencode(self.given)

    @property
    def traits(self) -> list[str]:
        """The traits that a conversation must have, all of them."""
        return [f"{name}:{self.given[name]}" for name in TRAITS if name in self.given]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what was found."""

    rows: tuple[ConversationTraits, ...]
    total: int
    is_more_than_total: bool
    following: Cursor | None


def read_search(parameters: Mapping[str, str], *, now: datetime) -> Search:
    """The search that an address asks for."""
    # PostgreSQL's text holds no NUL, so nothing that is kept has one.
    asked = {name: parameters.get(name, "").replace("\x00", "").strip()[:200] for name in NAMES}
    given = {name: "yes" if name in BOXES else value for name, value in asked.items() if value}
    problems: list[str] = []
    shop = find_uuid(given.get("shop", ""))
    if "shop" in given and shop is None:
        problems.append(f"“{given.pop('shop')}” is no shop's id.")
    if "vain" in given and not is_number(given["vain"]):
        problems.append(f"“{given.pop('vain')}” is no search's number.")
    since, until = _read_period(given, now=now, problems=problems)
    after = _find_cursor(parameters.get("after", ""))
    return Search(given=given, shop=shop, since=since, until=until, after=after, problems=tuple(problems))


LARGEST_NUMBER = 2**63
LAST_DAY = datetime.max.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)


def _read_period(
    given: dict[str, str], *, now: datetime, problems: list[str]
) -> tuple[datetime | None, datetime | None]:
    ends: dict[str, datetime | None] = {"from": None, "to": None}
    for name in ends:
        if name in given:
            try:
                ends[name] = datetime.fromisoformat(given[name]).replace(tzinfo=UTC)
            except ValueError:
                problems.append(f"“{given.pop(name)}” is no date; write 2026-05-31.")
    until = ends["to"]
    if until is not None and len(given["to"]) == len("2026-05-31"):
        # Nothing is younger than the last day that can be written.
        until = until + timedelta(days=1) if until < LAST_DAY else None
    since = ends["from"]
    if "within" in given:
        if given["within"] in PERIODS:
            since = now - PERIODS[given["within"]]
        else:
            problems.append(f"“{given.pop('within')}” is no period.")
    return since, until


def is_number(text: str) -> bool:
    """Whether a text is the number of words, as an index holds it."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and int(digits) < LARGEST_NUMBER


def _find_cursor(text: str) -> Cursor | None:
    moment, _, name = text.partition("_")
    conversation = find_uuid(name)
    try:
        active_at = datetime.fromtimestamp(float(moment), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return Cursor(active_at=active_at, conversation=conversation) if conversation else None


def list_made_up(search: Search, *, user: Operator) -> frozenset[str]:
    """The parameters of a search whose value is none of their choices: only whoever writes an address gives those."""
    shops = list_merchants_of(user)
    found = FoundBy.objects.all() if shops is None else FoundBy.objects.filter(merchant_id__in=shops)
    return frozenset(
        name
        for name in (*TRAITS, "flag", "case")
        if name in search.given
        and name not in TYPED
        and search.given[name] not in CHOICES.get(name, ())
        and not (name in TRAITS and found.filter(term=number_trait(f"{name}:{search.given[name]}")).exists())
    )


def find_conversations(search: Search, *, user: Operator) -> Found:
    """The page of conversations that a search asks for, newest first."""
    rows = _narrow(search, user=user)
    total = rows.order_by()[: COUNTED + 1].count()
    page = rows
    if search.after is not None:
        at, name = search.after.active_at, search.after.conversation
        page = page.filter(active_at__lte=at).exclude(active_at=at, conversation_id__gte=name)
    shown = list(page.order_by("-active_at", "-conversation_id")[: PAGE + 1])
    last = shown[PAGE - 1] if len(shown) > PAGE else None
    return Found(
        rows=tuple(shown[:PAGE]),
        total=min(total, COUNTED),
        is_more_than_total=total > COUNTED,
        following=Cursor(active_at=last.active_at, conversation=last.pk) if last else None,
    )


def _narrow(search: Search, *, user: Operator) -> QuerySet[ConversationTraits]:
    rows = ConversationTraits.objects.all()
    shops = list_merchants_of(user)
    if shops is not None:
        rows = rows.filter(merchant_id__in=shops)
    if search.shop:
        rows = rows.filter(merchant_id=search.shop)
    if search.since:
        rows = rows.filter(active_at__gte=search.since)
    if search.until:
        rows = rows.filter(active_at__lt=search.until)
    for trait in search.traits:
        rows = rows.filter(conversation_id__in=list_held((number_trait(trait),)))
    if "resolved" in search.given:
        rows = rows.alias(flags=F("counted").bitand(Counted.RESOLVED)).filter(flags__gt=0)
    if term := search.given.get("vain"):
        sought = SoughtInVain.objects.filter(term=int(term))
        # Looked for in vain then, which may be long before the conversation's last message.
        sought = sought.filter(at__gte=search.since) if search.since else sought
        rows = rows.filter(conversation_id__in=sought.values("conversation_id"))
    if words := search.given.get("q"):
        rows = _narrow_by_words(rows, words)
    return _narrow_by_case(rows, search=search, user=user)


def _narrow_by_case(
    rows: QuerySet[ConversationTraits], *, search: Search, user: Operator
) -> QuerySet[ConversationTraits]:
    given = search.given
    if flag := given.get("flag"):
        standing = CaseFlag.objects.filter(resolved_at__isnull=True)
        flagged = standing if flag == "any" else standing.filter(kind=flag)
        rows = rows.filter(conversation_id__in=flagged.values("case"))
    if status := given.get("case"):
        rows = rows.filter(conversation_id__in=Case.objects.filter(status=status).values("pk"))
    if "mine" in given:
        rows = rows.filter(conversation_id__in=Case.objects.filter(assignee=user).values("pk"))
    if "waiting" in given:
        waiting = Conversation.objects.filter(pk=OuterRef("pk"), waiting_since__isnull=False)
        rows = rows.filter(Exists(waiting))
    return rows


def list_held(terms: Collection[int]) -> QuerySet[FoundBy, Any]:
    """The conversations that one of these terms finds."""
    return FoundBy.objects.filter(term__in=terms).values("conversation_id")


def _narrow_by_words(rows: QuerySet[ConversationTraits], words: str) -> QuerySet[ConversationTraits]:
    """What somebody typed: an id, an order, a SKU, a shopper's key or whole name; or else words that were all said."""
    if number := find_uuid(words):
        named = DecisionRecord.objects.filter(pk=number).values_list("conversation_id", flat=True)
        return rows.filter(Q(pk__in=[number, *named]) | Q(shopper_id=number))
    spelt = sorted({words, words.upper(), words.lower()})
    exact = list_held([number_trait(f"{name}:{each}") for name in ("sku", "order") for each in spelt])
    if exact.exists():
        return rows.filter(conversation_id__in=exact)
    if shoppers := list_named(words=words):
        return rows.filter(shopper_id__in=shoppers)
    return narrow_by_said(rows, words)


def narrow_by_said(rows: QuerySet[Row], words: str) -> QuerySet[Row]:
    """Of rows that are each of one conversation, those in which all of the words were said or noted."""
    said = list_word_numbers(words=list_words(words))
    if not said:
        return rows.none()
    for numbers in said.values():
        rows = rows.filter(conversation_id__in=list_held(numbers))
    return rows


def list_choices(user: Operator) -> dict[str, tuple[str, ...]]:
    """What each of the traits can be narrowed to: the values that the newest conversations have."""
    shops = list_merchants_of(user)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT unnest(traits) FROM (SELECT traits FROM commerce_agent_conversationtraits"
            " WHERE %(every)s OR merchant_id = ANY(%(shops)s)"
            " ORDER BY active_at DESC, conversation_id DESC LIMIT %(sample)s) AS newest",
            {"every": shops is None, "shops": list(shops or ()), "sample": SAMPLE},
        )
        held = [row[0] for row in cursor.fetchall()]
    return {
        name: tuple(sorted(_list_values(held, name=name))) for name in TRAITS if name not in {"sku", "order"}
    }


def _list_values(held: list[str], *, name: str) -> Iterator[str]:
    start = f"{name}:"
    return (trait.removeprefix(start) for trait in held if trait.startswith(start))
