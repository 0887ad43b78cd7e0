"""What production runs. It does not start on anything that is only safe on one's own machine."""

from commerce_agent.settings.base import *  # noqa: F403
from commerce_agent.settings.base import KEY_ENCRYPTION_KEYS as CHOSEN_KEYS
from commerce_agent.settings.base import env
from commerce_agent.settings.required import (
    refuse_debug,
    require_hosts,
    require_keys,
    require_secret,
    require_url,
)
from commerce_agent.settings.static import COLLECTED_STORAGES

SECRET_KEY = require_secret(env.str("SECRET_KEY", default=""))
KEY_ENCRYPTION_KEYS = require_keys(CHOSEN_KEYS)
DEBUG = refuse_debug(debug=env.bool("DEBUG", default=False))
ALLOWED_HOSTS = require_hosts(env.list("ALLOWED_HOSTS", default=[]))
DATABASE_URL = require_url(
    env.str("DATABASE_URL", default=""),
    variable="DATABASE_URL",
    example="postgres://user:password@host:5432/commerce_agent",
)
REDIS_URL = require_url(
    env.str("REDIS_URL", default=""), variable="REDIS_URL", example="rediss://:password@host:6379/0"
)

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=True)
# The load balancer asks over plain HTTP, from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# Only a proxy that removes this header from what strangers send may be believed.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None

STORAGES = COLLECTED_STORAGES
# Hashed names are kept for ever; loader.js, whose name is fixed, is asked for again after this many seconds.
WHITENOISE_MAX_AGE = 300

LOGGING = {"format": "json", "level": env.str("LOG_LEVEL", default="INFO")}
