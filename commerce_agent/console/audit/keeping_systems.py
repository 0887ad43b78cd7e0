"""Which of the merchant's systems kept the policies and promotions that a conversation was told of, as the answers say
that are kept with its turns.
"""

from collections.abc import Iterable, Iterator

import msgspec

from commerce_agent.decoding import decode_json
from commerce_agent.tools.answers import OUT_OF_REACH, AnswersUnreadable, unpack_answers
from conversations.events import Recorded
from conversations.events.decisions import DecisionMade
from conversations.ids import EntityRef


class _Dated(msgspec.Struct, frozen=True, kw_only=True):
    source: str = ""


class _Promotion(msgspec.Struct, frozen=True, kw_only=True):
    code: str | None = None
    title: str = ""


class _Held(msgspec.Struct, frozen=True, kw_only=True):
    promotions: tuple[_Promotion, ...] = ()
    as_of: _Dated | None = None


class _Price(msgspec.Struct, frozen=True, kw_only=True):
    promotions: tuple[_Promotion, ...] = ()
    promoted: _Dated | None = None


class _Offer(msgspec.Struct, frozen=True, kw_only=True):
    price: _Price


class _Policy(msgspec.Struct, frozen=True, kw_only=True):
    name: str


class _Chosen(msgspec.Struct, frozen=True, kw_only=True):
    chosen: _Policy
    source: str = ""


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    answer: _Chosen | None = None


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """The systems as the turns up to one noted them, each turn for itself."""

    turns: dict[tuple[int, EntityRef], str]

    def find(self, ref: EntityRef, *, turn: int) -> str:
        """As the fact's own turn noted it, else the newest that did; empty where none did."""
        newest = max((each for each, of in self.turns if of == ref), default=0)
        return self.turns.get((turn, ref)) or self.turns.get((newest, ref), "")


def list_keeping_systems(events: Iterable[Recorded], *, turn: int) -> Keeping:
    """The system of each policy and promotion, by what facts of it are about, up to a turn; of what was not noted
    nothing. A later turn may have asked another system, which kept nothing that this one told.
    """
    turns: dict[tuple[int, EntityRef], str] = {}
    for recorded in events:
        if recorded.turn > turn or not isinstance(recorded.event, DecisionMade):
            continue
        basis = recorded.event.basis
        if basis and basis.answers:
            try:
                turns.update(
                    ((recorded.turn, ref), system) for ref, system in _list_systems(basis.answers) if system
                )
            except (AnswersUnreadable, msgspec.MsgspecError):
                # Another version's answers may have another shape; the page tells the rest all the same.
                continue
    return Keeping(turns=turns)


def _list_systems(kept: bytes) -> Iterator[tuple[EntityRef, str]]:
    for noted in unpack_answers(kept).noted:
        answer = bytes(noted.answer)
        if answer.startswith(OUT_OF_REACH):
            continue
        match noted.question.partition(" ")[0]:
            case "find_policy":
                found = decode_json(answer, _Found).answer
                if found:
                    yield EntityRef("policy", found.chosen.name), found.source
            case "list_promotions":
                held = decode_json(answer, _Held)
                yield from _list_of(held.promotions, held.as_of)
            case "list_offers":
                for offer in decode_json(answer, tuple[_Offer, ...]):
                    yield from _list_of(offer.price.promotions, offer.price.promoted)
            case _:
                continue


def _list_of(promotions: tuple[_Promotion, ...], dated: _Dated | None) -> Iterator[tuple[EntityRef, str]]:
    source = dated.source if dated else ""
    return ((EntityRef("promotion", each.code or each.title), source) for each in promotions)
