"""A conversation taken out: as JSON, or as a test that runs."""

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse

from commerce_agent.console.audit.durations import list_times
from commerce_agent.console.audit.gate import Look, looked_at
from commerce_agent.console.audit.notes import list_notes
from commerce_agent.console.audit.shell import guard
from commerce_agent.console.audit.spans import make_trace
from commerce_agent.console.audit.story import tell_story
from commerce_agent.models import Case, CaseFlag, Operator
from commerce_agent.scripted.recorded import NoOpening, write_script
from conversations.events import Recorded
from conversations.events.decisions import DecisionMade

HOW = """\
A recorded conversation as a test. Put the files into one folder of tests and run

    python3 manage.py converse {name}.yaml
    python3 manage.py check_scripts .

The second holds every step to what the conversation gave then, which stands beside it. The goods, policies and
promotions are those that the conversation first saw. {masked}
"""


@looked_at("export")
def export_json(request: HttpRequest, look: Look) -> HttpResponse:
    """Every event, what was shown, every decision in words, and what the staff noted, as one JSON document."""
    del request
    story = tell_story(look.events)
    told: dict[str, Any] = {
        "conversation": look.name,
        "merchant": look.merchant,
        "opened_at": look.row.opened_at,
        "active_at": look.row.active_at,
        "version": look.row.version,
        "as_written": not look.broken,
        "covered": not look.mask.is_lifted,
        "case": _tell_case(look),
        "events": [_tell(recorded, look=look) for recorded in look.events],
        "shown": [
            msgspec.to_builtins(msgspec.structs.replace(chapter, reasons=None)) for chapter in story.chapters
        ],
        "decisions": [msgspec.to_builtins(chapter.reasons) for chapter in story.chapters if chapter.reasons],
    }
    body = msgspec.json.format(msgspec.json.encode(told), indent=2)
    return _send(body, kind="application/json", name=f"conversation-{look.name}.json")


@looked_at("trace")
def export_trace(request: HttpRequest, look: Look) -> HttpResponse:
    """Where each turn's time went, as OTLP/JSON."""
    del request
    trace = make_trace(conversation=look.row.pk, turns=list_times(look.events))
    body = msgspec.json.format(msgspec.json.encode(trace), indent=2)
    return _send(body, kind="application/json", name=f"trace-{look.name}.json")


@looked_at("script")
def export_script(request: HttpRequest, look: Look) -> HttpResponse:
    """The conversation as a script with its shop beside it, ready to be put among the tests."""
    del request
    name = f"conversation_{look.name[:8]}"
    packed = io.BytesIO()
    with TemporaryDirectory() as folder, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        path = Path(folder) / f"{name}.yaml"
        try:
            written = write_script(
                conversation=look.name, events=look.events, shopper=look.card, out=path, expect=True
            )
        except NoOpening as error:
            raise Http404(str(error)) from error
        archive.writestr(f"{name}/{path.name}", look.mask.cover(written.text))
        archive.write(path.with_name(f"{name}.feed.tsv"), f"{name}/{name}.feed.tsv")
        masked = "" if look.mask.is_lifted else "What was personal is covered in it."
        archive.writestr(f"{name}/README.txt", HOW.format(name=name, masked=masked))
    return _send(packed.getvalue(), kind="application/zip", name=f"{name}.zip")


def _tell(recorded: Recorded, *, look: Look) -> object:
    event = recorded.event
    if isinstance(event, DecisionMade) and event.basis is not None and not look.mask.is_lifted:
        # The packed answers of the shop and of the model may hold where orders go.
        basis = msgspec.structs.replace(event.basis, answers=b"", heard=b"")
        recorded = msgspec.structs.replace(recorded, event=msgspec.structs.replace(event, basis=basis))
    told: object = msgspec.to_builtins(recorded)
    return told


def _tell_case(look: Look) -> dict[str, Any] | None:
    """What the staff have flagged, noted and decided; None where nobody has."""
    case = Case.objects.select_related("assignee").filter(pk=look.row.pk).first()
    if case is None:
        return None
    flags = CaseFlag.objects.select_related("by").filter(case=case)
    return {
        "status": case.status,
        "assigned_to": _name(case.assignee),
        "opened_at": case.opened_at,
        "changed_at": case.changed_at,
        "flags": [
            {
                "turn": flag.turn,
                "kind": flag.kind,
                "by": _name(flag.by),
                "at": flag.at,
                "resolved_at": flag.resolved_at,
            }
            for flag in flags
        ],
        "notes": [
            {
                "turn": note.turn,
                "node": note.node,
                "kind": note.kind,
                "text": note.text,
                "by": _name(note.by),
                "at": note.at,
            }
            for note in list_notes(look)
        ],
    }


def _name(operator: Operator | None) -> str | None:
    return operator.get_username() if operator else None


def _send(body: bytes, *, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return guard(answer)
