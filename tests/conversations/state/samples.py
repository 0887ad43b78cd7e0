"""Hypothesis strategies for the vocabulary, built from its own types: a new event or field is covered as it comes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from conversations.events import Event

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_WORDS = st.text(max_size=12)

_PLAIN: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.NoneType: st.none(),
    inspect.BoolType: st.booleans(),
    inspect.IntType: st.integers(min_value=-(2**31), max_value=2**31),
    inspect.FloatType: st.floats(allow_nan=False, allow_infinity=False),
    inspect.StrType: _WORDS,
    inspect.BytesType: st.binary(max_size=12),
    inspect.DecimalType: st.decimals(min_value=-(10**6), max_value=10**6, places=2),
    inspect.DateTimeType: st.integers(min_value=0, max_value=10**15).map(
        lambda microseconds: _EPOCH + timedelta(microseconds=microseconds)
    ),
}


def _sample(described: inspect.Type) -> st.SearchStrategy[Any]:
    match described:
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.UnionType(types=types):
            return st.one_of(*map(_sample, types))
        case inspect.VarTupleType(item_type=item):
            return st.lists(_sample(item), max_size=2).map(tuple)
        case inspect.TupleType(item_types=items):
            return st.tuples(*map(_sample, items))
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_sample(key), _sample(value), max_size=2)
        case inspect.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{field.name: _sample(field.type) for field in fields})
        case _:
            return _PLAIN[type(described)]


def list_kinds() -> dict[str, type[msgspec.Struct]]:
    """The class of each event by its dotted kind."""
    return {str(cls.__struct_config__.tag): cls for cls in Event.__args__}


def sample_event(cls: type[msgspec.Struct]) -> st.SearchStrategy[Event]:
    """Events of one class, with everything its fields allow."""
    return _sample(inspect.type_info(cls))


ANY_EVENT: st.SearchStrategy[Event] = st.one_of(*map(sample_event, Event.__args__))
