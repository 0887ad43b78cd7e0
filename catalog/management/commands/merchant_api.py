"""`manage.py merchant_api`: the built-in store behind HTTP, as a process of its own."""

from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from catalog.merchant_api.building import SHORTEST_KEY

APPLICATION = "catalog.merchant_api.serving:build_application"


class Command(BaseCommand):
    """Serves until it is stopped."""

    help = (
        "Serve the built-in store's stock, prices, items, policies, promotions, orders and customers over HTTP, to"
        " whoever shows MERCHANT_API_KEY. With DEMO_SHOP it can be told to misbehave at /drills."
    )

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--port", type=int, default=8100)
        parser.add_argument("--host", default="127.0.0.1")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the server. Raises CommandError where there is no key."""
        if len(settings.MERCHANT_API_KEY) < SHORTEST_KEY:
            raise CommandError(
                f"Set MERCHANT_API_KEY to {SHORTEST_KEY} random characters or more, here and where it is asked from."
            )
        self.stderr.write(f"Merchant API: http://{options['host']}:{options['port']}/v1/")
        uvicorn.run(
            APPLICATION,
            factory=True,
            host=options["host"],
            port=options["port"],
            log_level="warning",
            timeout_graceful_shutdown=2,
        )
