"""State is a pure fold: an event in its place, and nothing else, moves it."""

from datetime import timedelta

import msgspec
import pytest

from conversations.carts import Cart, apply_cart
from conversations.events import Event, Recorded
from conversations.events.carts import CartChanged, ProposalMade, ProposalResolved
from conversations.events.entities import EntitiesIntroduced, EntitiesShown
from conversations.events.facts import FactsObserved
from conversations.events.messages import (
    ReplyGiven,
    ServiceDegraded,
    ServiceRecovered,
    ShopperSpoke,
    TurnStarted,
)
from conversations.facts import Facts, apply_facts
from conversations.ids import ClientMessageId
from conversations.state import ConversationState, OutOfOrder, apply, fold
from conversations.transcript import TAIL_TURNS
from tests.conversations.state.talking import (
    BLUE,
    NOON,
    RED,
    make_fact,
    make_line,
    make_notice,
    make_proposal,
    make_shoe,
)


def place(*events: Event, turn: int = 1) -> tuple[Recorded, ...]:
    return tuple(
        Recorded(seq=seq, frame=None, at=NOON, turn=turn, event=event)
        for seq, event in enumerate(events, start=1)
    )


def accept(proposal: str, *, order: str = "A-1") -> ProposalResolved:
    return ProposalResolved(id=proposal, status="accepted", text="Ordered.", order=order)


@pytest.mark.parametrize("seq", [0, 1, 2, 4, 9])
def test_an_event_out_of_its_place_is_refused(seq: int) -> None:
    state = fold(ConversationState(), place(make_notice(), make_notice()))
    stray = Recorded(seq=seq, frame=None, at=NOON, turn=0, event=make_notice())

    with pytest.raises(OutOfOrder, match=f"version 2; event {seq}") as refused:
        apply(state, stray)

    assert (refused.value.version, refused.value.seq) == (2, seq)
    assert state.version == 2


def test_a_reply_answers_what_its_turn_took_and_no_more() -> None:
    spoke = [ShopperSpoke(cid=ClientMessageId(f"m{number}"), text=f"say {number}") for number in (1, 2, 3)]
    started = TurnStarted(turn=1, cids=(ClientMessageId("m1"), ClientMessageId("m2")))

    state = fold(
        ConversationState(), place(spoke[0], spoke[1], started, spoke[2], ReplyGiven(turn=1, text="both"))
    )

    assert [message.text for message in state.transcript.waiting] == ["say 3"]
    assert [(told.said, told.replied) for told in state.transcript.tail] == [("say 1\nsay 2", "both")]
    assert state.transcript.taken == ()


def test_the_words_kept_do_not_grow_with_the_talk() -> None:
    events: list[Event] = []
    for turn in range(1, TAIL_TURNS + 6):
        cid = ClientMessageId(f"m{turn}")
        events += [
            ShopperSpoke(cid=cid, text=f"say {turn}"),
            TurnStarted(turn=turn, cids=(cid,)),
            ReplyGiven(turn=turn, text=f"reply {turn}"),
        ]

    tail = fold(ConversationState(), place(*events)).transcript.tail

    assert [told.turn for told in tail] == list(range(6, TAIL_TURNS + 6))


def test_the_notices_kept_do_not_grow_while_nobody_talks() -> None:
    notices = [make_notice(f"n{number}") for number in range(TAIL_TURNS + 5)]
    started = TurnStarted(turn=1, cids=())
    reply = ReplyGiven(turn=1, text="heard")

    def list_left(*events: Event) -> list[str]:
        return [notice.text for notice in fold(ConversationState(), place(*events)).transcript.notices]

    assert list_left(*notices) == [f"n{number}" for number in range(5, TAIL_TURNS + 5)]
    # The turn began after the first three; those that came later stay, as far as they were kept.
    assert list_left(*notices[:3], started, *notices[3:], reply) == [
        f"n{number}" for number in range(5, TAIL_TURNS + 5)
    ]
    assert list_left(*notices[:3], started, *notices[3:6], reply) == ["n3", "n4", "n5"]
    assert list_left(*notices, started, reply) == []


