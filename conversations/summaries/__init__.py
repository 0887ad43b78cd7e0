"""What older turns were about, in few words."""

from conversations.summaries.slice import Episode, Summaries, apply_summaries

__all__ = ["Episode", "Summaries", "apply_summaries"]
