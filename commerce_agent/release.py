"""Which code runs: the release, and a digest of its source, for every decision to name."""

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from commerce_agent import __version__

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("commerce_agent", "conversations", "catalog")
READ = (".py", ".yaml")
"""Source, and the wordings and rules that decide as much as source does."""
DIGITS = 10
RELEASE = re.compile(r'^__version__ = "([^"]+)"', re.MULTILINE)


@cache
def get_code_version() -> str:
    """The release and the digest of the source, as `0.1.0+3fa90c12de`. Two processes that say the same decide the same.

    Reads every source file once, so a process asks for it before its first turn.
    """
    return f"{__version__}+{digest_source(ROOT)}"


def name_code(root: Path) -> str:
    """The version of a checkout that is not the one that runs, named in the same way."""
    found = RELEASE.search((root / "commerce_agent" / "__init__.py").read_text(encoding="utf-8"))
    return f"{found[1] if found else '?'}+{digest_source(root)}"


def digest_source(root: Path) -> str:
    """The digest of the packages under a folder; the same wherever the folder lies."""
    digest = sha256()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in READ:
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:DIGITS]
