"""`manage.py api_key make|revoke`: keys for a shop's own systems."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from catalog.errors import CatalogError
from catalog.merchants import get_merchant
from conversations.api.keys import grant_key, revoke_keys
from conversations.ids import MerchantId
from conversations.models import ApiKey


class Command(BaseCommand):
    """Makes and revokes keys."""

    help = "Makes an API key, which is printed once, or revokes one by its prefix."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and with which key."""
        actions = parser.add_subparsers(dest="action", required=True)
        make = actions.add_parser("make", help="print a new key")
        make.add_argument("--merchant", metavar="KEY", required=True, help="the shop's key")
        make.add_argument("--name", required=True, help="what uses it")
        make.add_argument("--scope", choices=ApiKey.Scope.values, default=ApiKey.Scope.READ.value)
        make.add_argument("--per-minute", type=int, default=600, help="requests it may make (600)")
        revoke = actions.add_parser("revoke", help="end a key at once")
        revoke.add_argument("prefix", help="how the key begins: ca_ and eight digits")

    @override
    def handle(self, *_args: object, **options: Any) -> None:
        """Does it."""
        if options["action"] == "make":
            self._make(options)
        else:
            self._revoke(options["prefix"])

    def _make(self, options: dict[str, Any]) -> None:
        try:
            merchant = get_merchant(key=options["merchant"])
        except CatalogError as error:
            raise CommandError(str(error)) from error
        granted = grant_key(
            merchant=MerchantId(str(merchant.id)),
            name=options["name"],
            scope=ApiKey.Scope(options["scope"]),
            at=datetime.now(UTC),
            per_minute=options["per_minute"],
        )
        self.stderr.write("Keep it well: it is not shown again.")
        self.stdout.write(granted.secret)

    def _revoke(self, prefix: str) -> None:
        found = ApiKey.objects.filter(prefix=prefix).first()
        if found is None:
            message = f"No key begins with {prefix!r}; the admin lists them under API keys."
            raise CommandError(message)
        ended = revoke_keys(ids=(found.pk,), at=datetime.now(UTC))
        self.stdout.write(f"{found.name}: {'revoked' if ended else 'was revoked before'}.")
