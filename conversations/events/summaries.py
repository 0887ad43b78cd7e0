"""Older turns in few words. What they established lives in the other slices and is never summarised away."""

import msgspec


class EpisodeSummarised(msgspec.Struct, frozen=True, kw_only=True, tag="episode.summarised"):
    """These turns in few words; the same turns again take the place of what stood for them."""

    first: int
    last: int
    text: str
    by: str
    """Who wrote it: a model's name, or `builtin`."""


class MemoryFormed(msgspec.Struct, frozen=True, kw_only=True, tag="memory.formed"):
    """Every turn up to this one in few words, in the place of their episodes."""

    last: int
    text: str
    by: str
