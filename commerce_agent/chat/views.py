"""The page inside the widget's frame, and new tickets for it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from commerce_agent.chat.csp import GUIDE_POLICY, frame_policy
from commerce_agent.chat.merchants import Shop, find_shop
from commerce_agent.chat.phrases import choose_language, list_phrases, list_suggestions
from commerce_agent.chat.protocol import MAX_TEXT_CHARACTERS, PROTOCOL_VERSION
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
    language = choose_language(wished=request.GET.get("lang", ""), own=shop.locale)
    with translation.override(language):
        context = {
            "shop": shop,
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "config": _describe(shop, language=language),
        }
        response = render(request, "widget/frame.html", context)
    response["Content-Security-Policy"] = frame_policy(
        host=request.get_host(), ancestors=("'self'", *shop.origins)
    )
    response["Referrer-Policy"] = "strict-origin-when-cross-origin"
    response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
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


def _describe(shop: Shop, *, language: str) -> dict[str, object]:
    return {
        "v": PROTOCOL_VERSION,
        "key": shop.key,
        "name": shop.name,
        "ticket": grant_ticket(merchant=shop.key),
        "lang": language,
        "shop": shop.shop_url,
        "origins": list(shop.origins),
        "limit": MAX_TEXT_CHARACTERS,
        "suggestions": list_suggestions(),
        "phrases": list_phrases(),
    }
