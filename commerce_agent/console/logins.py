"""The part of a form that says how a shop's system knows us: the secret goes in and never comes out."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminPasswordWidget

from catalog.connectors.configuring import ConfigurationRefused, check_login_name, check_secret
from catalog.models import ConnectorLogin


class LoginForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A form of a system that is called at `addresses` with a login."""

    addresses: tuple[str, ...] = ("url",)
    """The fields whose systems get to see the secret."""

    secret = forms.CharField(
        required=False,
        widget=UnfoldAdminPasswordWidget(render_value=False, attrs={"autocomplete": "new-password"}),
        help_text="Kept encrypted and never shown again. Empty: it stays as it is.",
    )

    def check_login(self, said: dict[str, Any]) -> None:
        """Puts an error beside what the login lacks, or what no call could carry."""
        login, secret = said["login"], said["secret"]
        if login == ConnectorLogin.NONE:
            return
        for field, check in (("login_name", check_login_name), ("secret", check_secret)):
            try:
                check(login=login, written=said[field])
            except ConfigurationRefused as error:
                self.add_error(field, ValidationError(str(error)))
        if secret:
            return
        if not self.instance.sealed_secret:
            self.add_error("secret", "This login needs a secret.")
        elif strange := self._list_systems(said) - self._list_systems(self.initial):
            # Whoever may change an address must not get to read the secret by it, nor send it in the clear.
            self.add_error("secret", f"Enter the secret again: {min(strange)} has not had it until now.")

    def _list_systems(self, written: Mapping[str, Any]) -> set[str]:
        """Where the secret goes to, and how."""
        addresses = [urlsplit(written[name]) for name in self.addresses if written.get(name)]
        return {f"{each.scheme}://{each.netloc.lower()}" for each in addresses}
