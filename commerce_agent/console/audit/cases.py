"""What the staff do about a conversation: flags, notes, who has it, the queue."""

import re
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from commerce_agent.console.audit.finding import narrow_by_said
from commerce_agent.console.audit.gate import (
    CHANGE,
    VIEW,
    Look,
    Work,
    begin_work,
    find_only_shop,
    get_reader,
    get_worker,
    looked_at,
    read_now,
    read_number,
    record,
)
from commerce_agent.console.audit.indexing import index_notes
from commerce_agent.console.audit.notes import list_notes
from commerce_agent.console.audit.shell import show, show_look
from commerce_agent.console.audit.story import tell_story
from commerce_agent.console.audit.wordings import list_edits
from commerce_agent.console.journal import list_previews
from commerce_agent.models import Case, CaseFlag, CaseNote, Operator
from commerce_agent.staff import find_reach
from conversations.models import Conversation
from conversations.redaction import redact

MENTION = re.compile(r"(?<!\w)@([\w.+-]{2,150})")
FIELDS = ("assignee", "correction", "flag", "from", "node", "settle", "status", "text", "turn")
"""What the forms hand in."""
LONGEST_NOTE = 4_000
LONGEST_NODE = 300
QUEUE = 100
QUEUES = (("all", "All"), ("mine", "Mine"), ("nobody", "Nobody’s"), ("mentioned", "I am mentioned"))


@looked_at("case")
def show_case(request: HttpRequest, look: Look) -> HttpResponse:
    """Everything that the staff have noted, flagged and decided about a conversation."""
    case = Case.objects.select_related("assignee").filter(pk=look.row.pk).first()
    replies = {
        chapter.number: chapter.reply for chapter in tell_story(look.events).chapters if chapter.number
    }
    notes = list_notes(look)
    return show_look(
        request,
        "case",
        look,
        tab="case",
        case=case,
        flags=CaseFlag.objects.select_related("by").filter(case=look.row.pk),
        notes=[
            {
                "note": note,
                "edits": list_edits(before=replies.get(note.turn, ""), after=note.text)
                if note.kind == CaseNote.Kind.CORRECTION
                else (),
            }
            for note in notes
        ],
        kinds=CaseFlag.Kind.choices,
        statuses=Case.Status.choices,
        staff=list_colleagues(look.row.merchant_id),
        turns=sorted(replies),
    )


