"""A feed file by what it holds, not by what it is called: gzip or plain, XML or columns, and its encoding."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

import msgspec
from typing_extensions import override

from catalog.feeds.items import FeedUnreadable

GZIP = b"\x1f\x8b"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
UTF8 = b"\xef\xbb\xbf"
PEEK = 4096
OnProgress = Callable[[int, int], None]
"""Told bytes read and bytes in all."""


def ignore_progress(_read: int, _total: int) -> None:
    """For callers who do not watch."""


class CountingFile(io.RawIOBase):
    """A file that tells how far it was read."""

    def __init__(self, *, path: Path, on_progress: OnProgress) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        self._total = path.stat().st_size
        self._read = 0
        self._on_progress = on_progress

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: object) -> int:
        count = self._file.readinto(cast("bytearray", buffer)) or 0
        self._read += count
        self._on_progress(self._read, self._total)
        return count

    @override
    def close(self) -> None:
        self._file.close()
        super().close()


class OpenFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed's bytes, unpacked, and how to read them. Close it."""

    name: str
    stream: io.BufferedReader
    is_xml: bool
    encoding: str

    def open_text(self) -> IO[str]:
        """The text; bytes that are no text of this encoding come through as lone surrogates, to refuse their row."""
        return io.TextIOWrapper(self.stream, encoding=self.encoding, errors="surrogateescape", newline="")


def _buffer(raw: io.RawIOBase) -> io.BufferedReader:
    return io.BufferedReader(raw, 1 << 16)


def open_feed(*, path: Path, on_progress: OnProgress = ignore_progress) -> OpenFeed:
    """Opens a feed. Raises FeedUnreadable when it is not there or empty."""
    try:
        raw = _buffer(CountingFile(path=path, on_progress=on_progress))
    except OSError as error:
        raise FeedUnreadable(name=path.name, problem=f"{error.strerror}.") from error
    stream = raw
    if raw.peek(2)[:2] == GZIP:
        stream = _buffer(cast("io.RawIOBase", gzip.GzipFile(fileobj=raw)))
    try:
        start = stream.peek(PEEK)[:PEEK]
    except (OSError, EOFError) as error:
        raise FeedUnreadable(name=path.name, problem="its gzip packing is damaged.") from error
    if not start.strip():
        raise FeedUnreadable(name=path.name, problem="it is empty.")
    encoding = "utf-16" if start[:2] in UTF16 else "utf-8-sig"
    text = start.decode(encoding, errors="ignore").lstrip()
    return OpenFeed(name=path.name, stream=stream, is_xml=text.startswith("<"), encoding=encoding)
