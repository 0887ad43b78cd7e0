"""Older turns in few words, without a model: what was asked for, and which goods came up."""

from collections.abc import Iterable

import msgspec

from conversations.events import Recorded
from conversations.events.carts import CartChanged
from conversations.events.entities import EntitiesIntroduced, EntitiesShown
from conversations.events.messages import ReplyGiven, ShopperSpoke, TurnStarted
from conversations.state import ConversationState
from conversations.summaries import Episode

EPISODE_TURNS = 6
KEPT_TURNS = 6
"""Turns given word for word, at the least; an episode is made once there are so many more."""
KEPT_EPISODES = 4
"""Episodes beside the memory; once there are more, the oldest two are taken into it."""
LONGEST_SAID = 70
LONGEST_EPISODE = 480
LONGEST_MEMORY = 900
BUILTIN = "builtin"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One turn as a summary is made from it."""

    turn: int
    said: str
    replied: str = ""
    items: tuple[str, ...] = ()


def find_due(state: ConversationState) -> tuple[int, int] | None:
    """The turns of which an episode is to be made next; None while they can be told word for word."""
    begins = state.summaries.covered + 1
    answered = state.transcript.tail[-1].turn if state.transcript.tail else 0
    if answered - begins + 1 < EPISODE_TURNS + KEPT_TURNS:
        return None
    return begins, begins + EPISODE_TURNS - 1


def list_told(events: Iterable[Recorded], *, first: int, last: int) -> tuple[Told, ...]:
    """The turns between two, from the journal."""
    waiting: dict[str, str] = {}
    said: dict[int, str] = {}
    replied: dict[int, str] = {}
    items: dict[int, list[str]] = {}
    for recorded in events:
        event = recorded.event
        match event:
            case ShopperSpoke():
                waiting[event.cid] = event.text
            case TurnStarted():
                said[event.turn] = " ".join(waiting.get(cid, "") for cid in event.cids)
            case ReplyGiven():
                replied[event.turn] = event.text
            case EntitiesShown() | EntitiesIntroduced():
                items.setdefault(recorded.turn, []).extend(entity.name for entity in event.entities)
            case CartChanged():
                items.setdefault(recorded.turn, []).extend(line.title for line in event.lines)
            case _:
                continue
    return tuple(
        Told(
            turn=turn,
            said=said[turn],
            replied=replied.get(turn, ""),
            items=tuple(dict.fromkeys(items.get(turn, ()))),
        )
        for turn in sorted(said)
        if first <= turn <= last
    )


def summarise(told: Iterable[Told]) -> str:
    """The turns in few words: the shopper's own, shortened, and the goods by name."""
    parts = []
    for turn in told:
        named = f" [{', '.join(turn.items[:3])}]" if turn.items else ""
        parts.append(f"“{shorten_words(turn.said, most=LONGEST_SAID)}”{named}")
    return shorten_words("Asked: " + "; ".join(parts), most=LONGEST_EPISODE)


def merge(memory: Episode | None, episodes: Iterable[Episode]) -> str:
    """The memory with these episodes taken in. What is oldest gives way first."""
    text = " ".join([*([memory.text] if memory else []), *(each.text for each in episodes)])
    return text if len(text) <= LONGEST_MEMORY else "… " + text[-LONGEST_MEMORY:].partition(" ")[2]


def shorten_words(text: str, *, most: int) -> str:
    """The text on one line, cut between two words."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[: most - 1].rpartition(" ")[0] + "…"
