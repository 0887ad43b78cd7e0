"""One SVG picture a variant: soft ground, contour lines of its own, and the thing itself."""

import math
import zlib
from functools import lru_cache
from pathlib import Path
from string import Template

from commerce_agent.demo.content import Colour, RangeVariant

SILHOUETTES = Path(__file__).parent / "silhouettes"
RINGS = 7
POINTS = 9

PICTURE = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img" aria-label="$label">'
    "<title>$label</title>"
    '<defs><linearGradient id="ground" x1="0" y1="0" x2="0" y2="1">'
    '<stop offset="0" stop-color="$sky"/><stop offset="1" stop-color="$earth"/></linearGradient></defs>'
    '<rect width="400" height="400" fill="url(#ground)"/>'
    '<g fill="none" stroke="$line" stroke-width="1.6" opacity=".5">$contours</g>'
    '<ellipse cx="200" cy="326" rx="132" ry="13" fill="$line" opacity=".55"/>'
    "$thing</svg>"
)


def draw_variant(*, variant: RangeVariant, colour: Colour) -> str:
    """The variant's picture as an SVG document, 400 units square; drawn alike each time."""
    thing = _get_silhouette(variant.drawing).substitute(
        main=colour.main, shade=colour.shade, light=colour.light, accent=colour.accent
    )
    tint = colour.main if _get_lightness(colour.main) < PALE else colour.accent
    return PICTURE.substitute(
        label=f"{variant.product.brand} {variant.product.name}, {variant.color.lower()}",
        sky=_mix(colour=tint, paper="#fbf8f2", share=0.10),
        earth=_mix(colour=tint, paper="#f1eadf", share=0.22),
        line=_mix(colour=tint, paper="#e2d9ca", share=0.34),
        contours=_draw_contours(seed=zlib.crc32(variant.product.key.encode())),
        thing=thing,
    )


PALE = 0.78
"""Above this lightness a colour gives no ground to stand out from; the accent does."""


@lru_cache(maxsize=128)
def _get_silhouette(drawing: str) -> Template:
    return Template((SILHOUETTES / f"{drawing}.svg").read_text(encoding="utf-8"))


def _draw_contours(*, seed: int) -> str:
    """Rings of a hill on a walking map, its summit and shape chosen by `seed`."""
    summit_x = 60 + seed % 280
    summit_y = 40 + (seed // 280) % 200
    phase = (seed % 628) / 100
    return "".join(
        f'<path d="{_draw_ring(x=summit_x, y=summit_y, radius=34 + 42 * ring, phase=phase + ring * 0.13)}"/>'
        for ring in range(RINGS)
    )


def _draw_ring(*, x: float, y: float, radius: float, phase: float) -> str:
    corners = [
        (
            x + radius * (1 + 0.20 * math.sin(2 * turn + phase)) * math.cos(turn),
            y + radius * (0.8 + 0.16 * math.cos(3 * turn + phase)) * math.sin(turn),
        )
        for turn in (2 * math.pi * point / POINTS for point in range(POINTS))
    ]
    middles = [
        ((corners[i][0] + corners[i - 1][0]) / 2, (corners[i][1] + corners[i - 1][1]) / 2)
        for i in range(POINTS)
    ]
    start = f"M{middles[0][0]:.1f} {middles[0][1]:.1f}"
    curves = (
        f"Q{corners[i][0]:.1f} {corners[i][1]:.1f} {middles[(i + 1) % POINTS][0]:.1f} "
        f"{middles[(i + 1) % POINTS][1]:.1f}"
        for i in range(POINTS)
    )
    return start + "".join(curves) + "Z"


def _split(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _get_lightness(colour: str) -> float:
    return sum(_split(colour)) / (3 * 255)


def _mix(*, colour: str, paper: str, share: float) -> str:
    """`share` of the colour on the paper."""
    mixed = (
        round(ink * share + ground * (1 - share))
        for ink, ground in zip(_split(colour), _split(paper), strict=True)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)
