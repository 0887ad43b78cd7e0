"""Tells staff whether anything of what they erased is found still."""

from django.contrib import messages
from redis.exceptions import RedisError

from commerce_agent.composition import Platform
from commerce_agent.shoppers.proving import Before, find_left


async def tell_found(platform: Platform, before: Before, *, names: tuple[str, ...]) -> list[tuple[int, str]]:
    """What came of looking for the words, in Redis under these names only. The sort of place is told, and no key's
    name: whoever owns one shop sees nothing of another.
    """
    try:
        found = await find_left(platform, before, names=names)
    except RedisError as error:
        return [(messages.WARNING, f"Erased; what is left of it could not be looked for: {error}")]
    shared = f" {before.shared} of them stand in the shop's goods as well." if before.shared else ""
    told = [(messages.INFO, f"{len(before.canaries)} texts that were theirs were looked for.{shared}")]
    if found:
        places = ", ".join(sorted({each.sort for each in found}))
        told.append((messages.ERROR, f"Still found, see to it: {places}"))
    return told
