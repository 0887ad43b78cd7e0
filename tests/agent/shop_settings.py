from typing import Any

from commerce_agent.models import AgentSettings
from tests.agent.conftest import NOW


async def choose(merchant: str, *, version: int = 1, **chosen: Any) -> None:
    """A version of the shop's settings."""
    await AgentSettings.objects.acreate(merchant_id=merchant, version=version, changed_at=NOW, **chosen)
