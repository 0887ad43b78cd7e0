"""What production refuses to start without."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from hashlib import sha256

from django.core.exceptions import ImproperlyConfigured

SECRET_LENGTH = 50
SECRET_VARIETY = 10
"""Different characters a secret has at least; fewer means that someone leaned on a key."""
KEY_BYTES = 32
KNOWN_KEY = sha256(b"development-only key-encryption key").digest()
"""What development wraps with where no key was chosen."""
KEY_VARIETY = 10
"""Different bytes a key has at least; 32 random ones never have fewer."""
_MAKE_KEY = (
    "Make the first with: python3 -c"
    " 'import base64, secrets; print(\"1:\" + base64.b64encode(secrets.token_bytes(32)).decode())'"
)
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


def read_keys(written: str) -> dict[int, bytes]:
    """Return the key-encryption keys by version; raises UnsafeSetting where one cannot be read."""
    keys: dict[int, bytes] = {}
    for part in filter(None, (part.strip() for part in written.split(","))):
        version, _, text = part.partition(":")
        try:
            key = base64.b64decode(text, validate=True)
        except binascii.Error:
            key = b""
        # The version is all that a message may repeat: the rest is the key.
        if not version.isascii() or not version.isdigit() or int(version) in keys or len(key) != KEY_BYTES:
            raise UnsafeSetting(
                variable="KEY_ENCRYPTION_KEYS",
                fault="is not a list of different versions, each with 32 bytes in base64",
                remedy=_MAKE_KEY,
            )
        keys[int(version)] = key
    return keys


def require_keys(keys: Mapping[int, bytes]) -> dict[int, bytes]:
    """Return the key-encryption keys; raises UnsafeSetting where there is none, or one that everybody knows."""
    fault = ""
    if not keys:
        fault = "is not set"
    elif KNOWN_KEY in keys.values() or any(len(set(key)) < KEY_VARIETY for key in keys.values()):
        fault = "holds a key that is easy to guess"
    if fault:
        raise UnsafeSetting(variable="KEY_ENCRYPTION_KEYS", fault=fault, remedy=_MAKE_KEY)
    return dict(keys)
