"""`manage.py rotate_keys`: every data key under the newest key-encryption key, every event under a data key."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from catalog.connectors.resealing import reseal_secrets
from catalog.connectors.sealing import SecretUnreadable
from catalog.orders import rewrap_address_keys
from commerce_agent.composition import open_platform
from commerce_agent.identity.keys import IDENTITY_KEYS
from commerce_agent.management.stepping import run_steps
from commerce_agent.webhooks.keys import WEBHOOK_KEYS
from commerce_agent.webhooks.listeners import reseal_listener_secrets
from commerce_agent.webhooks.poll_logins import reseal_poll_secrets
from conversations.service import KeyFault


class Command(BaseCommand):
    """Rewraps the data keys and seals what was stored in the clear; what was sealed is not touched."""

    help = (
        "Wraps every data key with the newest of KEY_ENCRYPTION_KEYS, then seals events stored before there"
        " was encryption. Safe to stop and to repeat, while the shop is open."
    )

    @override
    def handle(self, *_args: object, **_options: Any) -> None:
        """Does both and says what it did."""
        try:
            asyncio.run(self._rotate())
            secrets = reseal_secrets(keys=settings.KEY_ENCRYPTION_KEYS)
            addresses = rewrap_address_keys(keys=settings.KEY_ENCRYPTION_KEYS)
            hooks = WEBHOOK_KEYS.reseal() + reseal_listener_secrets()
            polls = reseal_poll_secrets()
            identities = IDENTITY_KEYS.reseal()
        except (KeyFault, SecretUnreadable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Secrets of connectors sealed anew: {secrets}, of webhooks: {hooks}, of poll sources: {polls},"
            f" of identity keys: {identities}. Keys of addresses wrapped anew: {addresses}."
        )

    async def _rotate(self) -> None:
        async with open_platform(quiet=True) as platform:
            keeper = platform.key_keeper
            rewrapped = await run_steps(
                title="Data keys", total=await keeper.count_old_keys(), step=keeper.rewrap_keys
            )
            sealed = await run_steps(
                title="Conversations", total=await keeper.count_in_the_clear(), step=keeper.seal_old
            )
            left = await keeper.count_old_keys()
            self.stdout.write(
                f"Data keys wrapped by version {keeper.newest}: {rewrapped}, left on others: {left}."
                f" Conversations that were in the clear: {sealed} sealed."
            )