def keep_note(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Keeps a note, a correction or a flag on a conversation, one of its turns or a node of its graph."""
    work = _begin(request, conversation=conversation)
    if work is None:
        return HttpResponseNotAllowed(["POST"])
    user, now, row = work.user, work.now, work.row
    # What a shopper wrote to somebody outside of the chat may be pasted here.
    text = redact(request.POST.get("text", "").replace("\x00", "").strip()[:LONGEST_NOTE]).text
    kind = request.POST.get("flag", "")
    turn = read_number(request.POST.get("turn", ""))
    if turn > row.turns:
        turn = 0
    if not text and kind not in CaseFlag.Kind.values:
        work.put_on_record("case.not_changed")
        messages.error(request, "Write something, or choose a flag; nothing was kept.")
        return _return(request, row)
    with transaction.atomic():
        case = open_case(row, now=now)
        reopened = _reopen(case, now=now)
        if kind in CaseFlag.Kind.values:
            CaseFlag.objects.create(case=case, turn=turn, kind=kind, by=user, at=now)
        if text:
            is_correction = "correction" in request.POST and turn > 0
            note = CaseNote.objects.create(
                case=case,
                turn=turn,
                node=request.POST.get("node", "").replace("\x00", "")[:LONGEST_NODE],
                kind=CaseNote.Kind.CORRECTION if is_correction else CaseNote.Kind.COMMENT,
                text=text,
                by=user,
                at=now,
            )
            named = list_colleagues(row.merchant_id).filter(username__in=MENTION.findall(text))
            note.mentions.set(named)
    if text:
        index_notes(row)
    work.put_on_record("case.changed")
    where = f"on turn {turn}" if turn else "on the whole conversation"
    again = " The case, which was done, is open again." if reopened else ""
    messages.success(request, f"{_tell_kept(text, flag=kind)} kept {where}.{again}")
    return _return(request, row)


def _reopen(case: Case, *, now: datetime) -> bool:
    """Opens a case that was done, for no queue shows one that is: whoever is mentioned would not hear of it."""
    if case.status != Case.Status.DONE:
        return False
    case.status, case.changed_at = Case.Status.OPEN, now
    case.save(update_fields=["status", "changed_at"])
    return True


def _tell_kept(text: str, *, flag: str) -> str:
    if flag not in CaseFlag.Kind.values:
        return "The note is"
    named = f"the flag “{CaseFlag.Kind(flag).label}”"
    return f"The note and {named} are" if text else f"{named[0].upper()}{named[1:]} is"


def change_case(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Says who has a conversation and where it stands, or settles a flag."""
    work = _begin(request, conversation=conversation)
    if work is None:
        return HttpResponseNotAllowed(["POST"])
    user, now, row = work.user, work.now, work.row
    with transaction.atomic():
        case = open_case(row, now=now)
        if flag := read_number(request.POST.get("settle", "")):
            CaseFlag.objects.filter(case=case, pk=flag).update(resolved_at=now)
        if (status := request.POST.get("status", "")) in Case.Status.values:
            case.status = Case.Status(status)
        assignee = request.POST.get("assignee")
        if assignee == "me":
            case.assignee = user
        elif assignee is not None:
            chosen = list_colleagues(row.merchant_id).filter(pk=read_number(assignee))
            case.assignee = chosen.first()
        case.changed_at = now
        case.save()
    work.put_on_record("case.changed")
    settled = "The flag is settled. " if flag else ""
    whose = f"assigned to {case.assignee}" if case.assignee else "assigned to nobody"
    messages.success(request, f"{settled}The case is now: {case.get_status_display().lower()}, {whose}.")
    return _return(request, row)


def list_colleagues(merchant: UUID) -> QuerySet[Operator]:
    """Who may be told of a shop's conversation: its own staff and the platform's, nobody of another shop."""
    own = Q(memberships__merchant=merchant) | Q(is_superuser=True) | Q(every_shop=True)
    return Operator.objects.filter(own, is_active=True).distinct().order_by("username")


def open_case(row: Conversation, *, now: datetime) -> Case:
    """The conversation's case; opened where there is none yet. In a transaction."""
    case, _ = Case.objects.select_for_update().get_or_create(
        pk=row.pk, defaults={"merchant_id": row.merchant_id, "opened_at": now, "changed_at": now}
    )
    return case


def show_queue(request: HttpRequest) -> HttpResponse:
    """The cases that are not done, the oldest first; `who` narrows to mine, to nobody's, to where I was mentioned."""
    user, now = get_reader(request), read_now()
    who = request.GET.get("who", "")
    who = who if who in dict(QUEUES) else "all"
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    shop = find_only_shop(user, asked=None)
    # What somebody typed may be a name; the record says that it was searched for, not what.
    told = (("who", who), *((("q", "given"),) if words else ()))
    record(user=user, merchant=shop, action="queue.viewed", now=now, detail=told)
    queue = _list_queue(user, who=who, words=words)
    cases, total = list(queue[:QUEUE]), queue.count()
    talks = Conversation.objects.filter(pk__in=[case.pk for case in cases])
    previews = list_previews(dict(talks.values_list("pk", "shopper_id")))
    openings = {talk: preview.opening for talk, preview in previews.items()}
    rows = [(case, openings.get(case.pk, "")) for case in cases]
    return show(request, "queue", cases=cases, total=total, rows=rows, who=who, words=words, tabs=QUEUES)


def take_next(request: HttpRequest) -> HttpResponse:
    """Gives the oldest case that nobody has to whoever asks; two who ask at once get two."""
    user, now = get_worker(request), read_now()
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    with transaction.atomic():
        case = (
            _list_cases(user, to_do=CHANGE)
            .filter(assignee__isnull=True)
            .select_for_update(skip_locked=True)
            .first()
        )
        if case is not None:
            case.assignee, case.status, case.changed_at = user, Case.Status.WORKING, now
            case.save()
    if case is None:
        messages.success(request, "The queue is empty.")
        return HttpResponseRedirect(reverse("admin:audit_queue"))
    record(
        user=user,
        merchant=case.merchant_id,
        action="case.changed",
        subject=f"conversation:{case.pk}",
        now=now,
        detail=(("assigned", "taken from the queue"),),
    )
    return HttpResponseRedirect(reverse("admin:audit_case", args=[case.pk]))


def _list_cases(user: Operator, *, to_do: str = VIEW) -> QuerySet[Case]:
    cases = Case.objects.exclude(status=Case.Status.DONE).order_by("opened_at", "conversation_id")
    return find_reach(user, to_do).narrow(cases)


def _list_queue(user: Operator, *, who: str, words: str) -> QuerySet[Case]:
    cases = _list_cases(user)
    if words:
        cases = narrow_by_said(cases, words)
    match who:
        case "mine":
            cases = cases.filter(assignee=user)
        case "nobody":
            cases = cases.filter(assignee__isnull=True)
        case "mentioned":
            cases = cases.filter(pk__in=CaseNote.objects.filter(mentions=user).values("case"))
        case _:
            pass
    return cases.select_related("assignee").prefetch_related("flags").annotate(noted=Count("notes"))


def _begin(request: HttpRequest, *, conversation: UUID) -> Work | None:
    """Of what was given the record has the names, never the words."""
    given = tuple((name, "given") for name in FIELDS if name in request.POST)
    return begin_work(request, conversation=conversation, action="case.changing", detail=given)


def _return(request: HttpRequest, row: Conversation) -> HttpResponse:
    turn = read_number(request.POST.get("turn", ""))
    if 0 < turn <= row.turns and request.POST.get("from") != "case":
        return HttpResponseRedirect(reverse("admin:audit_turn", args=[row.pk, turn]))
    if node := request.POST.get("node", ""):
        graph = reverse("admin:audit_graph", args=[row.pk])
        return HttpResponseRedirect(f"{graph}?{urlencode({'node': node})}#panel")
    return HttpResponseRedirect(reverse("admin:audit_case", args=[row.pk]))
