"""What a model writes as Markdown is cut down to a tree: no image, no HTML, no address but the shop's own."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce_agent.agent.markup import find_rich, read_markup, tidy
from commerce_agent.agent.markup.addresses import list_sites
from commerce_agent.agent.markup.tree import Bullets, Emphasis, Link, Paragraph, Strong, Table, Words
from commerce_agent.chat.protocol import Done
from commerce_agent.chat.wire import to_wire
from commerce_agent.decoding import decode_json
from conversations.events import Recorded
from conversations.events.messages import ReplyGiven
from tests.agent.attacks import EXFILTRATIONS
from tests.agent.conftest import NOW

OWN = ("https://shop.example", "http://localhost:3000")
_PARTS = r"![a]( [a]( https://evil.example/x //evil.example https://shop.example/a ) ] [ < > &lt; ** * _ ` \ |---| #"
_MORE = "lamp www. javascript: evil.example/a &#x5b; é €80.00"
_SPACED = ["<img src=x>", "[r]: https://evil.example", "\n", "\n\n", "- ", "1. ", "| ", " "]
PIECES = st.lists(st.sampled_from([*_PARTS.split(), *_MORE.split(), *_SPACED]), max_size=24).map("".join)


@pytest.mark.parametrize(
    ("shop_url", "sites"),
    [
        ("", OWN),
        ("https://shop.example/en/", OWN),
        ("https://Goods.example/en/", (*OWN, "https://goods.example")),
        ("http://127.0.0.1:8000", (*OWN, "http://127.0.0.1:8000")),
        ("ftp://goods.example", OWN),
        ("https://me@goods.example", OWN),
    ],
)
def test_a_shops_own_sites_are_those_listed_and_its_address(shop_url: str, sites: tuple[str, ...]) -> None:
    assert list_sites(origins=OWN, shop_url=shop_url) == sites


def test_it_is_read_as_a_tree() -> None:
    text = "The **Meadow** is *nice*.\n\n1. one\n2. [two](https://shop.example/b)\n\n| a | b |\n|---|---|\n| 1 | 2 |"

    def cell(words: str) -> tuple[Words, ...]:
        return (Words(text=words),)

    assert read_markup(text, origins=OWN) == (
        Paragraph(
            spans=(
                Words(text="The "),
                Strong(text="Meadow"),
                Words(text=" is "),
                Emphasis(text="nice"),
                Words(text="."),
            )
        ),
        Bullets(items=(cell("one"), (Link(text="two", href="https://shop.example/b"),)), first=1),
        Table(rows=((cell("a"), cell("b")), (cell("1"), cell("2")))),
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("## Lamps", "Lamps"),
        ("> quoted", "quoted"),
        ("```\ncode\n```", "code"),
        ("It is <b>bold</b>.", "It is bold."),
        ("Cable <3m, 5 < 6", "Cable <3m, 5 < 6"),
        ("[2-pack] Bulbs, 4.5 stars, a_b_c", "[2-pack] Bulbs, 4.5 stars, a_b_c"),
        ("See https://shop.example/lamp.", "See https://shop.example/lamp."),
        ("See http://localhost:3000/lamp.", "See http://localhost:3000/lamp."),
        ("See http://localhost:3001/lamp now.", "See now."),
        ("Mail me at a@shop.example, or/and call", "Mail me at a@shop.example, or/and call"),
        ("- one\n- two", "- one\n- two"),
    ],
)
def test_what_may_be_shown_stays_and_the_rest_goes(text: str, shown: str) -> None:
    assert tidy(text, origins=OWN) == shown


@pytest.mark.parametrize("written", EXFILTRATIONS)
def test_nothing_carries_a_secret_away(written: str) -> None:
    tree = read_markup(written.format(secret="S3CRET"), origins=OWN)
    shown = tidy(written.format(secret="S3CRET"), origins=OWN)

    assert "evil" not in shown
    assert "S3CRET" not in shown
    assert not [link for link in list_links(tree) if not link.startswith("https://shop.example/")]


def list_links(tree: object) -> list[str]:
    """Every address that a reader of the tree could follow."""
    return re.findall(r'"href":"([^"]*)"', msgspec.json.encode(tree).decode())


@given(PIECES)
def test_whatever_is_written_only_own_addresses_and_plain_text_are_left(written: str) -> None:
    shown = tidy(written, origins=OWN)

    assert tidy(shown, origins=OWN) == shown
    others = re.sub(r"https://shop\.example\S*", "", shown)
    assert "evil.example/" not in others
    assert "//evil" not in others
    assert not re.search(r"<[A-Za-z/!?]", shown)
    assert not re.search(r"!\[[^\]]*\]\([^)\s]+\)", shown)
    for link in list_links(read_markup(written, origins=OWN)):
        assert link.startswith("https://shop.example/")


def test_the_widget_gets_the_tree_where_there_is_more_than_paragraphs() -> None:
    def to_done(text: str) -> Done:
        reply = ReplyGiven(turn=1, text=text)
        frame = to_wire(Recorded(seq=1, frame=1, at=NOW, turn=1, event=reply), origins=OWN)
        assert isinstance(frame, Done)
        return frame

    plain, rich = to_done("A lamp.\n\nAnd a stool."), to_done("- [a](https://shop.example/a)\n- ![b](//evil)")

    assert plain.rich == ()
    assert b"rich" not in msgspec.json.encode(plain)
    assert decode_json(msgspec.json.encode(rich))["rich"] == [
        {"k": "ul", "items": [[{"k": "link", "text": "a", "href": "https://shop.example/a"}]]}
    ]
    assert find_rich("*" * 7000) == ()
