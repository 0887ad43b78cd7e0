"""How a shop's chat looks, chosen beside a preview."""

from typing import ClassVar

from django import forms
from django.http import HttpRequest
from typing_extensions import override

from commerce_agent.console.base import ConsoleAdmin, MerchantFilter
from commerce_agent.models import WidgetLook


class WidgetLookForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The tokens of a look."""

    class Meta:
        model = WidgetLook
        fields = ("merchant", "accent", "corners", "typeface", "scheme", "direction")
        labels: ClassVar[dict[str, str]] = {
            "merchant": "Shop",
            "accent": "Colour",
            "scheme": "Light or dark",
            "direction": "Reading direction",
        }


class WidgetLookAdmin(ConsoleAdmin):
    """One look a shop; without one the chat has its own."""

    when_empty = "The chat looks as it comes until you choose its colour, corners and type."
    form = WidgetLookForm
    list_display = ("merchant", "accent", "corners", "typeface", "scheme")
    list_display_links = ("merchant",)
    list_filter = (MerchantFilter,)
    list_select_related = ("merchant",)
    actions = None
    change_form_outer_after_template = "admin/commerce_agent/widgetlook/preview.html"

    class Media:
        js = ("console/look.js",)

    @override
    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """The shop is what a look is found by, even where there is only one."""
        return self.list_display

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: WidgetLook | None = None) -> tuple[str, ...]:
        """A look stays its shop's."""
        return ("merchant",) if obj else ()
