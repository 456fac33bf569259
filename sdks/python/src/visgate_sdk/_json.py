"""Between JSON and Python values: request bodies, dataclasses made by their type hints, and times."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime, timezone
from functools import cache
from typing import (
    Any,
    Dict,
    Hashable,
    Mapping,
    Sequence,
    Type,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from .errors import ValidationError

T = TypeVar("T")
# What reading JSON of an unexpected structure raises.
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)


def json_bytes(fields: Mapping[str, Any]) -> bytes:
    """The body of a call. It is made once, so that every retry and replay sends the same bytes.

    Raises ValidationError naming the field that JSON cannot hold.
    """
    members = [json.dumps(name).encode() + b": " + _value_bytes(name, value) for name, value in fields.items()]
    return b"{" + b", ".join(members) + b"}"


def _value_bytes(field: str, value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as cause:
        message = f"{field} cannot be sent as JSON: {cause}"
        raise ValidationError(message, error_code="VALIDATION_ERROR", details={"field": field}) from cause


def is_unicode(text: str) -> bool:
    """Whether it can be sent. A ``str`` may also hold halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse(kind: Type[T], data: Dict[str, Any]) -> T:
    """An instance of the dataclass ``kind``. Unknown fields are ignored; missing ones get their default.

    Raises one of UNREADABLE when a value has another type or is missing: then the answer is not the gateway's.
    """
    hints = _hints(cast(Hashable, kind))
    fields = {name: _parse_value(hints[name], data[name]) for name in hints if name in data}
    return kind(**fields)


@cache
def _hints(kind: Hashable) -> Dict[str, Any]:
    names = {field.name for field in dataclasses.fields(cast(Any, kind))}
    return {name: hint for name, hint in get_type_hints(kind).items() if name in names}


def _parse_value(hint: Any, value: Any) -> Any:
    if get_origin(hint) is Union:
        return _parse_one_of([one for one in get_args(hint) if one is not type(None)], value)
    if get_origin(hint) is list:
        return [_parse_value(get_args(hint)[0], item) for item in _require(list, value)]
    if get_origin(hint) is dict:
        return _require(dict, value)
    if hint is datetime:
        return parse_time(_require(str, value))
    if hint is date:
        return date.fromisoformat(_require(str, value))
    if hint is float and not isinstance(value, float):
        return float(_require(int, value))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return parse(hint, _require(dict, value))
    return value if hint is Any else _require(hint, value)


def _parse_one_of(hints: Sequence[Any], value: Any) -> Any:
    """The value by the first type that it fits; None stays None."""
    if value is None:
        return None
    for hint in hints[:-1]:
        try:
            return _parse_value(hint, value)
        except UNREADABLE:
            pass
    return _parse_value(hints[-1], value)


def _require(kind: Type[T], value: Any) -> T:
    # In Python a bool is an int as well.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"expected {kind.__name__}")
    return value


def parse_time(text: str) -> datetime:
    """Reads ISO 8601 in UTC, as the API writes it. Python 3.9 and 3.10 do not accept the Z."""
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if time.tzinfo is None:
        raise ValueError("a time without a time zone")
    return time


def time_text(at: Union[datetime, str]) -> str:
    """Writes a time as the API reads it. A datetime without a time zone is local time, as usual in Python."""
    if isinstance(at, str):
        return at
    return at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
