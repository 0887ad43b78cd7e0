"""What all pages of the demo shop share: the switch, the shop behind them and a strict content policy."""

from collections.abc import Callable
from functools import wraps

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.models import Category, Merchant
from commerce_agent.demo.content import Hall, ShopSign, get_demo_shop
from commerce_agent.isolation.acting import acting_for

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""As strict as a careful merchant's: the widget must work under it."""


class OpenShop(msgspec.Struct, frozen=True, kw_only=True):
    """The merchant whose pages these are, its sign, and the way around."""

    merchant: Merchant
    sign: ShopSign
    halls: tuple[Hall, ...]


Page = Callable[..., HttpResponse]


def shop_page(view: Page) -> Page:
    """Hands the open shop to `view(request, shop, ...)`; 404 where this installation runs no demo shop.

    Before the shop is seeded the page says how to seed it, with status 503.
    """

    @wraps(view)
    def show(request: HttpRequest, **arguments: object) -> HttpResponse:
        if not settings.DEMO_SHOP:
            raise Http404
        sign = get_demo_shop().sign
        merchant = Merchant.objects.filter(key=sign.key).first()
        if merchant is None:
            response = render(request, "storefront/unstocked.html", {"sign": sign}, status=503)
        else:
            shop = OpenShop(merchant=merchant, sign=sign, halls=sign.departments)
            with acting_for(merchant.id):
                response = view(request, shop, **arguments)
        response["Content-Security-Policy"] = CONTENT_POLICY
        return response

    return show


def get_category(*, shop: OpenShop, slug: str) -> Category:
    """The shelf with this slug. Raises Http404."""
    category = Category.objects.filter(merchant=shop.merchant, slug=slug).order_by("path").first()
    if category is None:
        message = f"There is no shelf {slug!r} in {shop.sign.name}."
        raise Http404(message)
    return category
