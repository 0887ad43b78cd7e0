"""Pictures of the demo shop's goods, drawn when they are asked for."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from commerce_agent.demo.content import get_demo_shop, get_drawings
from commerce_agent.demo.drawing import draw_variant

A_YEAR = 365 * 24 * 3600


@require_safe
def show_image(_request: HttpRequest, sku: str) -> HttpResponse:
    """Answers the picture of the variant with this SKU as SVG; the same SKU always looks the same."""
    variant = get_drawings().get(sku) if settings.DEMO_SHOP else None
    if variant is None:
        message = f"Nothing is drawn for {sku!r}."
        raise Http404(message)
    picture = draw_variant(variant=variant, colour=get_demo_shop().sign.colors[variant.color])
    response = HttpResponse(picture, content_type="image/svg+xml; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'"
    return response
