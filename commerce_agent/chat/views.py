"""The page inside the widget's frame, and new tickets for it.

The chat lives in an iframe, because it holds an order's confirmation. In the shop's own page any tag manager could
read the talk and press the button. The frame brings its own strict CSP and Trusted Types and asks nothing of the
shop's.
"""

import gzip
import hashlib

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.html import json_script
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt, xframe_options_sameorigin
from django.views.decorators.http import require_safe
from typing_extensions import override

from commerce_agent.chat.csp import GUIDE_POLICY, PREVIEW_POLICY, frame_policy
from commerce_agent.chat.looks import Look, colour, read_look, write_style
from commerce_agent.chat.merchants import Shop, find_shop
from commerce_agent.chat.phrases import (
    choose_direction,
    choose_language,
    list_phrases,
    list_suggestions,
)
from commerce_agent.chat.protocol import MAX_TEXT_CHARACTERS
from commerce_agent.chat.tickets import grant_ticket


@require_safe
@never_cache
@xframe_options_exempt
def show_frame(request: HttpRequest, key: str) -> HttpResponse:
    """Shows the chat of the merchant with this key to the sites that may embed it.

    An unknown key and a merchant that is switched off get the same empty page, which nobody may embed.
    """
    shop = find_shop(key=key)
    if shop is None:
        response = render(request, "widget/closed.html", status=404)
        response["Content-Security-Policy"] = frame_policy(host=request.get_host(), ancestors=())
        return response
    wished = request.GET.get("lang", "")
    language = choose_language(wished=wished, own=shop.locale)
    look = colour(shop.look, tag=request.GET.get("tag", ""))
    with translation.override(language):
        context = {
            "shop": shop,
            "language": language,
            "direction": shop.look.direction
            or choose_direction(around=request.GET.get("dir", ""), wished=wished, own=shop.locale),
            "style": _find_style(look),
            # As it was read: no caller's own words get into the page.
            "tag": "" if shop.look.accent else look.accent[1:],
            "config": json_script(_describe(shop, language=language), "config", encoder=_ShortEncoder),
        }
        response = _pack(request, render(request, "widget/frame.html", context))
    response["Content-Security-Policy"] = frame_policy(
        host=request.get_host(), ancestors=("'self'", *shop.origins), sites=shop.sites
    )
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "strict-origin-when-cross-origin"
    response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    return response


@require_safe
def show_style(request: HttpRequest, key: str) -> HttpResponse:
    """The style sheet of a shop's look; with tokens in the address that of those, for the admin's preview."""
    if request.GET.keys() - {"v", "tag"}:
        look = read_look(request.GET.dict())
    else:
        shop = find_shop(key=key)
        look = colour(shop.look if shop else Look(), tag=request.GET.get("tag", ""))
    response = _pack(request, HttpResponse(write_style(look), content_type="text/css; charset=utf-8"))
    # The frame's address for it changes with the look.
    response["Cache-Control"] = "public, max-age=31536000, immutable" if "v" in request.GET else "no-store"
    return response


@require_safe
@never_cache
@xframe_options_sameorigin
def show_preview(request: HttpRequest, key: str) -> HttpResponse:
    """A talk that never was, in the look of the tokens in the address: what the admin shows beside its form."""
    look = read_look(request.GET.dict())
    context = {
        "key": key,
        "look": look,
        "dark": request.GET.get("shade") == "dark",
        "query": request.GET.urlencode(),
    }
    response = render(request, "widget/preview.html", context)
    response["Content-Security-Policy"] = PREVIEW_POLICY
    return response


@require_safe
@never_cache
def renew_ticket(request: HttpRequest, key: str) -> HttpResponse:
    """Answers a new ticket to a frame whose own has grown too old; no other site may ask."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return JsonResponse({"detail": "Only the widget's frame asks for tickets."}, status=403)
    shop = find_shop(key=key)
    if shop is None:
        return JsonResponse({"detail": "There is no chat under this key."}, status=404)
    return JsonResponse({"ticket": grant_ticket(merchant=shop.key)})


@require_safe
def show_guide(request: HttpRequest) -> HttpResponse:
    """Shows how a shop embeds the chat, with lines to copy; `?key=` fills in the shop's own key."""
    origin = f"{request.scheme}://{request.get_host()}"
    context = {
        "origin": origin,
        # The name that never changes: shops keep the line for years.
        "loader": f"{origin}{settings.STATIC_URL}loader.js",
        "key": request.GET.get("key", "your-key"),
    }
    response = render(request, "widget/guide.html", context)
    response["Content-Security-Policy"] = GUIDE_POLICY
    return response


class _ShortEncoder(DjangoJSONEncoder):
    """Letters as they are, and no blanks: a shopper downloads it."""

    item_separator = ","
    key_separator = ":"

    @override
    def encode(self, o: object) -> str:
        self.ensure_ascii = False
        written: str = super().encode(o)
        return written


def _pack(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """As small as the browser can read it. No caller's words are in it, so its size gives nothing away."""
    patch_vary_headers(response, ("Accept-Encoding",))
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(response.content, 9, mtime=0)
        response["Content-Encoding"] = "gzip"
    return response


def _find_style(look: Look) -> str:
    """What tells this look's style sheet from every other; empty where the chat's own is all there is."""
    return hashlib.sha256(write_style(look).encode()).hexdigest()[:12] if look.has_style else ""


def _describe(shop: Shop, *, language: str) -> dict[str, object]:
    return {
        "key": shop.key,
        "ticket": grant_ticket(merchant=shop.key),
        "lang": language,
        "origins": list(shop.origins),
        "limit": MAX_TEXT_CHARACTERS,
        "suggestions": list_suggestions(),
        "phrases": list_phrases(),
    }
