"""Where PostgreSQL is, and as whom it is entered."""

import environ

__all__ = ["DATABASES", "DATABASE_OWNER_URL", "DATABASE_POOLED", "DATABASE_URL"]

env = environ.Env()

DATABASE_URL: str = env.str("DATABASE_URL", default="postgres://127.0.0.1:5432/commerce_agent")
# The tables' owner, who migrates; without one the role of DATABASE_URL owns them.
DATABASE_OWNER_URL: str = env.str("DATABASE_OWNER_URL", default="")
# Whether DATABASE_URL leads to a pooler, such as PgBouncer, that lends a server connection for one transaction.
DATABASE_POOLED: bool = env.bool("DATABASE_POOLED", default=False)

DATABASES = {
    "default": {
        **env.db_url_config(DATABASE_URL),
        "ENGINE": "commerce_agent.isolation.backend",
        "CONN_HEALTH_CHECKS": True,
        # A cursor on the server would live in one transaction and be read in another.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
