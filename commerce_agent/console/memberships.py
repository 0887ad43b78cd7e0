"""The staff of a shop: who works for it, and in which role."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils.safestring import SafeString
from typing_extensions import override
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from commerce_agent.console.base import ConsoleAdmin, MerchantFilter, display
from commerce_agent.console.pictures import show_badge, show_moment
from commerce_agent.models import Membership, Operator, Role
from commerce_agent.staff.invitations import (
    AlreadyStaff,
    Invitation,
    LastOwner,
    invite_operator,
    is_last_owner,
    require_owner_left,
)

MAY = {
    Role.OWNER: "everything in the shop, staff and keys included",
    Role.MERCHANDISER: "products, stock, prices, policies and promotions; no conversations",
    Role.SUPPORT: "conversations, shoppers and orders; the goods to look at",
    Role.AUDITOR: "all of it to look at, nothing to change",
}


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Who, for which shop, in which role. Who and which shop are settled once."""

    email = forms.EmailField(
        label="E-mail",
        widget=UnfoldAdminEmailInputWidget,
        help_text="They log in with it. An account they have for another shop is used again.",
    )
    role = forms.ChoiceField(
        choices=Role.choices,
        initial=Role.SUPPORT,
        widget=UnfoldAdminSelectWidget,
        help_text=" ".join(f"{role.label}: {told}." for role, told in MAY.items()),
    )

    class Meta:
        model = Membership
        fields = ("merchant", "role")
        labels = {"merchant": "Shop"}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the form's own arguments, handed on
        if self.instance.pk:
            self.fields.pop("email", None)

    @override
    def clean(self) -> dict[str, Any]:
        """Refuses somebody who works for the shop already, and a change that leaves it without an owner."""
        said: dict[str, Any] = super().clean() or {}
        email, shop = str(said.get("email", "")).lower(), said.get("merchant")
        if shop and email and Membership.objects.filter(merchant=shop, operator__username=email).exists():
            self.add_error("email", str(AlreadyStaff(email=email)))
        if self.instance.pk and self.initial.get("role") == Role.OWNER and said.get("role") != Role.OWNER:
            try:
                with transaction.atomic():
                    require_owner_left(membership=self.instance)
            except LastOwner as refusal:
                raise ValidationError(str(refusal)) from refusal
        return said


class MembershipAdmin(ConsoleAdmin):
    """Staff. Owners invite them, change their role and let them go."""

    when_empty = "Nobody but the platform's own staff works here yet."
    form = MembershipForm
    list_display = ("person", "role_shown", "last_seen", "invited_by", "since", "merchant")
    list_filter = (MerchantFilter, "role")
    list_select_related = ("operator", "merchant", "invited_by")
    search_fields = ("operator__username", "operator__first_name", "operator__last_name")
    actions = None

    @override
    def get_fieldsets(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        """The e-mail is asked once; later the account is shown."""
        asked = ("merchant", "email", "role") if obj is None else ("person", "merchant", "role", "since")
        return ((None, {"fields": asked}),)

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """Whom a role belongs to, and in which shop, is settled when it is given."""
        return () if obj is None else ("person", "merchant", "since")

    @override
    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Invites, or stores the new role."""
        if change:
            obj.save(update_fields=["role"])
            return
        by = request.user if isinstance(request.user, Operator) else None
        invitation = invite_operator(
            merchant=obj.merchant,
            email=form.cleaned_data["email"],
            role=Role(obj.role),
            by=by,
            at=datetime.now(UTC),
        )
        obj.pk, obj.operator = invitation.membership.pk, invitation.membership.operator
        request.invitation = invitation  # type: ignore[attr-defined]  # read by `response_add`, of this request

    @override
    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One at a time: the answer to an invitation is an address to hand on."""
        once = {"show_save_and_add_another": False, "show_save_and_continue": False}
        shown: HttpResponse = super().render_change_form(request, {**context, **once}, *args, **kwargs)
        return shown

    @override
    def response_add(
        self, request: HttpRequest, obj: Membership, post_url_continue: Any = None
    ) -> HttpResponse:
        """Shows the address for the first password in this answer itself; whoever holds it sets the password."""
        invitation: Invitation = request.invitation  # type: ignore[attr-defined]  # set by `save_model`
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Invited",
            "membership": invitation.membership,
            "may": MAY[Role(invitation.membership.role)],
            "welcome": request.build_absolute_uri(reverse("admin:welcome", args=invitation.welcome))
            if invitation.welcome
            else "",
        }
        return TemplateResponse(request, "admin/commerce_agent/membership/invited.html", context)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """Owners let somebody go; a shop's last owner stays."""
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not is_last_owner(obj))

    @override
    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """Ends the role; the account and its other roles stay. Two owners who end each other's at once: one stays."""
        try:
            with transaction.atomic():
                if obj.role == Role.OWNER:
                    require_owner_left(membership=obj)
                super().delete_model(request, obj)
        except LastOwner as refusal:
            raise PermissionDenied(str(refusal)) from refusal

    @display(description="Person", ordering="operator__username")
    def person(self, membership: Membership) -> str:
        """The name, or the e-mail."""
        return membership.operator.get_full_name() or membership.operator.get_username()

    @display(description="Role", ordering="role")
    def role_shown(self, membership: Membership) -> SafeString:
        """The role, owners standing out."""
        mood = "good" if membership.role == Role.OWNER else "unknown"
        return show_badge(mood=mood, words=str(membership.get_role_display()))

    @display(description="Last login", ordering="operator__last_login")
    def last_seen(self, membership: Membership) -> SafeString | str:
        """When they last logged in."""
        seen = membership.operator.last_login
        return show_moment(seen) if seen else "Never yet"

    @display(description="Since", ordering="created_at")
    def since(self, membership: Membership) -> SafeString:
        """When the role was given."""
        return show_moment(membership.created_at)


class FirstPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # not generic at run time
    """The password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own arguments, handed on
        super().__init__(*args, **kwargs)
        for name in ("new_password1", "new_password2"):
            self.fields[name].widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})


class Welcome(PasswordResetConfirmView):
    """Where somebody who was invited sets the first password."""

    template_name = "admin/welcome.html"
    success_url = reverse_lazy("admin:login")
    form_class = FirstPasswordForm

    @override
    def form_valid(self, form: Any) -> HttpResponse:
        """Keeps the password and leads to the login."""
        messages.success(self.request, "Your password is set. Log in with your e-mail.")
        return super().form_valid(form)
