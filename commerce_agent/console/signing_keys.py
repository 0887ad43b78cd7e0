"""What every page of keys that shops sign with has in common: made here, shown once, replaced, ended."""

from abc import ABCMeta, abstractmethod
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms.widgets import MediaDefiningClass
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from typing_extensions import override
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.models import Merchant
from commerce_agent.console.base import (
    ConsoleAdmin,
    MerchantFilter,
    display,
    list_shops,
    name_permissions,
    narrow_shops,
)
from commerce_agent.console.pictures import show_badge, show_moment
from commerce_agent.signing_keys import MOST_GOOD, Key, KeyRing, NewKey, TooManyKeys


class NewKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Whose key it is and what signs with it."""

    merchant = forms.ModelChoiceField(
        queryset=Merchant.objects.filter(ephemeral=False), widget=UnfoldAdminSelectWidget, label="Shop"
    )

    @override
    def clean(self) -> dict[str, Any]:
        """A shop has two good keys at most: the one in use and the one that takes its place."""
        cleaned: dict[str, Any] = super().clean() or {}
        shop = cleaned.get("merchant")
        kind = type(self.instance)
        good = kind.objects.filter(merchant=shop).exclude(ends_at__lte=datetime.now(UTC))
        if shop is not None and good.count() >= MOST_GOOD:
            raise forms.ValidationError(str(TooManyKeys()))
        return cleaned


class AbstractAdmin(MediaDefiningClass, ABCMeta):
    """The admin's own kind of class, of which one with abstract methods is not made."""


class SigningKeyAdmin(ConsoleAdmin, Generic[Key], metaclass=AbstractAdmin):
    """Made here, shown once, replaced with a day's overlap, ended at once."""

    list_display: ClassVar[tuple[str, ...]] = ("name", "key_id", "merchant", "made", "used", "state")
    list_filter = (MerchantFilter,)
    search_fields = ("name", "key_id")
    actions = ("replace", "end")
    ring: KeyRing[Key]
    made_template: str
    made_title: str

    @abstractmethod
    def make(self, wanted: Key, *, at: datetime) -> NewKey[Key]:
        """Makes the key that the form asks for, whole."""

    @abstractmethod
    def describe(self, request: HttpRequest, row: Key) -> dict[str, object]:
        """What else the page that shows a new key says."""

    @override
    def get_form(
        self, request: HttpRequest, obj: Key | None = None, change: bool = False, **options: Any
    ) -> Any:
        """A new key is for one of the shops that whoever asks keeps the keys of."""
        form = super().get_form(request, obj, change=change, **options)
        return narrow_shops(form, to=list_shops(request, *name_permissions(self.model, "add")))

    @override
    def save_model(self, request: HttpRequest, obj: Key, form: Any, change: bool) -> None:
        """Makes the key whole, with its secret."""
        made = self.make(obj, at=datetime.now(UTC))
        obj.pk = made.row.pk
        request.made_key = made  # type: ignore[attr-defined]  # read by `response_add`, of this request

    @override
    def response_add(self, request: HttpRequest, obj: Key, post_url_continue: Any = None) -> HttpResponse:
        """Shows the secret in this answer itself: a message for the next page would leave it in a cookie."""
        made: NewKey[Key] = request.made_key  # type: ignore[attr-defined]  # set by `save_model`
        return self._show(request, made)

    def _show(self, request: HttpRequest, made: NewKey[Key]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": self.made_title,
            "key": made.row,
            "secret": made.secret,
            **self.describe(request, made.row),
        }
        return TemplateResponse(request, self.made_template, context)

    @override
    def has_change_permission(self, request: HttpRequest, obj: Key | None = None) -> bool:
        """A key is replaced or ended, never altered; the actions need this permission on the list."""
        return obj is None and super().has_change_permission(request, obj)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Key | None = None) -> bool:
        """A key is ended; when it was used stays known."""
        return False

    @admin.action(description="Replace by a new one", permissions=["add"])
    def replace(self, request: HttpRequest, queryset: QuerySet[Key]) -> HttpResponse | None:
        """Makes the successor of one key; the old one stays good for a day."""
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            messages.error(request, "Choose one key: each secret is shown on a page of its own.")
            return None
        try:
            made = self.ring.rotate(chosen[0], at=datetime.now(UTC))
        except TooManyKeys as refusal:
            messages.error(request, str(refusal))
            return None
        return self._show(request, made)

    @admin.action(description="End", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[Key]) -> None:
        """Ends the chosen keys at once."""
        count = self.ring.end(ids=tuple(queryset.values_list("pk", flat=True)), at=datetime.now(UTC))
        messages.success(request, f"{count} ended. What is signed with them is refused from now on.")

    @display(description="State", ordering="ends_at")
    def state(self, key: Key) -> SafeString:
        """Whether it is good, and how long."""
        if key.ends_at is None:
            return show_badge(mood="good", words="Good")
        ended = key.ends_at <= datetime.now(UTC)
        return show_badge(
            mood="none", words=f"{'Ended' if ended else 'Good until'} {key.ends_at:%d %b %Y, %H:%M}"
        )

    @display(description="Made", ordering="created_at")
    def made(self, key: Key) -> SafeString:
        """When it was made."""
        return show_moment(key.created_at)

    @display(description="Last used", ordering="last_used_at")
    def used(self, key: Key) -> SafeString:
        """When something was last signed with it, to the minute."""
        return show_moment(key.last_used_at)
