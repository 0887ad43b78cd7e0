"""Which of the shop's systems a recorded turn asked, and which of them were out of reach."""

import msgspec

from catalog.connectors.readings import NOBODY
from commerce_agent.decoding import decode_json
from commerce_agent.tools.answers import OUT_OF_REACH, AnswersUnreadable, unpack_answers
from commerce_agent.tools.trail import Noted
from conversations.events import Event
from conversations.events.decisions import Basis, DecisionMade
from conversations.events.facts import FactsObserved

Reached = dict[str, bool]
"""Each system that was asked, and whether it was out of reach."""

ASKED_OF = {"stock": "inventory", "availability": "inventory", "price": "pricing", "list_price": "pricing"}
"""The connector that each fact of an item comes from."""
SUBJECTS = {"policy": "policies", "promotion": "promotions", "order": "orders"}
"""The connector that facts of other subjects come from."""


class _Dated(msgspec.Struct, frozen=True):
    stale: bool = False
    stale_since: str | None = None

    @property
    def is_old(self) -> bool:
        return self.stale or self.stale_since is not None


class _Found(msgspec.Struct, frozen=True):
    answer: _Dated | None


class _Priced(msgspec.Struct, frozen=True):
    stale: bool
    source: str = ""
    promoted: _Dated | msgspec.UnsetType | None = msgspec.UNSET
    """Turns of old did not note it."""


class _Offered(msgspec.Struct, frozen=True):
    price: _Priced
    stock: _Dated
    words: _Dated | None = None


class _Refused(msgspec.Struct, frozen=True):
    out_of_reach: str


def list_reached(own: list[Event]) -> list[tuple[str, bool]]:
    """By the answers that were kept with the turn's decision; of a turn without them, by the facts that it read."""
    reached: Reached = {}
    basis = next((event.basis for event in own if isinstance(event, DecisionMade)), None)
    try:
        if basis is None:
            _read_facts(own, reached=reached)
        else:
            _read_basis(basis, reached=reached)
    except (AnswersUnreadable, msgspec.MsgspecError):
        _read_facts(own, reached=reached)
    return sorted(reached.items())


def _read_facts(own: list[Event], *, reached: Reached) -> None:
    for event in own:
        for fact in event.facts if isinstance(event, FactsObserved) else ():
            kind = fact.subject.kind
            connector = ASKED_OF.get(fact.name) if kind == "variant" else SUBJECTS.get(kind)
            if connector:
                _note(reached, connector, is_out=fact.stale)


def _read_basis(basis: Basis, *, reached: Reached) -> None:
    packed = unpack_answers(basis.answers)
    by_old_tier = packed.context.tier_since is not None
    _note(reached, "customers", is_out=by_old_tier)
    for noted in packed.noted:
        if bytes(noted.answer).startswith(OUT_OF_REACH):
            _note(reached, decode_json(noted.answer, _Refused).out_of_reach, is_out=True)
        else:
            _read_answer(noted, by_old_tier=by_old_tier, reached=reached)


def _read_answer(noted: Noted, *, by_old_tier: bool, reached: Reached) -> None:
    match noted.question.partition(" ")[0]:
        case "list_offers":
            for offer in decode_json(noted.answer, tuple[_Offered, ...]):
                _note(reached, "inventory", is_out=offer.stock.is_old)
                _read_price(offer.price, by_old_tier=by_old_tier, reached=reached)
                if offer.words is not None:
                    _note(reached, "catalogue", is_out=offer.words.is_old)
        case "price_lines":
            _read_price(decode_json(noted.answer, _Priced), by_old_tier=by_old_tier, reached=reached)
        case "find_policy":
            found = decode_json(noted.answer, _Found).answer
            _note(reached, "policies", is_out=found is not None and found.is_old)
        case "list_promotions":
            _note(reached, "promotions", is_out=decode_json(noted.answer, _Dated).is_old)
        case "list_orders" | "list_history":
            found = decode_json(noted.answer, _Found).answer
            _note(reached, "orders", is_out=found is not None and found.is_old)
        case _:
            pass


def _read_price(price: _Priced, *, by_old_tier: bool, reached: Reached) -> None:
    """A price is old as well where nobody can say what lowers it, or in which tier the shopper is."""
    promoted = price.promoted
    if price.source == NOBODY:
        _note(reached, "pricing", is_out=True)
    elif promoted is None:
        _note(reached, "promotions", is_out=True)
    elif not by_old_tier:
        is_old = promoted is not msgspec.UNSET and promoted.is_old
        if promoted is not msgspec.UNSET:
            _note(reached, "promotions", is_out=is_old)
        if not is_old:
            _note(reached, "pricing", is_out=price.stale)


def _note(reached: Reached, connector: str, *, is_out: bool) -> None:
    reached[connector] = reached.get(connector, False) or is_out
