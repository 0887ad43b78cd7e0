"""Plain values and octets into typed ones: the one way in, safe from many threads.

msgspec works out what a class holds when it first reads it, and shows other threads its half-built plan in the
meantime: a thread that reads the same class in that moment ends the process. So the plan of each shape is made
under a lock before the shape is first read.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar, overload

import msgspec
import yaml

Shape = TypeVar("Shape")

_YAML: type[yaml.SafeLoader | yaml.CSafeLoader] = (
    yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
)
"""The loader in C reads the same in a tenth of the time."""

_lock = Lock()
_planned: set[Any] = set()

Hook = Callable[[type, Any], Any]
JsonDecoder = msgspec.json.Decoder
Octets = bytes | bytearray | memoryview | str


@overload
def convert(value: object, shape: type[Shape], *, strict: bool = True) -> Shape: ...
@overload
def convert(value: object, shape: Any, *, strict: bool = True) -> Any: ...
def convert(value: object, shape: Any, *, strict: bool = True) -> Any:
    """The value as the shape; where not strict, text may stand for numbers and the like.

    Raises msgspec.ValidationError where it does not fit.
    """
    if shape not in _planned:
        _plan(shape)
    return msgspec.convert(value, shape, strict=strict)


@overload
def decode_json(octets: Octets, shape: type[Shape], *, dec_hook: Hook | None = None) -> Shape: ...
@overload
def decode_json(octets: Octets, shape: Any = Any, *, dec_hook: Hook | None = None) -> Any: ...
def decode_json(octets: Octets, shape: Any = Any, *, dec_hook: Hook | None = None) -> Any:
    """What the JSON holds as the shape, of which `dec_hook` reads what msgspec does not know.

    Raises msgspec.DecodeError where it is no JSON, and ValidationError, one of these, where it does not fit.
    """
    if shape not in _planned:
        _plan(shape)
    return msgspec.json.decode(octets, type=shape, dec_hook=dec_hook)


def decode_yaml(text: str) -> Any:
    """Plain values only; raises yaml.YAMLError for what is none."""
    return yaml.load(text, Loader=_YAML)  # noqa: S506


@overload
def build_json_decoder(
    shape: type[Shape], *, dec_hook: Hook | None = None
) -> msgspec.json.Decoder[Shape]: ...
@overload
def build_json_decoder(shape: Any, *, dec_hook: Hook | None = None) -> msgspec.json.Decoder[Any]: ...
def build_json_decoder(shape: Any, *, dec_hook: Hook | None = None) -> msgspec.json.Decoder[Any]:
    """What reads JSON as the shape again and again, without asking for its plan each time."""
    _plan(shape)
    return msgspec.json.Decoder(shape, dec_hook=dec_hook)


@overload
def build_msgpack_decoder(shape: type[Shape]) -> msgspec.msgpack.Decoder[Shape]: ...
@overload
def build_msgpack_decoder(shape: Any) -> msgspec.msgpack.Decoder[Any]: ...
def build_msgpack_decoder(shape: Any) -> msgspec.msgpack.Decoder[Any]:
    """What reads MessagePack as the shape."""
    _plan(shape)
    return msgspec.msgpack.Decoder(shape)


def _plan(shape: Any) -> None:
    with _lock:
        msgspec.msgpack.Decoder(shape)
        _planned.add(shape)
