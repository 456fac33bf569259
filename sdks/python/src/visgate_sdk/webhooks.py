"""Verifies that a webhook is genuine and recent, by the Standard Webhooks scheme."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from typing import Callable, List, Mapping, Optional, Sequence, Union

from ._json import UNREADABLE, parse
from .errors import WebhookVerificationError
from .types import WebhookEvent

_PREFIX = "whsec_"
_SECONDS = re.compile(r"[0-9]{1,12}")


def verify_webhook(
    body: Union[str, bytes],
    headers: Mapping[str, str],
    secret: Union[str, Sequence[str]],
    *,
    tolerance_seconds: float = 300.0,
    now: Callable[[], float] = time.time,
) -> WebhookEvent:
    """Verifies a webhook and returns its event.

    Args:
        body: the body as it was received, before any parsing.
        headers: the headers of the request; names in any case.
        secret: ``whsec_…``, or several during a rotation: one match is enough. Values that are not secrets are ignored.
        tolerance_seconds: seconds by which ``webhook-timestamp`` may differ from the current time.
        now: the current time in seconds since 1970.

    Raises:
        WebhookVerificationError: the webhook is not genuine, not recent or not an event; or no secret is usable.
    """
    found = {name.lower(): value for name, value in headers.items()}
    event_id, timestamp, signature = (_header(found, f"webhook-{name}") for name in ("id", "timestamp", "signature"))
    # `not ... <=`: with a tolerance of NaN every webhook is refused.
    if not _SECONDS.fullmatch(timestamp) or not abs(now() - int(timestamp)) <= tolerance_seconds:
        raise _invalid("its timestamp is too far from the current time")
    raw = _raw(body)
    signed = f"{event_id}.{timestamp}.".encode("utf-8", "surrogatepass") + raw
    signatures = _signatures_in(signature)
    keys = _keys_in([secret] if isinstance(secret, str) else secret)
    # Compares all pairs, so that the duration reveals nothing about a match.
    matches = [hmac.compare_digest(_sign(key, signed), theirs) for key in keys for theirs in signatures]
    if not any(matches):
        raise _invalid("no signature matches")
    try:
        return parse(WebhookEvent, json.loads(raw))
    except (*UNREADABLE, RecursionError):
        raise _invalid("its body is not an event") from None


def _raw(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise _invalid("its body must be the raw text or bytes, before any parsing")


def _keys_in(secrets: Optional[Sequence[str]]) -> List[bytes]:
    """The usable secrets: during a rotation, one of them may not be set."""
    texts = [one[len(_PREFIX) :] if one.startswith(_PREFIX) else one for one in secrets or [] if isinstance(one, str)]
    keys = [key for key in map(_bytes_of, texts) if key]
    if not keys:
        raise _invalid("no secret is valid base64 (whsec_…)")
    return keys


def _sign(key: bytes, signed: bytes) -> bytes:
    return hmac.new(key, signed, hashlib.sha256).digest()


def _signatures_in(header: str) -> List[bytes]:
    """Reads ``v1,<base64> v1,<base64>``; other versions are skipped."""
    own = (part[3:] for part in header.split(" ") if part.startswith("v1,"))
    return [signature for signature in map(_bytes_of, own) if signature]


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value or not isinstance(value, str):
        raise _invalid(f"the header {name} is missing")
    return value


def _invalid(why: str) -> WebhookVerificationError:
    return WebhookVerificationError(f"The webhook is not valid: {why}.", error_code="INVALID_WEBHOOK")
