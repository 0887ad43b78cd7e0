"""The slice of state that knows what was said lately and what still waits for an answer."""

from conversations.transcript.slice import (
    TAIL_TURNS,
    Exchange,
    Transcript,
    TranscriptEvent,
    Waiting,
    apply_transcript,
)
from conversations.transcript.visits import Line, Visit

__all__ = [
    "TAIL_TURNS", "Exchange", "Line", "Transcript", "TranscriptEvent", "Visit", "Waiting", "apply_transcript",
]  # fmt: skip
