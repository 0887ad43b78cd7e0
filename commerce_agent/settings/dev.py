"""What `manage.py up` runs: this machine only, the demo shop switched on."""

from commerce_agent.settings.base import *  # noqa: F403
from commerce_agent.settings.base import KEY_ENCRYPTION_KEYS as CHOSEN_KEYS
from commerce_agent.settings.base import SECRET_KEY as CHOSEN_SECRET
from commerce_agent.settings.base import env
from commerce_agent.settings.required import KNOWN_KEY
from commerce_agent.settings.static import COLLECTED_STORAGES

SECRET_KEY = CHOSEN_SECRET or "development-only-secret-never-accepted-by-the-production-settings"
KEY_ENCRYPTION_KEYS = CHOSEN_KEYS or {1: KNOWN_KEY}
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
DEMO_SHOP = env.bool("DEMO_SHOP", default=True)
# `up` collects static files, serves them as production does, and says so here. With DEBUG, and in whatever else is run,
# they come from where they are written, as they are at that moment.
if env.bool("STATIC_COLLECTED", default=False) and not DEBUG:
    STORAGES = COLLECTED_STORAGES
else:
    STATIC_ROOT = None
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = True
