"""Whatever a shop chooses, its chat can be read."""

import html
import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Merchant
from commerce_agent.chat.looks import MIST, PAPER, Look, measure_contrast, read_colour, read_look, write_style
from commerce_agent.models import WidgetLook

COLOURS = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")


def read_tokens(css: str, *, dark: bool) -> dict[str, str]:
    block = re.findall(r":root(\[data-theme=dark\])?{([^}]*--accent[^}]*)}", css)[int(dark)]
    return dict(re.findall(r"(--[\w-]+):([^;]+)", block[1]))


@given(accent=COLOURS)
def test_text_on_any_accent_and_links_in_it_can_be_read(accent: str) -> None:
    css = write_style(Look(accent=accent))

    for scheme in ("light", "dark"):
        tokens = {name: read_colour(value) for name, value in read_tokens(css, dark=scheme == "dark").items()}
        assert measure_contrast(of=tokens["--on-accent"], on=tokens["--accent"]) >= 4.5
        assert measure_contrast(of=tokens["--link"], on=PAPER[scheme]) >= 4.5
        assert measure_contrast(of=tokens["--link"], on=MIST[scheme]) >= 4.5


@given(
    values=st.dictionaries(
        st.sampled_from(["accent", "corners", "typeface", "scheme", "direction"]), st.text()
    )
)
def test_what_is_no_choice_never_gets_into_a_style(values: dict[str, str]) -> None:
    look = read_look({**values, "accent": values.get("accent", "") + "}body{display:none"})

    assert "body" not in write_style(look)


def test_a_shop_without_a_look_asks_for_no_style(client: Client, merchant: Merchant) -> None:
    assert "style.css" not in client.get(f"/w/{merchant.key}/").content.decode()


def test_a_look_is_linked_by_what_it_is(client: Client, merchant: Merchant) -> None:
    look = WidgetLook.objects.create(
        merchant=merchant, accent="#FFD400", corners="square", scheme="dark", direction="rtl"
    )
    page = client.get(f"/w/{merchant.key}/").content.decode()
    (address,) = re.findall(r"style\.css\?v=\w+", page)
    style = client.get(f"/w/{merchant.key}/{address}")
    look.accent = "#112233"
    look.save()
    later = client.get(f"/w/{merchant.key}/").content.decode()

    assert '<html lang="en" dir="rtl" data-scheme="dark">' in page
    assert style["Content-Type"] == "text/css; charset=utf-8"
    assert "--round:2px" in style.content.decode()
    assert "immutable" in style["Cache-Control"]
    assert address not in later


def test_the_tags_colour_is_taken_where_none_is_saved(client: Client, merchant: Merchant) -> None:
    def list_accents(tag: str) -> list[str]:
        page = client.get(f"/w/{merchant.key}/?lang=en&tag={tag}").content.decode()
        addresses = re.findall(r'"(style\.css[^"]+)"', page)
        styles = [client.get(f"/w/{merchant.key}/{html.unescape(one)}").content.decode() for one in addresses]
        return [read_tokens(style, dark=False)["--accent"] for style in styles]

    assert list_accents("ff6600") == ["#ff6600"]
    assert [list_accents(tag) for tag in ("", "red", "ff66", "ff6600}")] == [[], [], [], []]

    WidgetLook.objects.create(merchant=merchant, accent="#1f4d3f")

    assert list_accents("ff6600") == list_accents("") == ["#1f4d3f"]


@pytest.mark.parametrize("shade", ["light", "dark"])
def test_the_preview_runs_nothing_and_is_for_us_alone(client: Client, shade: str) -> None:
    page = client.get(f"/w/preview/preview/?shade={shade}&accent=%23ffd400&corners=<script>")

    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert "script-src" not in page["Content-Security-Policy"]
    assert "<script" not in page.content.decode()
    assert f'data-theme="{shade}"' in page.content.decode()
