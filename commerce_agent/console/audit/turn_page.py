"""One turn in full: what it took in, what it weighed, what it stands on, and why it was not another item."""

from urllib.parse import urlencode

import msgspec
from asgiref.sync import async_to_sync
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.errors import CatalogError
from catalog.models import Variant
from commerce_agent.agent.explain import Register
from commerce_agent.console.audit.gate import Look, looked_at
from commerce_agent.console.audit.notes import list_notes
from commerce_agent.console.audit.shell import show_look
from commerce_agent.console.audit.talk_page import arrange
from commerce_agent.console.audit.today import list_freshness
from commerce_agent.console.audit.why_not import Verdict, WhyNot, ask_today, look_up_record, read_name
from commerce_agent.models import CaseFlag
from commerce_agent.staff import find_reach

LONGEST_QUESTION = 120
GOODS = "catalog.view_variant"


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """An item that is answered about."""

    sku: str
    name: str
    link: str
    """Its own page; empty where there is none for whoever asks."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One reason, and the items that it holds for."""

    verdict: Verdict
    items: tuple[Named, ...]


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the items that were asked after."""

    asked: str
    weighed: int
    more: int
    nearest: str
    verdicts: tuple[Verdict, ...]
    answers: tuple[Answer, ...]


@looked_at("turn")
def show_turn(request: HttpRequest, look: Look, number: int) -> HttpResponse:
    """The turn's decision; `why_not` in the address asks after an item."""
    story, chapters, _ = arrange(look)
    numbers = [chapter.story.number for chapter in chapters if chapter.story.number]
    if number not in numbers:
        raise Http404("The conversation has no such turn.")
    chapter = next(each for each in chapters if each.story.number == number)
    place = numbers.index(number)
    asked = read_name(request.GET.get("why_not", "").replace("\x00", "")[:LONGEST_QUESTION])
    told = answer_why_not(asked, look=look, number=number) if asked else None
    if told and "anywhere" in request.GET and (answering := _find_answering(told)) not in (0, number):
        page = reverse("admin:audit_turn", args=[look.row.pk, answering])
        return HttpResponseRedirect(f"{page}?{urlencode({'why_not': asked})}")
    reasons = chapter.story.reasons
    return show_look(
        request,
        "turn",
        look,
        tab="talk",
        story=story,
        chapter=chapter,
        why=reasons,
        previous=numbers[place - 1] if place else 0,
        following=numbers[place + 1] if place + 1 < len(numbers) else 0,
        asked=asked,
        answer=arrange_answer(told, look=look) if told else None,
        facts=list_freshness(reasons.facts, look=look, turn=number) if reasons else (),
        flags=CaseFlag.objects.filter(case=look.row.pk, turn=number),
        kinds=CaseFlag.Kind.choices,
        notes=list_notes(look, turn=number),
    )


def _find_answering(told: WhyNot) -> int:
    """The turn that answers where none was asked of: the one that weighed the item; 0 where none did."""
    return next((each.turn for each in told.verdicts if each.basis == "other"), 0)


def arrange_answer(told: WhyNot, *, look: Look) -> Answered:
    """The answer with items of one reason together: the colours of a product mostly share it."""
    goods = Variant.objects.filter(
        merchant_id=look.row.merchant_id, sku__in=[each.sku for each in told.verdicts]
    )
    rows = find_reach(look.user, GOODS).narrow(goods).values_list("sku", "pk")
    links = {sku: reverse("admin:catalog_variant_change", args=[key]) for sku, key in rows}
    groups: dict[tuple[object, ...], list[Verdict]] = {}
    for each in told.verdicts:
        key = (each.outcome, each.basis, each.says, each.turn, each.shown_in)
        groups.setdefault(key, []).append(each)
    return Answered(
        asked=told.asked,
        weighed=told.weighed,
        more=told.more,
        nearest=told.nearest,
        verdicts=told.verdicts,
        answers=tuple(
            Answer(
                verdict=group[0],
                items=tuple(
                    Named(sku=each.sku, name=each.name, link=links.get(each.sku, "")) for each in group
                ),
            )
            for group in groups.values()
        ),
    )


def answer_why_not(asked: str, *, look: Look, number: int) -> WhyNot:
    """From the record; where it is silent, from the shop of today."""
    told = look_up_record(asked, turn=number, register=Register.read(look.events))
    if told.verdicts:
        return told
    try:
        today = async_to_sync(ask_today)(
            asked, turn=number, merchant=look.merchant, events=look.events, now=look.now
        )
    except CatalogError:
        # The shop is out of reach; that nobody weighed the item is known all the same.
        return told
    return msgspec.structs.replace(told, verdicts=today.verdicts, more=today.more, nearest=today.nearest)
