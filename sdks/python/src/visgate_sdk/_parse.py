"""From JSON to dataclasses, by their type hints. Fields of a later server are ignored; what it leaves out is the default.

Raises TypeError for a value of another type: an answer is what it says, or it is not the gateway's.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from functools import cache
from typing import Any, Dict, Hashable, Type, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def parse(kind: Type[T], data: Dict[str, Any]) -> T:
    """``kind``: a dataclass."""
    hints = _hints(cast(Hashable, kind))
    fields = {name: _value(hints[name], data[name]) for name in hints if name in data}
    return kind(**fields)


@cache
def _hints(kind: Hashable) -> Dict[str, Any]:
    names = {field.name for field in dataclasses.fields(cast(Any, kind))}
    return {name: hint for name, hint in get_type_hints(kind).items() if name in names}


def _value(hint: Any, value: Any) -> Any:
    if get_origin(hint) is Union:  # Optional[...]: there is no other
        return None if value is None else _value(get_args(hint)[0], value)
    if get_origin(hint) is list:
        return [_value(get_args(hint)[0], one) for one in _of(list, value)]
    if get_origin(hint) is dict:
        return _of(dict, value)
    if hint is datetime:
        return parse_time(_of(str, value))
    if hint is float and not isinstance(value, float):
        return float(_of(int, value))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return parse(hint, _of(dict, value))
    return value if hint is Any else _of(hint, value)


def _of(kind: Type[T], value: Any) -> T:
    # To Python a bool is an int too.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{kind.__name__} was expected")
    return value


def parse_time(text: str) -> datetime:
    """ISO 8601 in UTC, as the API writes it; Python 3.9 and 3.10 do not read the Z."""
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return time


def time_text(at: Union[datetime, str]) -> str:
    """As the API takes it; a datetime without a zone is local time, as everywhere in Python."""
    if isinstance(at, str):
        return at
    return at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
