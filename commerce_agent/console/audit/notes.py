"""What the staff have noted of a conversation, covered like the conversation itself."""

from commerce_agent.console.audit.gate import Look
from commerce_agent.models import CaseNote


def list_notes(look: Look, **narrowed: object) -> list[CaseNote]:
    """The notes, the oldest first. A colleague who saw a name may have written it; not everybody may read it."""
    notes = list(CaseNote.objects.select_related("by").filter(case=look.row.pk, **narrowed))
    for note in notes:
        note.text = look.mask.cover(note.text)
    return notes
