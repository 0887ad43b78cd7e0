"""An open conversation as it goes on: watched, taken over, spoken in, and handed back."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.timesince import timesince

from commerce_agent.console.audit.gate import (
    Look,
    Work,
    begin_work,
    get_row,
    get_worker,
    keep_watch,
    looked_at,
    may_work,
    name_actor,
    open_look,
    read_now,
    read_number,
)
from commerce_agent.console.audit.masking import COVERED
from commerce_agent.console.audit.shell import show_look
from commerce_agent.console.audit.story import tell_story
from commerce_agent.console.audit.time_pages import tell_state
from commerce_agent.console.audit.visiting import join, leave, show_typing, speak
from commerce_agent.models import Operator
from conversations.events.visits import HandoffRequested
from conversations.ids import ClientMessageId, ConversationId
from conversations.models import Handover
from conversations.service import InHand, KeyFault, NoSuchConversation, NotInHand, Person, UnreadableEvent
from conversations.state import ConversationState, fold

LATEST = 40
"""Chapters that are shown; the conversation's own page has all of them."""
LONGEST_NAME = 40
ACCOUNTS = frozenset({"admin", "administrator", "root", "superuser", "owner", "staff", "user", "demo"})
UNNAMED = "Customer service"
LONGEST_WORDS = 2_000
LONGEST_NOTE = 1_000
SOON = timedelta(seconds=60)
"""A message that has waited for less is being answered."""
OUT_OF_REACH = (NoSuchConversation, KeyFault, UnreadableEvent)
"""The conversation was erased meanwhile, or its key is not what it should be."""
CLOSED = "Nothing can be written to this conversation."


class Hand(msgspec.Struct, frozen=True, kw_only=True):
    """Whose the conversation is, for whoever looks."""

    name: str
    """The person who has it; empty where it is the assistant's."""
    since: datetime | None
    is_mine: bool
    asked_at: datetime | None
    """When the shopper asked for a person; None where nobody did, or one has come and gone."""


@looked_at("live")
def show_live(request: HttpRequest, look: Look) -> HttpResponse:
    """The newest of the conversation, what is known, and the ways to step in."""
    return _show(request, look)