def test_a_service_is_degraded_until_it_recovers() -> None:
    def list_degraded(*events: Event) -> tuple[str, ...]:
        return fold(ConversationState(), place(*events)).transcript.degraded

    down = (ServiceDegraded(system="redis"), ServiceDegraded(system="inventory"))
    assert list_degraded(*down, down[0]) == ("inventory", "redis")
    assert list_degraded(*down, ServiceRecovered(system="redis")) == ("inventory",)
    assert list_degraded(ServiceRecovered(system="redis")) == ()


def test_an_item_met_outside_a_turn_is_no_less_recent() -> None:
    state = fold(ConversationState(), place(EntitiesShown(entities=(make_shoe(BLUE),)), turn=4))
    page = EntitiesIntroduced(entities=(make_shoe(BLUE), make_shoe(RED)), source="page")

    state = apply(state, Recorded(seq=2, frame=None, at=NOON, turn=0, event=page))

    known = state.entities.known
    assert [(known[ref.key].introduced, known[ref.key].touched) for ref in (BLUE, RED)] == [(4, 4), (0, 0)]


def test_an_older_answer_of_the_same_source_does_not_replace_a_newer_one() -> None:
    newer, older = make_fact("f1", price="79.00", version=2), make_fact("f2", price="89.00", version=1)
    till = make_fact("f3", price="85.00", version=0, source="till")
    elsewhere = msgspec.structs.replace(till, observed_at=NOON + timedelta(seconds=1))

    facts = apply_facts(Facts(), FactsObserved(facts=(newer, older)))
    assert facts.find(subject=BLUE, name="price") == newer
    assert facts.observed == 2

    facts = apply_facts(facts, FactsObserved(facts=(elsewhere,)))
    assert facts.find(subject=BLUE, name="price") == elsewhere


class TestCart:
    """The cart and the button, in every order in which they can cross."""

    blue, red = make_line(BLUE, quantity=2), make_line(RED)

    def fold(self, *events: CartChanged | ProposalMade | ProposalResolved) -> Cart:
        cart = Cart()
        for event in events:
            cart = apply_cart(cart, event)
        return cart

    def propose(self, id: str = "p1") -> tuple[CartChanged, ProposalMade]:
        return CartChanged(lines=(self.blue,)), ProposalMade(proposal=make_proposal(id, self.blue))

    def test_an_order_takes_its_lines_once(self) -> None:
        cart = self.fold(*self.propose(), accept("p1"))
        assert (cart.lines, cart.proposal, cart.orders) == ((), None, ("A-1",))

        refilled = apply_cart(cart, CartChanged(lines=(self.blue,)))
        assert apply_cart(refilled, accept("p1")) == refilled

    def test_a_changed_cart_leaves_no_proposal_standing(self) -> None:
        assert self.fold(*self.propose(), CartChanged(lines=(self.blue, self.red))).proposal is None

    def test_what_was_put_in_while_the_button_was_pressed_stays(self) -> None:
        cart = self.fold(*self.propose(), CartChanged(lines=(self.blue, self.red)), accept("p1"))
        assert (cart.lines, cart.orders) == ((self.red,), ("A-1",))

        more = make_line(BLUE, quantity=3)
        assert self.fold(*self.propose(), CartChanged(lines=(more,)), accept("p1")).lines == (
            make_line(BLUE),
        )

    def test_the_outcome_of_an_old_proposal_leaves_the_new_one(self) -> None:
        new = ProposalMade(proposal=make_proposal("p2", self.blue))
        declined = ProposalResolved(id="p1", status="declined", text="Declined.")

        cart = self.fold(*self.propose("p1"), new, declined)

        assert cart.proposal == new.proposal
        assert cart.lines == (self.blue,)

    def test_an_order_of_the_old_proposal_takes_back_the_new_one(self) -> None:
        new = ProposalMade(proposal=make_proposal("p2", self.blue))
        cart = self.fold(*self.propose("p1"), new, accept("p1"))
        assert (cart.lines, cart.proposal, cart.orders) == ((), None, ("A-1",))

    @pytest.mark.parametrize("status", ["declined", "expired", "changed", "failed"])
    def test_no_order_leaves_the_cart_as_it_was(self, status: str) -> None:
        resolved = ProposalResolved(id="p1", status=status, text="")  # type: ignore[arg-type]
        cart = self.fold(*self.propose(), resolved)
        assert (cart.lines, cart.proposal, cart.orders) == ((self.blue,), None, ())
