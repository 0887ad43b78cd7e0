"""Who looked at what: the record, and whether it is whole."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from catalog.models import Merchant
from commerce_agent.console.asked_ids import find_uuid
from commerce_agent.console.audit.access_groups import Line, group_entries, make_entry
from commerce_agent.console.audit.gate import get_reader, list_merchants_of, read_now, read_number, record
from commerce_agent.console.audit.shell import show
from commerce_agent.models import Operator
from conversations.accesses import INSTALLATION, list_chains, verify_chain
from conversations.models import AccessRecord

PAGE = 100
SUBJECTS = frozenset({"conversation", "shopper", "order"})
"""What a record is of."""
VERIFIED_UNASKED = 2_000
"""A longer chain is read whole only by whoever asks for it."""


def show_chain(request: HttpRequest) -> HttpResponse:
    """A chain's records, the newest first, with the verdict on the whole of it: of a long one where it is asked for."""
    user, now = get_reader(request), read_now()
    names = _list_names(user)
    asked = find_uuid(request.GET.get("chain", ""))
    if not names:
        raise Http404("There is no record of accesses that you may see.")
    chain = asked if asked in names else next(iter(names))
    subject = request.GET.get("subject", "").replace("\x00", "").strip()[:200]
    is_known = is_subject(subject, chain=chain)
    record(
        user=user,
        merchant=chain if chain != INSTALLATION else None,
        action="accesses.viewed",
        subject=subject if is_known else "",
        now=now,
        detail=(("subject", "given"),) if subject and not is_known else (),
    )
    anchor = request.GET.get("anchor", "").strip()[:120]
    rows = AccessRecord.objects.filter(merchant_id=chain)
    number = rows.count()
    is_verified = bool(anchor or request.GET.get("verify")) or number <= VERIFIED_UNASKED
    if subject:
        rows = rows.filter(subject=subject)
    if before := read_number(request.GET.get("before", "")):
        rows = rows.filter(seq__lt=before)
    shown = list(rows.order_by("-seq")[: PAGE + 1])
    return show(
        request,
        "chain",
        names=names,
        chain=chain,
        subject=subject,
        number=number,
        verified=verify_chain(chain=chain, anchor=anchor) if is_verified else None,
        anchor=anchor,
        lines=_list_lines(shown[:PAGE]),
        following=shown[PAGE - 1].seq if len(shown) > PAGE else None,
    )


def is_subject(text: str, *, chain: UUID) -> bool:
    """Whether a text names a row as the record does, by a kind and an id; any other may say anything. A number may be
    somebody's telephone's, so it is taken for a row's only where the chain already knows of it.
    """
    kind, _, name = text.partition(":")
    if kind not in SUBJECTS:
        return False
    if find_uuid(name) is not None:
        return True
    return read_number(name) > 0 and AccessRecord.objects.filter(merchant_id=chain, subject=text).exists()


def _list_names(user: Operator) -> dict[UUID, str]:
    own = list_merchants_of(user)
    shops = dict(Merchant.objects.filter(ephemeral=False).values_list("pk", "name"))
    chains = list_chains()
    named = {chain: shops.get(chain, f"A shop that is no more, {str(chain)[:8]}") for chain in chains}
    if own is not None:
        # The one's own shop has a chain from this very look on.
        return {chain: shops.get(chain, "") for chain in sorted(own)}
    named.pop(INSTALLATION, None)
    return {INSTALLATION: "The installation", **named}


def _list_lines(rows: list[AccessRecord]) -> tuple[Line, ...]:
    numbers = {int(row.actor.partition(":")[2]) for row in rows if row.actor.startswith("operator:")}
    names = dict(Operator.objects.filter(pk__in=numbers).values_list("pk", "username"))
    return group_entries(make_entry(row, names=names) for row in rows)
