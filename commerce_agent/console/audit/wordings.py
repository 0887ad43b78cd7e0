"""What differs between two wordings, word by word."""

import re
from difflib import SequenceMatcher
from typing import Literal

import msgspec

WORDS = re.compile(r"\s+|[^\s]+")


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of words that stays, goes or comes."""

    kind: Literal["same", "gone", "new"]
    words: str


def list_edits(*, before: str, after: str) -> tuple[Edit, ...]:
    """How one wording becomes the other."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    edits: list[Edit] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            edits.append(Edit(kind="same", words="".join(old[i1:i2])))
            continue
        if i2 > i1:
            edits.append(Edit(kind="gone", words="".join(old[i1:i2])))
        if j2 > j1:
            edits.append(Edit(kind="new", words="".join(new[j1:j2])))
    return tuple(edits)
