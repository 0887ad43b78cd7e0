"""A shop's look of the chat: a few tokens, written as a style sheet in which all text stays readable.

Contrast is WCAG's: text on the accent, and links in it, have at least 4.5 to 1, whatever colour a shop chooses.

The loader measures the shop's background, so a light shop stays light at night. On the script tag `data-theme`,
`data-lang`, `data-label` and `data-position` (`start`, `end`) override it; `data-accent` (`#rrggbb`) is the launcher's
colour, and that of the chat where the shop has saved none. A shop chooses its look in the admin, beside a preview;
what comes of it is a style sheet of a few tokens, in which text on any accent and links in it keep WCAG's contrast.
"""

import re
from collections.abc import Callable

import msgspec

from commerce_agent.models.widget_look import Corners, Direction, Scheme, Typeface

ENOUGH = 4.6
"""A little above the 4.5 that is asked for, since browsers round."""
STANDS_OUT = 1.6
"""A surface is told from the paper by less than text is."""
PAPER = {"light": (255, 255, 255), "dark": (23, 22, 20)}
MIST = {"light": (245, 243, 239), "dark": (36, 34, 31)}
INK = {"light": (28, 26, 23), "dark": (243, 240, 234)}
ON_ACCENT = ((255, 255, 255), (20, 19, 15))
ROUND = {"round": None, "soft": "8px", "square": "2px"}
SANS = {
    "system": None,
    "serif": "ui-serif,Palatino,Georgia,serif",
    "rounded": "ui-rounded,Hiragino Maru Gothic ProN,Quicksand,Nunito,system-ui,sans-serif",
}
_HEX = re.compile(r"#[0-9a-f]{6}")

Colour = tuple[int, int, int]


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a shop has chosen; empty is the chat's own."""

    accent: str = ""
    corners: str = "round"
    typeface: str = "system"
    scheme: str = ""
    direction: str = ""

    @property
    def has_style(self) -> bool:
        """Whether there is anything to write in a style sheet."""
        return bool(self.accent) or self.corners != "round" or self.typeface != "system"


def read_look(values: dict[str, str]) -> Look:
    """The look of what was chosen or typed so far; what is none of the choices is passed over."""
    accent = values.get("accent", "").lower()
    return Look(
        accent=accent if _HEX.fullmatch(accent) else "",
        corners=_choose(values, "corners", Corners.values, "round"),
        typeface=_choose(values, "typeface", Typeface.values, "system"),
        scheme=_choose(values, "scheme", Scheme.values, ""),
        direction=_choose(values, "direction", Direction.values, ""),
    )


def colour(look: Look, *, tag: str) -> Look:
    """The look in the colour of the script tag (`rrggbb`), where the shop has saved none."""
    if look.accent:
        return look
    return msgspec.structs.replace(look, accent=read_look({"accent": f"#{tag}"}).accent)


def write_style(look: Look) -> str:
    """The style sheet of a look."""
    tokens = []
    if ROUND[look.corners]:
        tokens += [f"--round:{ROUND[look.corners]}", f"--pill:{ROUND[look.corners]}"]
    if SANS[look.typeface]:
        tokens.append(f"--sans:{SANS[look.typeface]}")
    rules = [f":root{{{';'.join(tokens)}}}"] if tokens else []
    if look.accent:
        for scheme in ("light", "dark"):
            root = ":root" if scheme == "light" else ":root[data-theme=dark]"
            rules.append(f"{root}{{{_write_accent(look.accent, scheme=scheme)}}}")
    return "\n".join(rules) + "\n"


def measure_contrast(*, of: Colour, on: Colour) -> float:
    """WCAG's contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((_measure_light(of), _measure_light(on)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def read_colour(text: str) -> Colour:
    """The colour of `#rrggbb`."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _write_accent(accent: str, *, scheme: str) -> str:
    colour, ink = read_colour(accent), INK[scheme]
    surface = _move(colour, towards=ink, until=lambda moved: _is_surface(moved, paper=PAPER[scheme]))
    # A link has to be read on the darkest ground there is.
    grounds = (PAPER[scheme], MIST[scheme])
    link = _move(
        colour,
        towards=ink,
        until=lambda moved: all(measure_contrast(of=moved, on=ground) >= ENOUGH for ground in grounds),
    )
    return f"--accent:{_write(surface)};--on-accent:{_write(_find_ink(surface))};--link:{_write(link)}"


def _is_surface(colour: Colour, *, paper: Colour) -> bool:
    """It stands out from the paper, and bears text."""
    return (
        measure_contrast(of=colour, on=paper) >= STANDS_OUT
        and measure_contrast(of=_find_ink(colour), on=colour) >= ENOUGH
    )


def _find_ink(surface: Colour) -> Colour:
    return max(ON_ACCENT, key=lambda ink: measure_contrast(of=ink, on=surface))


def _move(colour: Colour, *, towards: Colour, until: Callable[[Colour], bool]) -> Colour:
    """The colour, moved in small steps until it will do."""
    steps = (_mix(colour, towards, share=step / 20) for step in range(21))
    return next((moved for moved in steps if until(moved)), towards)


def _mix(colour: Colour, other: Colour, *, share: float) -> Colour:
    red, green, blue = (
        round(own + (theirs - own) * share) for own, theirs in zip(colour, other, strict=True)
    )
    return red, green, blue


def _measure_light(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _write(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _choose(values: dict[str, str], name: str, known: list[str], otherwise: str) -> str:
    chosen = values.get(name, otherwise)
    return chosen if chosen in known else otherwise
