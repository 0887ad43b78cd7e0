"""What production refuses to start without."""

from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

SECRET_LENGTH = 50
SECRET_VARIETY = 10
"""Different characters a secret has at least; fewer means that someone leaned on a key."""
KNOWN_SECRETS = ("development-only", "django-insecure", "changeme", "change-me", "secret-of-the-tests")


class UnsafeSetting(ImproperlyConfigured):
    """An environment variable that production cannot start with; the message says how to set it."""

    def __init__(self, *, variable: str, fault: str, remedy: str) -> None:
        self.variable = variable
        super().__init__(f"{variable} {fault}. {remedy}")


def require_url(value: str, *, variable: str, example: str) -> str:
    """Return the URL; raises UnsafeSetting where it is missing, because the default is this machine."""
    if not value:
        remedy = f"Set it, like {variable}={example}"
        raise UnsafeSetting(variable=variable, fault="is not set", remedy=remedy)
    return value


def require_secret(value: str) -> str:
    """Return the secret key; raises UnsafeSetting where it is missing, known to everybody, or easy to
    guess.
    """
    fault = ""
    if not value:
        fault = "is not set"
    elif value.lower().startswith(KNOWN_SECRETS):
        fault = "is a default that everybody knows"
    elif len(value) < SECRET_LENGTH or len(set(value)) < SECRET_VARIETY:
        fault = f"is easy to guess: it needs {SECRET_LENGTH} random characters or more"
    if fault:
        remedy = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        raise UnsafeSetting(variable="SECRET_KEY", fault=fault, remedy=remedy)
    return value


def require_hosts(hosts: Sequence[str]) -> list[str]:
    """Return the host names that are served; raises UnsafeSetting where none is named, or all are."""
    remedy = "Name the hosts, separated by commas, like ALLOWED_HOSTS=chat.example.com"
    if not hosts:
        raise UnsafeSetting(variable="ALLOWED_HOSTS", fault="is not set", remedy=remedy)
    if "*" in hosts:
        raise UnsafeSetting(variable="ALLOWED_HOSTS", fault="allows every host", remedy=remedy)
    return list(hosts)


def refuse_debug(*, debug: bool) -> bool:
    """Return False; raises UnsafeSetting where debugging is on, which shows the settings to strangers."""
    if debug:
        raise UnsafeSetting(
            variable="DEBUG", fault="is on", remedy="Remove the variable, or use commerce_agent.settings.dev"
        )
    return False
