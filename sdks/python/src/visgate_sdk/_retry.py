"""Which failures are worth another try, and when. The same rules hold for calls, polls and streams."""

from __future__ import annotations

import math
import random
import time
from email.utils import parsedate_to_datetime
from typing import Optional

import httpx

from ._deadlines import seconds_left
from ._effects import Flow, Sleep
from .errors import VisgateError

_RETRYABLE_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
# The gateway answers these only when it has not begun to process the call.
_NOT_PROCESSED_STATUSES = frozenset({429, 503})
# The gateway, or a proxy in front of it, says that the gateway is not available now.
_OUTAGE_STATUSES = frozenset({502, 503, 504})
# httpx's errors for an established connection that broke.
_BROKEN = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError)
_FIRST_DELAY_S = 1.0
_MAX_DELAY_S = 5.0
# A longer Retry-After ends the call: the caller decides whether to wait.
_MAX_RETRY_AFTER_S = 60


def is_retryable(error: VisgateError, *, idempotent: bool = True) -> bool:
    """``idempotent``: sending the call twice has the same effect as sending it once."""
    # An error that names a request tells how that request ended: sending the call again changes nothing. UNAVAILABLE
    # names a request that may not exist: only the same call under the same key finds out.
    if error.request_id is not None and error.error_code != "UNAVAILABLE":
        return False
    if error.status_code is not None:
        return error.status_code in (_RETRYABLE_STATUSES if idempotent else _NOT_PROCESSED_STATUSES)
    return idempotent and error.error_code in ("CONNECTION_ERROR", "CLIENT_TIMEOUT")


def is_outage(error: VisgateError) -> bool:
    """The gateway was available a moment ago, so it is probably restarting rather than at another address."""
    return error.status_code in _OUTAGE_STATUSES or isinstance(error.__cause__, _BROKEN)


def may_have_been_processed(error: VisgateError) -> bool:
    """The answer was lost or came from a proxy, so the gateway may have processed the call."""
    if error.status_code is not None:
        return error.status_code in _RETRYABLE_STATUSES - _NOT_PROCESSED_STATUSES
    return not isinstance(error.__cause__, httpx.ConnectError)


def backoff_seconds(error: VisgateError, attempt: int) -> Optional[float]:
    """Seconds until the next try; None when the server asks for a longer wait than a call makes.

    ``attempt`` is 0 before the first retry.
    """
    retry_after = error.retry_after or 0
    if retry_after > _MAX_RETRY_AFTER_S:
        return None
    own = min(_MAX_DELAY_S, _FIRST_DELAY_S * 2.0**attempt) * (0.5 + random.random() / 2)
    return max(own, float(retry_after))


class WaitRetries:
    """The retries of a wait, whose polls and streams may fail while the gateway restarts.

    ``max_failing``: the seconds for which every try in a row may fail before the wait ends.
    """

    def __init__(self, max_failing: float) -> None:
        self._max_failing = max_failing
        self._attempt = 0
        self._failing_since: Optional[float] = None

    def reset(self) -> None:
        """The gateway answered: a later failure starts a new series."""
        self._attempt = 0
        self._failing_since = None

    def sleep_after(self, error: VisgateError, deadline: Optional[float]) -> Flow[None]:
        """Sleeps until the next try. Raises ``error`` when no try can help, or this series has lasted too long."""
        delay = backoff_seconds(error, self._attempt)
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
        if not is_retryable(error) or delay is None or now - self._failing_since >= self._max_failing:
            raise error
        self._attempt += 1
        yield Sleep(seconds_left(delay, deadline))


def parse_retry_after(header: Optional[str], now: float) -> Optional[int]:
    """Reads a ``Retry-After`` header: seconds, or a date. ``now``: seconds since 1970. None when it is not valid."""
    if header is None:
        return None
    try:
        if header.isascii() and header.isdigit():
            return int(header)
        at = parsedate_to_datetime(header).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0, math.ceil(at - now))
