"""Reading typed values: from many threads at once, and what does not fit."""

import subprocess
import sys

import msgspec
import pytest

from commerce_agent.decoding import build_json_decoder, convert, decode_json

FIRST_READ_BY_ALL = """
import sys
from threading import Barrier, Thread

import msgspec

from commerce_agent import decoding

if sys.argv[1] == "unplanned":
    decoding._plan = lambda shape: None
sys.setswitchinterval(1e-6)
for number in range(200):
    parts = [
        msgspec.defstruct(f"Part{number}_{part}", [("name", str), ("sizes", dict[str, list[int]])])
        for part in range(30)
    ]
    whole = msgspec.defstruct(f"Whole{number}", [(f"part{part}", kind) for part, kind in enumerate(parts)])
    plain = {f"part{part}": {"name": "sleeve", "sizes": {"eu": [38, 40]}} for part in range(30)}
    together = Barrier(4)
    def read():
        together.wait()
        decoding.convert(plain, whole)
    threads = [Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("read")
"""


class Size(msgspec.Struct, frozen=True):
    eu: int


def read_by_threads(how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", FIRST_READ_BY_ALL, how], capture_output=True, text=True, check=False
    )


def test_a_class_first_read_by_many_threads_at_once_is_read() -> None:
    read = read_by_threads("planned")

    assert (read.returncode, read.stdout, read.stderr) == (0, "read\n", "")


def test_without_the_plan_such_a_process_ends() -> None:
    """Where this one fails, msgspec has been mended, and `decoding` can go."""
    assert any(read_by_threads("unplanned").returncode < 0 for _ in range(5))


def test_values_are_read_strictly_unless_told_otherwise() -> None:
    assert convert({"eu": 38}, Size) == Size(38)
    assert convert({"eu": "38"}, Size, strict=False) == Size(38)
    with pytest.raises(msgspec.ValidationError, match=r"Expected `int`, got `str` - at `\$.eu`"):
        convert({"eu": "38"}, Size)


def test_json_is_read_as_asked_or_plainly() -> None:
    assert decode_json(b'[{"eu": 38}]', tuple[Size, ...]) == (Size(38),)
    assert decode_json("{}") == {}
    assert build_json_decoder(Size | None).decode(b"null") is None
    with pytest.raises(msgspec.DecodeError):
        decode_json("{", Size)
