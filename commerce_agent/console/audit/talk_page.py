"""A conversation as the shopper saw it, and beside each turn why; the same for paper; what is personal, on request."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from commerce_agent.console.audit.chapters import ChapterSeen, list_chapters
from commerce_agent.console.audit.gate import (
    Look,
    get_reader,
    get_row,
    looked_at,
    read_now,
    read_number,
    read_reason,
    record,
    reveal,
)
from commerce_agent.console.audit.masking import COVERED
from commerce_agent.console.audit.notes import list_notes
from commerce_agent.console.audit.rights_page import may_erase
from commerce_agent.console.audit.shell import show_look
from commerce_agent.console.audit.story import Story, tell_story
from commerce_agent.models import Case, CaseFlag
from conversations.accesses import verify_chain

WHOLE = 50
"""Of a conversation with more turns only some are open at once: hundreds of them are megabytes."""
OPENED = 20
EVERY = "all"
"""In the address: every turn is open, however many there are."""
VIEWS = (("m", "Messages"), ("t", "Turns"), ("d", "Details"))


@looked_at("talk")
def show_talk(request: HttpRequest, look: Look) -> HttpResponse:
    """What was said, with the prices of then, and beside each turn why."""
    view = request.GET.get("view", "t")
    story, chapters, case = arrange(look)
    wanted = request.GET.get("turn", "")
    numbers = [each.number for each in story.chapters if each.number]
    folded = list_folded(numbers, wanted=wanted)
    return show_look(
        request,
        "talk",
        look,
        tab="talk",
        story=story,
        chapters=chapters,
        case=case,
        covered=COVERED,
        may_erase=may_erase(look.user, look.row),
        kept_until=tell_keeping(look),
        asking_turn=find_asking_turn(story),
        views=VIEWS,
        view=view if view in dict(VIEWS) else "t",
        folded=folded,
        first_open=next((number for number in numbers if number not in folded), 0),
        opened=wanted if wanted == EVERY or read_number(wanted) else "",
    )


def list_folded(numbers: Sequence[int], *, wanted: str) -> frozenset[int]:
    """The turns of which the page has the heading alone: of many all but those around the one that is wanted, else the
    newest.
    """
    if len(numbers) <= WHOLE or wanted == EVERY:
        return frozenset()
    turn = read_number(wanted)
    place = numbers.index(turn) if turn in numbers else len(numbers) - 1
    first = max(0, min(place - OPENED // 2, len(numbers) - OPENED))
    return frozenset(numbers) - frozenset(numbers[first : first + OPENED])


@looked_at("print")
def show_print(request: HttpRequest, look: Look) -> HttpResponse:
    """The conversation as a file for a complaint: everything open, with the proof that it is as it was written."""
    story, chapters, case = arrange(look)
    return show_look(
        request,
        "print",
        look,
        tab="talk",
        story=story,
        chapters=chapters,
        case=case,
        view="d",
        covered=COVERED,
        chain=verify_chain(chain=look.row.merchant_id),
        kept_until=tell_keeping(look),
    )


def arrange(look: Look) -> tuple[Story, tuple[ChapterSeen, ...], Case | None]:
    """The conversation for reading, with what the staff have noted of it."""
    story = tell_story(look.events)
    case = Case.objects.select_related("assignee").filter(pk=look.row.pk).first()
    flags = CaseFlag.objects.filter(case=look.row.pk, resolved_at__isnull=True)
    return story, list_chapters(story, flags=flags, notes=list_notes(look)), case


def find_asking_turn(story: Story) -> int:
    """The turn whose page is asked after an item: the newest that weighed any, else the newest; 0 where none was."""
    turns = [chapter for chapter in story.chapters if chapter.number]
    weighing = [each for each in turns if each.reasons and (each.reasons.kept or each.reasons.rejected)]
    return (weighing or turns)[-1].number if turns else 0


def tell_keeping(look: Look) -> str:
    """How long the conversation is kept."""
    if look.row.erased_at is not None:
        return f"erased on {look.row.erased_at:%d %b %Y}"
    if not settings.KEEP_MONTHS:
        return "until it is asked to be erased"
    return f"until {settings.KEEP_MONTHS} whole months after its last message"


def reveal_personal(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Shows what is personal for a quarter of an hour to whoever says why, and keeps that on record."""
    user, now = get_reader(request), read_now()
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    row = get_row(user=user, conversation=conversation)
    reason = read_reason(request)
    if not reason:
        messages.error(request, "Say in a few words why you must see it; nothing was shown.")
    else:
        record(
            user=user,
            merchant=row.merchant_id,
            action="personal.revealed",
            subject=f"conversation:{row.pk}",
            purpose=reason,
            now=now,
        )
        reveal(request, of=row.pk, now=now)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("admin:audit_talk", args=[row.pk])
    return HttpResponseRedirect(target)
