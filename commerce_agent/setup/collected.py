"""Static files as production serves them: collected before the shop opens, and again where one of them has changed."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from commerce_agent.setup.environment import ROOT
from commerce_agent.setup.places import Places

LEAN_BY = ("lean.py", "shortening.py", "storage.py", "tokens.py")
"""What decides besides the sources how they are served."""


def collect_if_changed(*, places: Places) -> bool:
    """Collect every static file anew where any is not as it was collected; say whether that was so."""
    if settings.STATIC_ROOT is None:
        return False
    found = _digest_sources()
    kept = places.folder / "static.collected"
    # The note says nothing of files that somebody removed since.
    is_there = (Path(settings.STATIC_ROOT) / "staticfiles.json").exists()
    if is_there and kept.exists() and kept.read_text() == found:
        return False
    # Whoever is interrupted here begins again.
    kept.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    kept.write_text(found)
    return True


def _digest_sources() -> str:
    """Which files there are, and how each stands on the disk."""
    digest = sha256()
    for path in sorted(_list_sources()):
        stat = Path(path).stat()
        digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _list_sources() -> Iterator[str]:
    yield from (str(ROOT / "commerce_agent/settings" / name) for name in LEAN_BY)
    for finder in get_finders():
        yield from (place.path(name) for name, place in finder.list(None))
