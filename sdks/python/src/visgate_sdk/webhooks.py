"""Whether a webhook is genuine and recent: the Standard Webhooks scheme."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from typing import Callable, List, Mapping, Optional, Sequence, Union

from ._flows import UNREADABLE
from ._parse import parse
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
    """The event that a genuine webhook tells.

    Args:
        body: the body as it came, before any parsing.
        headers: of the request; names in any case.
        secret: ``whsec_…``; several while one is being rotated: any of them will do.
        tolerance_seconds: how old, or how far ahead, ``webhook-timestamp`` may be.
        now: seconds since 1970.

    Raises:
        WebhookVerificationError: it is not genuine, or not recent.
    """
    found = {name.lower(): value for name, value in headers.items()}
    event_id, timestamp, signature = (_header(found, f"webhook-{name}") for name in ("id", "timestamp", "signature"))
    # Nothing is within a tolerance that is not a number.
    if not _SECONDS.fullmatch(timestamp) or not abs(now() - int(timestamp)) <= tolerance_seconds:
        raise _refused("its timestamp is too far off")
    raw = _raw(body)
    signed = f"{event_id}.{timestamp}.".encode("utf-8", "surrogatepass") + raw
    given = _signatures_in(signature)
    keys = _keys_in([secret] if isinstance(secret, str) else secret)
    # All of them are compared, so that the time taken tells nothing.
    fits = [hmac.compare_digest(_sign(key, signed), theirs) for key in keys for theirs in given]
    if not any(fits):
        raise _refused("no signature fits")
    try:
        return parse(WebhookEvent, json.loads(raw))
    except (*UNREADABLE, RecursionError):
        raise _refused("its body is not an event") from None


def _raw(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise _refused("its body is neither text nor bytes: take it as it came, before any parsing")


def _keys_in(secrets: Optional[Sequence[str]]) -> List[bytes]:
    """One that is none is left out: while a secret is being rotated, the other one will do."""
    texts = [one[len(_PREFIX) :] if one.startswith(_PREFIX) else one for one in secrets or [] if isinstance(one, str)]
    keys = [key for key in map(_bytes_of, texts) if key]
    if not keys:
        raise _refused("no secret is base64 (whsec_…)")
    return keys


def _sign(key: bytes, signed: bytes) -> bytes:
    return hmac.new(key, signed, hashlib.sha256).digest()


def _signatures_in(header: str) -> List[bytes]:
    """``v1,<base64> v1,<base64>``; other versions are not ours to judge."""
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
        raise _refused(f"the header {name} is missing")
    return value


def _refused(why: str) -> WebhookVerificationError:
    return WebhookVerificationError(f"The webhook is refused: {why}.", error_code="INVALID_WEBHOOK")
