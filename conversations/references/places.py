"""Which of a row is meant by its place in it."""

from collections.abc import Sequence

from conversations.references.features import Features
from conversations.references.mentions import Mention
from conversations.references.scene import Scene


def pick_positions(mention: Mention, row: Sequence[Features]) -> tuple[Features, ...]:
    """As in "the second", "the last two"; none where one of them is past the end."""
    if mention.count and len(mention.positions) == 1 and mention.positions[0] in (1, -1):
        if mention.count > len(row):
            return ()
        return tuple(row[: mention.count] if mention.positions[0] == 1 else row[-mention.count :])
    picked = []
    for position in mention.positions:
        at = position - 1 if position > 0 else len(row) + position
        if not 0 <= at < len(row):
            return ()
        picked.append(row[at])
    return tuple(dict.fromkeys(picked))


def pick_place(row: Sequence[Features], place: int) -> Features:
    """As in "the one on the left", "in the middle"."""
    return row[len(row) // 2] if place == 1 else row[place]


def find_shown_before(scene: Scene, fitting: Sequence[Features]) -> Features | None:
    """As in "how much cheaper is that than the other one?", of two that were shown one after the other."""
    if len(scene.focus) != 1 or any(len(showing) != 1 for showing in scene.showings[:2]):
        return None
    shown = (showing[0] for showing in scene.showings[:2])
    return next((item for item in shown if item in fitting and item not in scene.focus), None)
