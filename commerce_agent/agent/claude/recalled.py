"""What the model answered in one turn: kept beside the decision, and answered again when the turn is replayed."""

import zlib
from collections.abc import Sequence
from typing import Any

import anthropic
import msgspec

from commerce_agent.agent.claude.calling import Deadline, Hear, Heard
from commerce_agent.agent.claude.describing import describe_call, read_usage
from commerce_agent.decoding import decode_json
from conversations.events.decisions import ModelCalled

_KEPT = frozenset({"text", "tool_use"})
"""What of a message the turn goes by. Thoughts are long, and only the service can read them."""


class HeardUnreadable(Exception):
    """Kept answers of a model are of a shape that this code does not read. The turn can be folded only."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"The kept answers of the model cannot be read: {reason}.")
        self.reason = reason


class ModelNotAsked(Exception):
    """The replayed turn asks the model once more than the recorded one did: it took another way."""

    def __init__(self, *, calls: int) -> None:
        super().__init__(f"The model was asked {calls} times then, and would be asked once more now.")
        self.calls = calls


class _Kept(msgspec.Struct, frozen=True):
    message: dict[str, Any]
    pieces: tuple[str, ...]
    milliseconds: float
    finished: tuple[str, ...] = ()


def pack_heard(heard: Sequence[Heard]) -> bytes:
    """The answers in their kept form; nothing where there were none."""
    if not heard:
        return b""
    kept = [
        _Kept(
            message=_write(each.message),
            pieces=each.pieces,
            milliseconds=each.milliseconds,
            finished=each.finished,
        )
        for each in heard
    ]
    return zlib.compress(msgspec.json.encode(kept))


def _write(message: anthropic.types.Message) -> dict[str, Any]:
    written = message.model_dump(mode="json", exclude_none=True)
    return {**written, "content": [block for block in written["content"] if block["type"] in _KEPT]}


class RecalledLine:
    """Answers what was answered then, call by call. Nothing is sent to anybody, and nothing is paid."""

    def __init__(self, *, heard: bytes, deadline: Deadline) -> None:
        self.deadline = deadline
        self.micros = 0
        self._kept = heard
        self._waiting = _unpack(heard)
        self._calls: list[ModelCalled] = []
        self.model = ""
        """The model that answered last."""

    @property
    def calls(self) -> tuple[ModelCalled, ...]:
        """Those that were answered."""
        return tuple(self._calls)

    @property
    def last_message(self) -> str | None:
        """The service's name for the last answer."""
        return self._calls[-1].message if self._calls else None

    @property
    def heard(self) -> bytes:
        """What was answered, as it was kept."""
        return self._kept

    def note_finished(self, tools: list[str]) -> None:
        """It is kept already."""

    async def ask(self, request: dict[str, Any], *, hear: Hear) -> Heard:
        """The next answer, handed on in the pieces by which it arrived. Raises `ModelNotAsked`."""
        if not self._waiting:
            raise ModelNotAsked(calls=len(self._calls))
        heard = self._waiting.pop(0)
        for piece in heard.pieces:
            await hear(piece)
        usage = read_usage(heard.message)
        self.micros += usage.micros
        self._calls.append(describe_call(heard, usage, request=request))
        self.model = heard.message.model
        return heard


def _unpack(kept: bytes) -> list[Heard]:
    try:
        read = decode_json(zlib.decompress(kept), tuple[_Kept, ...])
        return [
            Heard(
                message=anthropic.types.Message.model_validate(_in_order(each)),
                milliseconds=each.milliseconds,
                pieces=each.pieces,
            )
            for each in read
        ]
    except (msgspec.MsgspecError, zlib.error, ValueError) as error:
        raise HeardUnreadable(reason=type(error).__name__) from error


def _in_order(kept: _Kept) -> dict[str, Any]:
    """The message with its calls of tools as they were done: now nothing waits, so they are done as they stand."""
    places = {name: place for place, name in enumerate(kept.finished)}
    content = sorted(kept.message["content"], key=lambda block: places.get(block.get("id", ""), len(places)))
    return {**kept.message, "content": content}
