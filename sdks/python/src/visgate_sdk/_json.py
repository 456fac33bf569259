"""The body of a call as the bytes that are sent: made once, so that every try and replay says the same."""

from __future__ import annotations

import json
from typing import Any, Mapping

from .errors import ValidationError


def json_bytes(fields: Mapping[str, Any]) -> bytes:
    """Raises ValidationError naming the field that JSON cannot hold."""
    members = [json.dumps(name).encode() + b": " + _value(name, value) for name, value in fields.items()]
    return b"{" + b", ".join(members) + b"}"


def _value(field: str, value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as cause:
        message = f"{field} cannot be sent as JSON: {cause}"
        raise ValidationError(message, error_code="VALIDATION_ERROR", details={"field": field}) from cause
