"""What the tests run: the real stores, named by the environment; no key of Claude's, no network."""

import os
import uuid
from hashlib import sha256

# Chosen before the base reads it: two runs on one Redis never see each other's keys.
os.environ.setdefault("REDIS_PREFIX", f"test-{uuid.uuid4().hex[:12]}")
# Of two workers of one run, neither removes the other's keys; the processes that a worker starts share its own.
if (worker := os.environ.get("PYTEST_XDIST_WORKER", "")) and not os.environ["REDIS_PREFIX"].endswith(worker):
    os.environ["REDIS_PREFIX"] += f"-{worker}"

from commerce_agent.settings.base import *  # noqa: F403

SECRET_KEY = "secret-of-the-tests-only-0123456789-0123456789-0123456789"  # noqa: S105
KEY_ENCRYPTION_KEYS = {version: sha256(b"key of the tests %d" % version).digest() for version in (1, 2)}
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ANTHROPIC_API_KEY = ""
DEMO_SHOP = True
# Tests start processes by the dozen, most of which answer no turn.
WARM_UP = False
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
