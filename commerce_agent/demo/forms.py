"""What the shop floor accepts."""

from django import forms

from catalog.models import PolicyScope
from catalog.policies import TermsUnreadable, TermValue, read_terms


class StockForm(forms.Form):
    """A new count for one SKU."""

    sku = forms.CharField(max_length=100)
    quantity = forms.IntegerField(min_value=0, max_value=99_999)


class PriceForm(forms.Form):
    """A new price for one SKU, in the shop's currency."""

    sku = forms.CharField(max_length=100)
    price = forms.DecimalField(min_value=0, max_digits=10, decimal_places=2)


class PolicyForm(forms.Form):
    """New wording and terms of a policy in its scope."""

    name = forms.SlugField(max_length=64)
    scope = forms.ChoiceField(choices=PolicyScope.choices)
    scope_value = forms.CharField(max_length=750, required=False)
    title = forms.CharField(max_length=200)
    text = forms.CharField(max_length=5_000)
    terms = forms.CharField(max_length=2_000, required=False)

    def clean_terms(self) -> dict[str, TermValue]:
        """The terms as names and plain values."""
        try:
            return read_terms(self.cleaned_data["terms"])
        except TermsUnreadable as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
