"""Where production serves static files from."""

import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile, File
from typing_extensions import override
from whitenoise.storage import CompressedManifestStaticFilesStorage

from commerce_agent.settings.lean import join_modules, make_lean_style, make_short

SHOPPERS_FILES = re.compile(r"(widget/.*\.css|loader(\.\w+)?\.js)")
ENTRY = "widget/main.js"


# WhiteNoise has no types, so its class is Any to mypy.
class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Compressed files under names that hold their hash. What shoppers download is lean, and their script is one."""

    support_js_module_import_aggregation = True

    @override
    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]  # not generic at run time
        if name == ENTRY:
            content = ContentFile(join_modules(name, read=_read).encode(), name=name)
        elif SHOPPERS_FILES.fullmatch(name):
            source = content.read()
            text = source.decode() if isinstance(source, bytes) else source
            lean = make_lean_style(text) if name.endswith(".css") else make_short(text)
            content = ContentFile(lean.encode(), name=name)
        saved: str = super()._save(name, content)
        return saved


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
