"""Where production serves static files from."""

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile, File
from typing_extensions import override
from whitenoise.storage import CompressedManifestStaticFilesStorage

COMMENT = re.compile(r"^ */\*.*?\*/\n", re.MULTILINE | re.DOTALL)
INDENT = re.compile(r"^ +", re.MULTILINE)
AROUND_MARKS = re.compile(r"\s*([{};,])\s*")
AFTER_COLON = re.compile(r"([\w-]): ")
IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ", re.MULTILINE)
SHOPPERS_FILES = re.compile(r"(widget/.*\.(js|css)|loader(\.\w+)?\.js)")
ENTRY = "widget/main.js"


def make_lean(source: str) -> str:
    """The same script or style without the comments that stand on lines of their own, and without indentation: what
    people read, and shoppers need not download.
    """
    return INDENT.sub("", COMMENT.sub("", source))


def make_lean_style(source: str) -> str:
    """A style sheet without the blanks around its marks besides. Those before a colon and around `+` mean something."""
    return AFTER_COLON.sub(r"\1:", AROUND_MARKS.sub(r"\1", make_lean(source)))


def join_modules(name: str, *, read: Callable[[str], str]) -> str:
    """One module in place of `name` and all it imports, each after those that it needs: one request, and one
    window for the compression. Their top-level names must differ; a browser refuses the whole otherwise.
    """
    joined: dict[str, str] = {}

    def visit(each: str) -> None:
        if each in joined:
            return
        source = make_lean(read(each))
        for needed in IMPORT.findall(source):
            visit(str(PurePosixPath(each).with_name(needed)))
        joined[each] = EXPORT.sub("", IMPORT.sub("", source))

    visit(name)
    return "".join(joined.values())


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
            lean = make_lean_style(text) if name.endswith(".css") else make_lean(text)
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
