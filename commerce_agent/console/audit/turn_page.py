"""One turn in full: what it took in, what it weighed, what it stands on, and why it was not another item."""

import msgspec
from asgiref.sync import async_to_sync
from django.http import Http404, HttpRequest, HttpResponse

from catalog.errors import CatalogError
from commerce_agent.agent.explain import Register
from commerce_agent.console.audit.gate import Look, looked_at
from commerce_agent.console.audit.notes import list_notes
from commerce_agent.console.audit.shell import show_look
from commerce_agent.console.audit.talk_page import arrange
from commerce_agent.console.audit.today import list_freshness
from commerce_agent.console.audit.why_not import WhyNot, ask_today, look_up_record
from commerce_agent.models import CaseFlag

LONGEST_QUESTION = 120


@looked_at("turn")
def show_turn(request: HttpRequest, look: Look, number: int) -> HttpResponse:
    """The turn's decision; `why_not` in the address asks after an item."""
    story, chapters, _ = arrange(look)
    numbers = [chapter.story.number for chapter in chapters if chapter.story.number]
    if number not in numbers:
        raise Http404("The conversation has no such turn.")
    chapter = next(each for each in chapters if each.story.number == number)
    place = numbers.index(number)
    asked = request.GET.get("why_not", "").replace("\x00", "").strip()[:LONGEST_QUESTION]
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
        answer=answer_why_not(asked, look=look, number=number) if asked else None,
        facts=list_freshness(reasons.facts, look=look) if reasons else (),
        flags=CaseFlag.objects.filter(case=look.row.pk, turn=number),
        kinds=CaseFlag.Kind.choices,
        notes=list_notes(look, turn=number),
    )


def answer_why_not(asked: str, *, look: Look, number: int) -> WhyNot:
    """From the record; where it is silent, from the shop of today."""
    told = look_up_record(asked, turn=number, register=Register.read(look.events))
    if told.verdicts:
        return told
    try:
        verdicts = async_to_sync(ask_today)(
            asked, turn=number, merchant=look.merchant, events=look.events, now=look.now
        )
    except CatalogError:
        # The shop is out of reach; that nobody weighed the item is known all the same.
        verdicts = ()
    return msgspec.structs.replace(told, verdicts=verdicts)
