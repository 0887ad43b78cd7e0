"""A kind of event never goes, and never comes without a place in the recorded story."""

import re

from conversations.store.codec import CURRENT_SCHEMA, get_kind
from tests.conversations.state.recordings import RECORDED, read_recording
from tests.conversations.state.samples import list_kinds

KINDS = (RECORDED / "event_kinds.txt").read_text(encoding="utf-8").split()


def test_the_kinds_are_dotted_and_none_ever_goes_or_comes_unnoticed() -> None:
    kinds = list_kinds()
    gone = set(KINDS) - set(kinds)
    new = set(kinds) - set(KINDS)

    assert all(re.fullmatch(r"[a-z]+(\.[a-z_]+)+", kind) for kind in kinds)
    assert not gone, f"Journals hold {gone}: keep the class, or rename it by an upcast."
    assert not new, f"Add {new} to recorded/event_kinds.txt; from then on it can never go."


def test_the_newest_recording_has_every_kind_there_is() -> None:
    """Whoever adds a kind tells of it in `story.py` and records the newest schema anew."""
    recorded = {get_kind(line.event) for line in read_recording(CURRENT_SCHEMA)}

    assert recorded == set(list_kinds()), (
        "add it to story.py, then: python -m tests.conversations.state.record"
    )
