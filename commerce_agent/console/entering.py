"""The login, in the words of an invitation."""

from django.http import HttpRequest
from typing_extensions import override
from unfold.forms import AuthenticationForm


class EnterForm(AuthenticationForm):
    """Whoever was invited knows an e-mail address, and the one who set the platform up a name."""

    @override
    def __init__(self, request: HttpRequest | None = None, *args: object, **options: object) -> None:
        super().__init__(request, *args, **options)
        self.fields["username"].label = "E-mail or user name"
