"""What is a card number is taken out, however it is written; what only looks like one stays."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn

from conversations.redaction import goes_on, redact, redact_rest

CARD = "[card number removed]"
GAPS = st.sampled_from(
    ["", " ", "-", ".", "\u00a0", "\u2009", "\u200b", " - ", "/", "    ", " -- ", "~", " = ", "'"]
)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("4111111111111111", CARD),
        ("it is 4111 1111 1111 1111, thanks", f"it is {CARD}, thanks"),
        ("Amex 3782-822463-10005", f"Amex {CARD}"),
        ("pay my order with 4111111111111111", f"pay my order with {CARD}"),
        ("ｃard ５５５５ ５５５５ ５５５５ ４４４４", f"ｃard {CARD}"),
        ("٤١١١١١١١١١١١١١١١", CARD),
        ("4\ufe0f\u20e31\ufe0f\u20e31\ufe0f\u20e31\ufe0f\u20e3 1111 1111 1111", CARD),
        ("4111, 1111, 1111, 1111", CARD),
        ("4111    1111    1111    1111", CARD),
        ("4111 -- 1111 -- 1111 -- 1111", CARD),
        ("(4111) (1111) (1111) (1111)", f"({CARD})"),
        ("4111, 1111 1111 1111", CARD),
        ("4111~1111~1111~1111", CARD),
        ("4111 = 1111 = 1111 = 1111", CARD),
        ("4111'1111'1111'1111", CARD),
        ("1234, 4111, 1111, 1111, 1111", f"1234, {CARD}"),
        ("3782; 822463; 10005", CARD),
        ("+ 4111 1111 1111 1111", f"+ {CARD}"),
        ("CC-4111111111111111", f"CC-{CARD}"),
        ("TDC_4111111111111111", f"TDC_{CARD}"),
        ("2200 0000 0000 0004", CARD),
        ("2204000000000000", CARD),
        ("6011000990139424 and 378282246310005", f"{CARD} and {CARD}"),
        ("4111 1111 1111 1111 3782 822463 10005", f"{CARD} {CARD}"),
        ("4111-1111-1111-1111\n3782-822463-10005\n5555 5555 5555 4444", f"{CARD}\n{CARD}\n{CARD}"),
        ("my card: SKU-4111111111111111", f"my card: SKU-{CARD}"),
        (
            "4111 1111 1111 1111 exp 12/27 cvv 123",
            f"{CARD} exp [expiry date removed] cvv [security code removed]",
        ),
        ("4111-1111-1111-1111 12/27 123", f"{CARD} [expiry date removed] [security code removed]"),
        ("my Maestro is 501800000009", f"my Maestro is {CARD}"),
        ("Maestro 6304 9506 0000 7", f"Maestro {CARD}"),
        ("the card: 67610000000006", f"the card: {CARD}"),
        ("carte 6759-6498-2643-828 12/27", f"carte {CARD} [expiry date removed]"),
        ("JCB 2131 2345 6789 018", f"JCB {CARD}"),
        ("JCB 180012345678905", f"JCB {CARD}"),
        ("the CVC is 1234", "the CVC is [security code removed]"),
        ("DE89 3704 0044 0532 0130 00 please", "[account number removed] please"),
        ("GB82WEST12345698765432", "[account number removed]"),
    ],
)
def test_payment_data_is_taken_out(said: str, kept: str) -> None:
    assert redact(said).text == kept


@pytest.mark.parametrize(
    "said",
    [
        "order 10012 and two of SKU-4821",
        "4006381333931",
        "gtin 40063813339310",
        "tracking number 4111111111111111",
        "SKU-4111111111111111",
        "4111111111111112",
        "1234567890123456",
        "0000 0000 0000 0000",
        "+49 171 1234567 or 0049 171 1234567",
        "+378282246310005",
        "order no. 4111111111111111",
        "2205000000000009",
        "the barcode says 501800000009",
        "6304950600007",
        "is 213123456789018 in stock?",
        "sizes 40, 41, 42, 43, 44, 45, 46, 47 or 48",
        "models 4112, 1111, 1111 and 1111",
        "under $1000, 2000 at most, by 12/27",
        "1,000,000,000,000,000 stars",
        "sizes 38, 40, 41, 42, 43, 44, 45, 46",
        "size 42 2/3, 250 g, 4-season",
    ],
)
def test_what_is_no_card_stays(said: str) -> None:
    answer = redact(said)

    assert (answer.text, answer.kinds) == (said, ())


@given(
    body=st.sampled_from(["4", "51", "34", "6011", "3528"]),
    seed=st.integers(min_value=0, max_value=10**18),
    gaps=st.lists(GAPS, min_size=20, max_size=20),
    around=st.sampled_from(["{}", "here: {}", "{}.", "my number {} ok?"]),
)
def test_no_spacing_hides_a_card(body: str, seed: int, gaps: list[str], around: str) -> None:
    length = 15 if body == "34" else 16
    digits = (body + str(seed).rjust(length, "7"))[: length - 1]
    digits += luhn.calc_check_digit(digits)
    spaced = "".join(digit + gap for digit, gap in zip(digits, gaps, strict=False)).rstrip(
        " -./~='\u00a0\u2009\u200b"
    )

    kept = redact(around.format(spaced)).text

    assert kept == around.format(CARD)


@given(st.text(max_size=200))
def test_any_text_is_read_and_a_second_look_finds_nothing_more(said: str) -> None:
    once = redact(said)

    assert redact(once.text).kinds == ()


@pytest.mark.parametrize(
    ("before", "said", "kept"),
    [
        (["my card is 4111 1111"], "1111 1111", CARD),
        (["4111", "1111", "1111"], "1111", CARD),
        (["4111 1111 is the first half"], "and then 1111 1111, ok?", f"and then {CARD}, ok?"),
        (["4111 1111 1111"], "1111 12/29 737", f"{CARD} [expiry date removed] [security code removed]"),
        ([CARD], "12/29", "[expiry date removed]"),
        ([CARD], "737", "[security code removed]"),
        ([CARD, "show me lamps"], "737", "737"),
        (["order 10012"], "10013 as well", "10013 as well"),
        (["4111 1111"], "under 1111", "under 1111"),
        ([], "1111 1111", "1111 1111"),
    ],
)
def test_a_card_in_several_messages_is_never_whole(before: list[str], said: str, kept: str) -> None:
    assert goes_on(said)
    assert redact_rest(said, before=before).text == kept


@given(cut=st.lists(st.integers(min_value=4, max_value=12), min_size=1, max_size=3, unique=True))
def test_wherever_a_card_is_cut_its_last_part_is_taken_out(cut: list[int]) -> None:
    number, places = "4111111111111111", [0, *sorted(cut), 16]
    parts = [number[start:end] for start, end in pairwise(places)]
    *before, last = parts

    assume(len(last) > 2)

    assert redact_rest(last, before=before).text == CARD


ABOUT = ("I paid by card for {}", "my Maestro was charged twice, {}", "the credit card form fails; {}")
CALLED = (
    *("order {}", "order number {}", "my order is {}", "Bestellnummer {}", "pedido {}", "commande {}"),
    *("phone {}", "my phone number is {}", "call me at {}", "tel. {}"),
)


def build_number(prefix: str, seed: int, *, length: int) -> str:
    body = (prefix + str(seed).rjust(length, "7"))[: length - 1]
    return str(body + luhn.calc_check_digit(body))


@given(
    card=st.sampled_from(
        [
            ("4", 16),
            ("51", 16),
            ("34", 15),
            ("36", 14),
            ("6011", 16),
            ("4", 19),
            ("3528", 16),
            ("5018", 12),
            ("67", 13),
        ]
    ),
    seed=st.integers(min_value=0, max_value=10**20),
    about=st.sampled_from(ABOUT),
    called=st.sampled_from(CALLED),
    known=st.sets(st.from_regex(r"[0-9]{12,19}", fullmatch=True)),
)
def test_a_card_is_taken_out_whatever_it_is_called_where_cards_are_spoken_of(
    card: tuple[str, int], seed: int, about: str, called: str, known: set[str]
) -> None:
    number = build_number(card[0], seed, length=card[1])

    kept = redact(about.format(called.format(number)), known=known - {number})

    assert (kept.text, kept.kinds) == (about.format(called.format(CARD)), ("card",))


def test_the_number_of_an_order_that_was_placed_is_no_card() -> None:
    said = "I paid 6304950600007 by card, the number is 501800000009 or 4111111111111111"

    kept = redact(said, known={"6304950600007"})

    assert kept.text == f"I paid 6304950600007 by card, the number is {CARD} or {CARD}"
