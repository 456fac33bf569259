"""Waits until a request has ended: by long polls, or by its event stream when the caller wants progress."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Callable, Optional

from ._calls import call_json, path_of, without_none
from ._config import Config
from ._deadlines import seconds_left, timeout_error
from ._effects import Call, Emit, Flow, Sleep
from ._request_events import parse_status, stream_events
from ._retry import WaitRetries, is_retryable
from .errors import VisgateError
from .types import RequestStatus

# Proxies often cut a connection that is silent for a minute.
_MAX_LONG_POLL_S = 30
POLL_INTERVAL_S = 2.0

OnProgress = Callable[[RequestStatus], object]


@dataclass(frozen=True)
class Waiting:
    """How to wait. ``deadline`` is on the monotonic clock."""

    deadline: float
    poll_interval: float = POLL_INTERVAL_S
    on_progress: Optional[OnProgress] = None

    def is_over(self) -> bool:
        """Whether the caller's time limit was reached. The time limit of one HTTP request does not count."""
        return time.monotonic() >= self.deadline


def wait_for_end(config: Config, request_id: str, waiting: Waiting) -> Flow[RequestStatus]:
    """The status ``completed`` or ``failed``; a failed request is not an error here.

    With ``on_progress`` it emits each change and the driver calls the callback. An error that the callback raises is
    the caller's, and does not count as a failure of the wait.
    """
    try:
        if waiting.on_progress is not None:
            status = yield from _watch(config, request_id, waiting)
            if status is not None:
                return status
        return (yield from _poll(config, request_id, waiting))
    except VisgateError as error:
        if time.monotonic() >= waiting.deadline and error.status_code is None:
            error = timeout_error(
                f"Request {request_id} did not end within the time limit. It continues: wait for it again by its id."
            )
        error.request_id = error.request_id or request_id
        raise error from None


def _watch(config: Config, request_id: str, waiting: Waiting) -> Flow[Optional[RequestStatus]]:
    """None when the stream ends without a terminal status, or does not arrive, as behind a proxy that buffers it."""
    try:
        return (yield from stream_events(config, request_id, deadline=waiting.deadline))
    except VisgateError as error:
        if not is_retryable(error) and error.error_code != "UNEXPECTED_ANSWER":
            raise
        return None


def _poll(config: Config, request_id: str, waiting: Waiting) -> Flow[RequestStatus]:
    retries = WaitRetries(config.timeout)
    while True:
        asked_at = time.monotonic()
        # A long poll answers only at the end, so a caller that wants progress is served by short polls.
        wait = None if waiting.on_progress is not None else long_poll_seconds(config, waiting.deadline)
        call = Call("GET", path_of("requests", request_id), query=without_none(wait=wait), max_retries=0)
        try:
            status = yield from call_json(config, call, parse_status, deadline=waiting.deadline)
        except VisgateError as error:
            seconds_left(1, waiting.deadline)
            yield from retries.sleep_after(error, waiting.deadline)
            continue
        retries.reset()
        if waiting.on_progress is not None:
            yield Emit(status)
        if status.is_terminal:
            return status
        yield from rest_of_interval(asked_at, waiting.poll_interval, waiting.deadline)


def long_poll_seconds(config: Config, deadline: Optional[float] = None) -> Optional[int]:
    """How long the gateway is asked to hold a poll until there is news; None: it is asked to answer at once."""
    left = math.inf if deadline is None else deadline - time.monotonic()
    return int(min(_MAX_LONG_POLL_S, config.timeout / 2, max(0.0, left))) or None


def rest_of_interval(asked_at: float, interval: float, deadline: Optional[float]) -> Flow[None]:
    """Sleeps until ``interval`` seconds after the poll, which is at once when the gateway held the poll that long."""
    pause = interval - (time.monotonic() - asked_at)
    if pause > 0:
        yield Sleep(seconds_left(pause, deadline))
