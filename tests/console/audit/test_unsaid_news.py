"""What the widget showed without a word is on record like what it said."""

from datetime import UTC, datetime
from decimal import Decimal

from commerce_agent.console.audit.story import tell_story
from conversations.events import Recorded
from conversations.events.facts import Amount
from conversations.events.messages import NoticeGiven
from conversations.ids import EntityRef

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
REF = EntityRef("variant", "LARK-1")


def test_what_was_shown_without_a_word_is_told_as_it_was_shown() -> None:
    price, before = (Amount(Decimal(sum_), "USD") for sum_ in ("64.00", "100.00"))
    happened = (
        NoticeGiven(notice="stock.changed", ref=REF, text="", stock=50, availability="in_stock"),
        NoticeGiven(notice="price.changed", ref=REF, text="", price=price, list_price=before),
        NoticeGiven(notice="price.changed", ref=REF, text="It costs less.", price=price),
    )
    events = tuple(
        Recorded(seq=seq, frame=seq, at=AT, turn=0, event=event) for seq, event in enumerate(happened, 1)
    )

    told = [part.text for chapter in tell_story(events).chapters for part in chapter.parts]

    assert told == [
        "Shown without a word: LARK-1, in stock",
        "Shown without a word: LARK-1, $64.00, before $100.00",
        "It costs less.",
    ]
