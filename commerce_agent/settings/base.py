"""What holds in every environment. The operator's choices come from the environment; README lists them."""

from pathlib import Path

import environ
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from commerce_agent.settings.beat import CELERY_BEAT_SCHEDULE as CELERY_BEAT_SCHEDULE
from commerce_agent.settings.console import UNFOLD as UNFOLD
from commerce_agent.settings.database import *  # noqa: F403
from commerce_agent.settings.observing import *  # noqa: F403
from commerce_agent.settings.required import read_keys
from commerce_agent.settings.systems import CHAT_STEP_UP as CHAT_STEP_UP
from commerce_agent.settings.systems import CONNECTOR_PRIVATE_NETWORKS as CONNECTOR_PRIVATE_NETWORKS
from commerce_agent.settings.systems import MERCHANT_API_KEY as MERCHANT_API_KEY
from commerce_agent.settings.systems import MERCHANT_API_URL as MERCHANT_API_URL

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(env.str("COMMERCE_AGENT_DATA", default=str(BASE_DIR / ".data")))

REDIS_URL: str = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
# Every key and channel starts with it, so that installations (and test runs) can share one server.
REDIS_PREFIX: str = env.str("REDIS_PREFIX", default="commerce-agent")
BROKER_URL: str = env.str("BROKER_URL", default=REDIS_URL)
# Any node of a Redis Cluster that keeps the conversations' fast copies and leases; the rest stays at REDIS_URL.
STATE_CLUSTER_URL: str = env.str("STATE_CLUSTER_URL", default="")
SECRET_KEY: str = env.str("SECRET_KEY", default="")
# Versioned: "1:base64,2:base64". The highest wraps new data keys, the others still open old ones.
KEY_ENCRYPTION_KEYS: dict[int, bytes] = read_keys(env.str("KEY_ENCRYPTION_KEYS", default=""))
# Conversations that were quiet for so many months are let go of by the clock; 0 keeps them for ever.
KEEP_MONTHS: int = env.int("KEEP_MONTHS", default=0)
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

ANTHROPIC_API_KEY: str = env.str("ANTHROPIC_API_KEY", default="")
ANTHROPIC_BASE_URL: str = env.str("ANTHROPIC_BASE_URL", default="")
CLAUDE_MODEL: str = env.str("CLAUDE_MODEL", default="claude-sonnet-5-5")
DEMO_SHOP: bool = env.bool("DEMO_SHOP", default=False)

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "djmoney",
    "commerce_agent",
    "conversations",
    "catalog",
    "commerce_agent.isolation",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "commerce_agent.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "commerce_agent.urls"
ASGI_APPLICATION = "commerce_agent.asgi.application"
AUTH_USER_MODEL = "commerce_agent.Operator"
AUTHENTICATION_BACKENDS = ["commerce_agent.staff.backend.StaffBackend"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# A hint is worth half a second and no second try: whoever misses it asks the journal. A listener that hears
# nothing for longer stays connected all the same, because it waits in slices of its own.
HINT_TIMEOUT = 0.5
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "commerce_agent.announcing.SealedLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": REDIS_URL,
                    "socket_timeout": HINT_TIMEOUT,
                    "socket_connect_timeout": HINT_TIMEOUT,
                    "retry": Retry(NoBackoff(), 0),
                }
            ],
            "prefix": f"{REDIS_PREFIX}:channels",
        },
    }
}

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # How often each API key asked: counted for all processes together.
    "limits": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": REDIS_PREFIX,
        "OPTIONS": {"socket_timeout": 1.0, "socket_connect_timeout": 1.0},
    },
}

CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"{REDIS_PREFIX}:"}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# The worker logs as everything else does.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LOGGING_CONFIG = "commerce_agent.logs.configure_logs"
LOGGING = {"format": "readable", "level": env.str("LOG_LEVEL", default="INFO")}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français")]
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "commerce_agent.settings.formats"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT: Path | None = DATA_DIR / "static"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "EXCEPTION_HANDLER": "conversations.api.problems.answer_problem",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Commerce Agent",
    "DESCRIPTION": "The state of a shop's conversations, for the shop's own systems.",
    "VERSION": "v1",
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": ["conversations.api.schema.add_types"],
    "TAGS": [
        {"name": "Conversations", "description": "Open, find, and say something in the shopper's name."},
        {"name": "State", "description": "What a conversation knows, now and at any earlier event."},
        {"name": "Graph", "description": "What was meant, what was told, and what decisions rested on."},
        {"name": "Journal", "description": "Every event, as it happens and as a whole."},
        {"name": "Shoppers", "description": "What is remembered of a shopper; export and erasure."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
