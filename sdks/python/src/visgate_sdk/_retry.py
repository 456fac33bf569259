"""Which failures of a call are worth another try, and when. Stated once, for calls, polls and streams alike."""

from __future__ import annotations

import math
import random
from email.utils import parsedate_to_datetime
from typing import Optional

import httpx

from .errors import VisgateError

_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
# The gateway has done nothing when it answers these.
_UNTOUCHED = frozenset({429, 503})
# Something in between, or the gateway itself, says that it is not there now.
_AWAY = frozenset({502, 503, 504})
# How httpx calls a connection that stood and broke.
_CUT = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError)
_FIRST_DELAY_S = 1.0
_MAX_DELAY_S = 5.0
# A longer Retry-After is the caller's to decide about.
_MAX_RETRY_AFTER_S = 60


def is_retryable(error: VisgateError, *, idempotent: bool = True) -> bool:
    """``idempotent``: doing it twice does no harm.

    An error that names a request is how that request ended, not how the call went: asking again changes nothing.
    """
    # UNAVAILABLE names the request that may be there: only the same call under the same key tells.
    if error.request_id is not None and error.error_code != "UNAVAILABLE":
        return False
    if error.status_code is not None:
        return error.status_code in (_STATUSES if idempotent else _UNTOUCHED)
    return idempotent and error.error_code in ("CONNECTION_ERROR", "CLIENT_TIMEOUT")


def is_outage(error: VisgateError) -> bool:
    """The gateway was there a moment ago: it is being restarted, more likely than that its address is wrong."""
    return error.status_code in _AWAY or isinstance(error.__cause__, _CUT)


def may_have_been_done(error: VisgateError) -> bool:
    """The answer got lost, or is of something in between: the gateway may have done what it was asked for."""
    if error.status_code is not None:
        return error.status_code in _STATUSES - _UNTOUCHED
    return not isinstance(error.__cause__, httpx.ConnectError)


def backoff_seconds(error: VisgateError, attempt: int) -> Optional[float]:
    """Before the retry after ``attempt`` (from 0); None when the server asks for more patience than a call has."""
    wanted = error.retry_after or 0
    if wanted > _MAX_RETRY_AFTER_S:
        return None
    own = min(_MAX_DELAY_S, _FIRST_DELAY_S * 2.0**attempt) * (0.5 + random.random() / 2)
    return max(own, float(wanted))


def parse_retry_after(header: Optional[str], now: float) -> Optional[int]:
    """``Retry-After``: seconds, or a date. ``now``: seconds since 1970."""
    if header is None:
        return None
    try:
        if header.isascii() and header.isdigit():
            return int(header)
        at = parsedate_to_datetime(header).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0, math.ceil(at - now))
