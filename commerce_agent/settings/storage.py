"""Where production serves static files from."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from typing_extensions import override
from whitenoise.storage import CompressedManifestStaticFilesStorage

from commerce_agent.settings.lean import join_modules, make_lean_style, make_short

ENTRY = "widget/main.js"
LEAN = frozenset({ENTRY, "widget/widget.css", "loader.js"})
"""What shoppers download, besides the page."""
Sources = dict[str, tuple[Storage, str]]
LONG_AGO = datetime.min.replace(tzinfo=UTC)


# WhiteNoise has no types, so its class is Any to mypy.
class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Compressed files under names that hold their hash. What shoppers download is lean, and their script is one."""

    support_js_module_import_aggregation = True

    @override
    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]  # not generic at run time
        if name in LEAN:
            content = ContentFile(make_served(name, read=_read).encode(), name=name)
        saved: str = super()._save(name, content)
        return saved

    @override
    def get_modified_time(self, name: str) -> datetime:
        """What is made lean counts as older than its sources, of which it has several: it is made anew each time."""
        if name in LEAN:
            return LONG_AGO
        modified: datetime = super().get_modified_time(name)
        return modified

    @override
    def post_process(self, paths: Sources, dry_run: bool = False, **options: object) -> Iterator[object]:
        """Hash what is made lean as it was collected, which is what it is served as; the rest as it was written."""
        collected: Sources = {name: (self, name) for name in LEAN & paths.keys()}
        yield from super().post_process(paths | collected, dry_run=dry_run, **options)


def make_served(name: str, *, read: Callable[[str], str]) -> str:
    """One of the files that shoppers download, as it is served."""
    if name == ENTRY:
        return join_modules(name, read=read)
    return make_lean_style(read(name)) if name.endswith(".css") else make_short(read(name))


def _read(name: str) -> str:
    """What people wrote, wherever it is collected from."""
    path = finders.find(name)
    if not isinstance(path, str):
        raise ModuleNotWritten(name=name)
    return Path(path).read_text(encoding="utf-8")


class ModuleNotWritten(LookupError):
    """A module of the widget imports one that is in no static directory; write it, or mend the import."""

    def __init__(self, *, name: str) -> None:
        """Carry the module that was looked for."""
        super().__init__(f"No static directory holds {name}; write it, or mend the import.")
        self.name = name
