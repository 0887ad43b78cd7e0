"""Tickets and the sending rate: what a frame may open, and how fast it may speak."""

import time

import pytest
from django.core import signing

from commerce_agent.chat.limits import PATIENCE, SendingRate
from commerce_agent.chat.protocol import FrameRefused, SocketEnded
from commerce_agent.chat.tickets import TicketExpired, TicketForged, grant_ticket, require_ticket


def test_a_ticket_names_its_merchant() -> None:
    assert require_ticket(grant_ticket(merchant="fell-and-fern")).merchant == "fell-and-fern"
    assert require_ticket(grant_ticket(merchant="fell.and:fern")).merchant == "fell.and:fern"


def test_two_tickets_are_never_the_same() -> None:
    assert grant_ticket(merchant="a") != grant_ticket(merchant="a")


@pytest.mark.parametrize(
    "text",
    ["", "x", "a:b:c", signing.dumps({"merchant": "a", "nonce": "b"})],
    ids=["empty", "a letter", "three parts", "signed for something else"],
)
def test_a_ticket_of_somebody_else_is_refused(text: str) -> None:
    with pytest.raises(TicketForged):
        require_ticket(text)


def test_a_changed_ticket_is_refused() -> None:
    ticket = grant_ticket(merchant="a")

    with pytest.raises(TicketForged):
        require_ticket(("A" if ticket[0] != "A" else "B") + ticket[1:])


def test_a_ticket_lives_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    granted = time.time()
    ticket = grant_ticket(merchant="a")

    monkeypatch.setattr(time, "time", lambda: granted + 3590)
    assert require_ticket(ticket).merchant == "a"
    monkeypatch.setattr(time, "time", lambda: granted + 3610)
    with pytest.raises(TicketExpired):
        require_ticket(ticket)


def test_a_ticket_that_another_release_signed_is_fetched_anew() -> None:
    ticket = signing.dumps({"merchant": "a", "nonce": "b"}, salt="commerce_agent.chat.ticket")

    with pytest.raises(TicketExpired):
        require_ticket(ticket)


def find_wait(rate: SendingRate, now: float) -> float | None:
    try:
        rate.require(now=now)
    except FrameRefused as refused:
        return refused.retry_after
    return None


def test_the_rate_slides() -> None:
    rate = SendingRate(most=2, window=10)

    waits = [find_wait(rate, now) for now in (0.0, 4.0, 5.0, 9.0, 10.0, 11.0)]

    assert waits == [None, None, 5.0, 1.0, None, 3.0]


def test_who_never_slows_down_is_sent_away() -> None:
    rate = SendingRate(most=1, window=10)
    find_wait(rate, 0.0)

    for _ in range(PATIENCE):
        assert find_wait(rate, 1.0) == 9.0
    with pytest.raises(SocketEnded) as ended:
        find_wait(rate, 1.0)

    assert (ended.value.code, ended.value.retry) == (4029, True)
