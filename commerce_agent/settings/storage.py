"""Where production serves static files from."""

import re

from django.core.files.base import ContentFile, File
from typing_extensions import override
from whitenoise.storage import CompressedManifestStaticFilesStorage

COMMENT = re.compile(r"^ */\*.*?\*/\n", re.MULTILINE | re.DOTALL)
INDENT = re.compile(r"^ +", re.MULTILINE)
SHOPPERS_FILES = re.compile(r"(widget/.*\.(js|css)|loader(\.\w+)?\.js)")


def make_lean(source: str) -> str:
    """The same script or style without the comments that stand on lines of their own, and without indentation: what
    people read, and shoppers need not download.
    """
    return INDENT.sub("", COMMENT.sub("", source))


# WhiteNoise has no types, so its class is Any to mypy.
class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Compressed files under names that hold their hash; imports between JavaScript modules follow the
    names. What shoppers download is lean.
    """

    support_js_module_import_aggregation = True

    @override
    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]  # not generic at run time
        if SHOPPERS_FILES.fullmatch(name):
            source = content.read()
            text = source.decode() if isinstance(source, bytes) else source
            content = ContentFile(make_lean(text).encode(), name=name)
        saved: str = super()._save(name, content)
        return saved
