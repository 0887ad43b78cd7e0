"""Two turns, or two conversations, side by side, both open to their trail."""

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from commerce_agent.console.asked_ids import find_uuid
from commerce_agent.console.audit.gate import Look, looked_at, open_look, read_number
from commerce_agent.console.audit.replay_pages import Section, group_differences
from commerce_agent.console.audit.shell import show_look
from commerce_agent.console.audit.story import Chapter, tell_story
from commerce_agent.replaying.account import Plain, tell_account
from conversations.events import Recorded
from conversations.events.messages import TurnStarted
from conversations.replay import compare

MOST_PAIRS = 60


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two."""

    look: Look
    chapters: dict[int, Chapter]

    @property
    def link(self) -> str:
        """Where its conversation is."""
        return reverse("admin:audit_talk", args=[self.look.row.pk])


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two turns beside each other; one may be missing."""

    left: Chapter | None
    right: Chapter | None
    left_link: str
    right_link: str
    sections: tuple[Section, ...]


@looked_at("compare")
def show_compare(request: HttpRequest, look: Look) -> HttpResponse:
    """This conversation beside `other`; with `a` and `b` one turn of each, else turn by turn."""
    wanted = request.GET.get("other", "").strip()
    number = find_uuid(wanted) if wanted else look.row.pk
    problem = ""
    other = look
    if number and number != look.row.pk:
        try:
            other = open_look(request, conversation=number, page="compare")
        except Http404:
            problem = "There is no such conversation."
    left, right = _make_side(look), _make_side(other)
    a, b = _read_turn(request, "a", side=left), _read_turn(request, "b", side=right)
    is_asked = number is not None and not problem and (bool(a and b) or other is not look)
    pairs = _list_pairs(left, right, a=a, b=b) if is_asked else []
    return show_look(
        request, "compare", look, tab="compare", other=other, wanted=wanted, problem=problem, pairs=pairs,
        unknown="" if number else wanted, left=left, right=right, a=a, b=b, is_asked=is_asked,
    )  # fmt: skip


def _make_side(look: Look) -> Side:
    return Side(
        look=look,
        chapters={chapter.number: chapter for chapter in tell_story(look.events).chapters if chapter.number},
    )


def _read_turn(request: HttpRequest, name: str, *, side: Side) -> int:
    asked = request.GET.get(name, "")
    number = read_number(asked)
    return number if number in side.chapters else 0


def _list_pairs(left: Side, right: Side, *, a: int, b: int) -> list[Pair]:
    if a and b:
        return [_make_pair(left, right, a=a, b=b)]
    numbers = sorted(left.chapters.keys() | right.chapters.keys())
    return [_make_pair(left, right, a=number, b=number) for number in numbers[:MOST_PAIRS]]


def _make_pair(left: Side, right: Side, *, a: int, b: int) -> Pair:
    one, other = left.chapters.get(a), right.chapters.get(b)
    sections: tuple[Section, ...] = ()
    if one and other:
        is_one_shop = left.look.merchant == right.look.merchant
        differences = compare(
            before=tell_recorded(left.look.events, turn=a, numbered=is_one_shop),
            after=tell_recorded(right.look.events, turn=b, numbered=is_one_shop),
        )
        sections = group_differences(differences, look=left.look)
    return Pair(
        left=one,
        right=other,
        left_link=reverse("admin:audit_turn", args=[left.look.row.pk, a]) if one else "",
        right_link=reverse("admin:audit_turn", args=[right.look.row.pk, b]) if other else "",
        sections=sections,
    )


def tell_recorded(events: tuple[Recorded, ...], *, turn: int, numbered: bool) -> Plain:
    """What a turn recorded, by names that are the same in another turn and another conversation."""
    started = next(
        each.seq for each in events if isinstance(each.event, TurnStarted) and each.event.turn == turn
    )
    own = tuple(each.event for each in events if each.turn == turn)
    before = tuple(each.event for each in events if each.seq < started)
    return tell_account(own, before=before, timed=False, numbered=numbered)
