"""Rows of a table, read as what they say: "In stock" over a 6 says that there are six."""

import re
from functools import cache

from commerce_agent.agent.grounding.cues import alternate, get_cues
from commerce_agent.agent.grounding.numbers import DIGITS

_CELLS = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[\s|:-]+")
_OF_LABELS = re.compile(
    r"|features?|specs?|details?|property|attribute|criterion|merkmal|eigenschaft|detalle|característica|propiedad|caractéristique"
    r"|critère",
    re.IGNORECASE,
)
"""Over a column of labels: the goods head the others."""
_UNIT = re.compile(r"^(?P<head>.*?)\s*[(\[](?P<unit>[^()\[\]]{1,16})[)\]]\s*$")
_BARE = re.compile(rf"(?P<sign>[^\w\s]?\s?){DIGITS}(?:\s?[-–]\s?{DIGITS})?")


class Rows:
    """Keeps the head of the table that is being told."""

    def __init__(self) -> None:
        self._head: tuple[str, ...] = ()

    def read(self, line: str) -> str:
        """The line, with the head of its column before each cell; what is in no table comes back as it is."""
        if not line.startswith("|"):
            self._head = ()
            return line
        cells = tuple(cell.strip() for cell in _CELLS.split(line.strip().strip("|")))
        if not self._head:
            self._head = cells
            return line
        if _RULE.fullmatch(line) or len(cells) != len(self._head):
            return line
        if _OF_LABELS.fullmatch(self._head[0]):
            told = zip(self._head[1:], cells[1:], strict=True)
            return "; ".join(f"{head}: {_tell(cells[0], cell)}" for head, cell in told if cell)
        return "; ".join(_tell(head, cell) for head, cell in zip(self._head, cells, strict=True) if cell)


def _tell(head: str, cell: str) -> str:
    found = _UNIT.match(head)
    named, unit = (found["head"], found["unit"].strip()) if found else (head, "")
    if not _BARE.fullmatch(cell):
        return f"{named}: {cell}" if named else cell
    if _get_units().fullmatch(named):
        return f"{cell} {named}"
    told = f"{cell} {unit}" if _get_units().fullmatch(unit) else cell
    return f"{named}: {told}" if named else told


@cache
def _get_units() -> re.Pattern[str]:
    cues = get_cues()
    return re.compile(
        rf"[€$£¥%]|[A-Z]{{3}}|{alternate((*cues.periods, *cues.list_words('money'), *cues.list_words('percent')))}",
        re.IGNORECASE,
    )