def take_over(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Gives the conversation to whoever asks, unless a colleague has it: then it says who."""
    work = begin_work(request, conversation=conversation, action="conversation.taking_over")
    if work is None:
        return HttpResponseNotAllowed(["POST"])
    name = " ".join(_read_text(request, "name").split())[:LONGEST_NAME] or suggest_name(work.user)
    try:
        is_new = join(
            conversation=ConversationId(str(work.row.pk)),
            person=Person(account=name_actor(work.user), name=name),
            at=work.now,
        )
    except InHand as taken:
        _refuse(
            request,
            work,
            because=f"{taken.name} has had this conversation for {timesince(taken.since, work.now)}. You can watch; "
            "ask them to hand it back if you must step in.",
        )
    except OUT_OF_REACH as error:
        _refuse(request, work, because=f"{CLOSED} {error} Nothing was changed.")
    else:
        if is_new:
            work.put_on_record("conversation.taken_over")
        else:
            work.put_on_record("conversation.not_changed", detail=(("because", "they had it already"),))
    return HttpResponseRedirect(reverse("admin:audit_live", args=[work.row.pk]))


def say(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Puts what was written before the shopper. Where it could not be said, it stays in the field."""
    work = begin_work(request, conversation=conversation, action="conversation.answering")
    if work is None:
        return HttpResponseNotAllowed(["POST"])
    text = _read_text(request, "text")
    problem = _find_problem(text) or _try_to_speak(request, work, text=text)
    if problem:
        _refuse(request, work, because=problem)
        look = open_look(request, conversation=work.row.pk, page="live")
        return _show(request, look, draft=text, status=409)
    return HttpResponseRedirect(reverse("admin:audit_live", args=[work.row.pk]) + "#write")


def _find_problem(text: str) -> str:
    """Why a text is none that could be sent; empty where it is one."""
    if not text:
        return "Write something first; nothing was sent."
    if len(text) > LONGEST_WORDS:
        return f"A message holds {LONGEST_WORDS:,} characters; this one has {len(text):,}. Nothing was sent."
    return ""


def _try_to_speak(request: HttpRequest, work: Work, *, text: str) -> str:
    """Why it was not said; empty where the shopper has it, now or already from a first try."""
    try:
        is_new = speak(
            conversation=ConversationId(str(work.row.pk)),
            account=name_actor(work.user),
            cid=ClientMessageId(_read_text(request, "cid")[:64] or uuid4().hex),
            text=text,
            seen=read_number(request.POST.get("seen", "")),
            at=work.now,
        )
    except NotInHand:
        return (
            "You no longer have this conversation: it went back to the assistant because you were away, or "
            "a colleague has it. Nothing was sent; take it over to send this."
        )
    except OUT_OF_REACH as error:
        return f"{CLOSED} {error} Nothing was sent."
    if is_new:
        work.put_on_record("conversation.answered")
    else:
        work.put_on_record("conversation.not_changed", detail=(("because", "it was said before"),))
        messages.info(request, "The shopper has this already: it was sent a moment ago, and not again.")
    return ""


def hand_back(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Gives the conversation back to the assistant, with a note that it knows from then on."""
    work = begin_work(request, conversation=conversation, action="conversation.handing_back")
    if work is None:
        return HttpResponseNotAllowed(["POST"])
    note = _read_text(request, "note")[:LONGEST_NOTE]
    name = ConversationId(str(work.row.pk))
    try:
        leave(conversation=name, account=name_actor(work.user), note=note, at=work.now)
    except NotInHand:
        _refuse(request, work, because="You did not have this conversation any more; the note was not kept.")
    except OUT_OF_REACH as error:
        _refuse(request, work, because=f"{CLOSED} {error} The note was not kept.")
    else:
        work.put_on_record("conversation.handed_back")
        messages.success(request, "Handed back. The assistant answers again, and knows your note.")
    return HttpResponseRedirect(reverse("admin:audit_live", args=[work.row.pk]))


def _read_text(request: HttpRequest, name: str) -> str:
    # PostgreSQL's text holds no NUL.
    return request.POST.get(name, "").replace("\x00", "").strip()


def _refuse(request: HttpRequest, work: Work, *, because: str) -> None:
    """Tells whoever asked, and the record, that nothing came of it."""
    work.put_on_record("conversation.not_changed", detail=(("because", because[:200]),))
    messages.error(request, because)


def tell_typing(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Lets the shopper see that somebody writes. It says nothing of the conversation, so it is no look at it."""
    user, now = get_worker(request), read_now()
    row = get_row(user=user, conversation=conversation)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if may_work(user=user, row=row):
        show_typing(conversation=ConversationId(str(row.pk)), account=name_actor(user), at=now)
    return HttpResponse(status=204)


def suggest_name(user: Operator) -> str:
    """How an operator is called before a shopper, unless they choose otherwise: never by the whole name, nor by an
    account that is no name.
    """
    account = user.get_username().partition("@")[0]
    name = user.first_name or (UNNAMED if account.casefold() in ACCOUNTS else account)
    return name[:LONGEST_NAME]


def find_hand(*, conversation: UUID, user: Operator) -> Hand:
    """Whose the conversation is."""
    row = Handover.objects.filter(pk=conversation).first()
    if row is None:
        return Hand(name="", since=None, is_mine=False, asked_at=None)
    return Hand(
        name=row.name,
        since=row.joined_at,
        is_mine=row.joined_at is not None and row.person == name_actor(user),
        asked_at=row.asked_at,
    )


def _show(request: HttpRequest, look: Look, *, draft: str = "", status: int = 200) -> HttpResponse:
    story = tell_story(look.events)
    asked = [each.event.text for each in look.events if isinstance(each.event, HandoffRequested)]
    return show_look(
        request,
        "live",
        look,
        tab="live",
        status=status,
        chapters=story.chapters[-LATEST:],
        earlier=max(0, len(story.chapters) - LATEST),
        known=tell_state(fold(ConversationState(), look.events)),
        hand=find_hand(conversation=look.row.pk, user=look.user),
        asked=asked[-1] if asked else "",
        seen=look.events[-1].seq if look.events else 0,
        cid=uuid4().hex,
        name=suggest_name(look.user),
        draft=draft,
        longest=LONGEST_WORDS,
        longest_note=LONGEST_NOTE,
        longest_name=LONGEST_NAME,
        late=look.now - SOON,
        watch=keep_watch(request, user=look.user, of=look.row.pk),
        covered=COVERED,
    )
