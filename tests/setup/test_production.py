"""Production refuses to start on what is only safe on one's own machine, and says how to put it right."""

import base64
import os
import subprocess
import sys

import pytest

from commerce_agent.settings.required import KNOWN_KEY
from tests.running import ROOT

SAFE = {
    "SECRET_KEY": "kD8vQ2mZx7Lr4TnB9sWpYc1HfJ6gUe3RaVo5iKqMtN0yXbEzCdAhGwPj",
    "KEY_ENCRYPTION_KEYS": "1:TMx9dGRGmdNqk7zh4NL2VkSJk0C8u2Q1k1R1sEwQd5w=",
    "ALLOWED_HOSTS": "chat.example.com",
    "DATABASE_URL": "postgres://app:x@db.example.com:5432/app",
    "REDIS_URL": "redis://:x@redis.example.com:6379/0",
}


def load_settings(environ: dict[str, str], *, ask: str = "DEBUG") -> subprocess.CompletedProcess[str]:
    """Start Django as production does and print one setting."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            f"import django; django.setup(); from django.conf import settings as s; print(s.{ask})"
            if ";" not in ask
            else f"import django; django.setup(); {ask}",
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "commerce_agent.settings.prod", **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set. Make one with"),
        (
            {"SECRET_KEY": "development-only-secret-never-accepted-by-the-production-settings"},
            "SECRET_KEY is a default",
        ),
        ({"SECRET_KEY": "django-insecure-" + SAFE["SECRET_KEY"]}, "SECRET_KEY is a default"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is easy to guess"),
        ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY is easy to guess"),
        ({"KEY_ENCRYPTION_KEYS": ""}, "KEY_ENCRYPTION_KEYS is not set. Make the first with"),
        ({"KEY_ENCRYPTION_KEYS": "secret"}, "KEY_ENCRYPTION_KEYS is not a list of different versions"),
        ({"KEY_ENCRYPTION_KEYS": "1:c2hvcnQ="}, "KEY_ENCRYPTION_KEYS is not a list of different versions"),
        (
            {"KEY_ENCRYPTION_KEYS": "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
            "KEY_ENCRYPTION_KEYS holds a key that is easy to guess",
        ),
        (
            {"KEY_ENCRYPTION_KEYS": f"2:{base64.b64encode(KNOWN_KEY).decode()}"},
            "KEY_ENCRYPTION_KEYS holds a key that is easy to guess",
        ),
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "chat.example.com,*"}, "ALLOWED_HOSTS allows every host"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set. Set it, like DATABASE_URL=postgres://"),
        ({"REDIS_URL": ""}, "REDIS_URL is not set. Set it, like REDIS_URL=rediss://"),
    ],
)
def test_production_refuses(changed: dict[str, str], said: str) -> None:
    started = load_settings({**SAFE, **changed})

    assert started.returncode != 0
    assert said in started.stderr


def test_production_starts_on_safe_settings() -> None:
    asked = "SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.DEMO_SHOP"

    started = load_settings(SAFE, ask=asked)

    assert started.stderr == ""
    assert started.stdout.strip() == "True True True False"


def test_production_logs_json() -> None:
    code = "import structlog; structlog.get_logger('probe').warning('turn.refused', reason='busy')"

    started = load_settings(SAFE, ask=code)

    assert '"event": "turn.refused"' in started.stderr
    assert '"reason": "busy"' in started.stderr
    assert '"level": "warning"' in started.stderr
