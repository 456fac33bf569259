"""Waiting until a request has ended: by the gateway's long-poll, or, to see its progress, by its event stream."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional

from ._config import Config
from ._effects import Call, Emit, Flow, Open, Read, Sleep, Stream
from ._flows import UNREADABLE, call_json, error_of, given, path_of, time_over, within
from ._parse import parse
from ._retry import backoff_seconds, is_retryable
from ._sse import Message, SseParser
from .errors import ConnectionError, VisgateError
from .types import RequestStatus

# Proxies on the way often cut what is silent for a minute.
_MAX_HOLD_S = 30
# The gateway sends a heartbeat every 15 s.
_SILENCE_S = 45.0
# The gateway ends every request by its deadline, 1,800 s unless given; a minute more for the answer.
_DEADLINE_S = 1800.0
_SLACK_S = 60.0
POLL_INTERVAL_S = 2.0
# Whoever still has something to say after that is a stream that comes through, though nothing changes.
_STEADY_S = 10.0
_STATUSES = ("pending", "processing", "completed", "failed")
# As long as a lock can be waited for, on every system.
FOREVER_S = 4e6

OnProgress = Callable[[RequestStatus], object]


@dataclass(frozen=True)
class Waiting:
    """How to wait. ``deadline`` is on the monotonic clock."""

    deadline: float
    poll_interval: float = POLL_INTERVAL_S
    on_progress: Optional[OnProgress] = None

    def is_over(self) -> bool:
        """Has the caller's own time passed? A question that took too long is another matter."""
        return time.monotonic() >= self.deadline


def deadline_after(timeout: Optional[float], deadline_seconds: Optional[float] = None) -> float:
    """On the monotonic clock: ``timeout`` seconds from now, else a minute more than the request's own deadline."""
    seconds = (deadline_seconds or _DEADLINE_S) + _SLACK_S if timeout is None else timeout
    return time.monotonic() + min(seconds, FOREVER_S)


class Patience:
    """While a request is waited for, a gateway that is away for a while is no reason to give up."""

    def __init__(self, config: Config) -> None:
        self._limit = config.timeout
        self._attempt = 0
        self._failing_since: Optional[float] = None

    def heard(self) -> None:
        """Something came."""
        self._attempt = 0
        self._failing_since = None

    def failed(self, error: VisgateError, deadline: Optional[float]) -> Flow[None]:
        """Waits before the next try; raises when ``error`` is final, or it has failed for as long as one call may take."""
        delay = backoff_seconds(error, self._attempt)
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
        if not is_retryable(error) or delay is None or now - self._failing_since >= self._limit:
            raise error
        self._attempt += 1
        yield Sleep(within(delay, deadline))


def wait_for_end(config: Config, request_id: str, waiting: Waiting) -> Flow[RequestStatus]:
    """The status ``completed`` or ``failed``; a failed request is not an error here.

    With ``on_progress`` each change is emitted: what the callback raises is the caller's, no failure of the wait.
    """
    try:
        if waiting.on_progress is not None:
            status = yield from _watch(config, request_id, waiting)
            if status is not None:
                return status
        return (yield from _poll(config, request_id, waiting))
    except VisgateError as error:
        if time.monotonic() >= waiting.deadline and error.status_code is None:
            message = f"Request {request_id} had not ended when the time was over. It goes on: wait for it by its id."
            error = time_over(message)
        error.request_id = error.request_id or request_id
        raise error from None


def _watch(config: Config, request_id: str, waiting: Waiting) -> Flow[Optional[RequestStatus]]:
    """None when the stream has nothing more to tell, or does not come through, as behind a proxy that holds it back."""
    try:
        return (yield from stream_events(config, request_id, deadline=waiting.deadline))
    except VisgateError as error:
        if not is_retryable(error) and error.error_code != "UNEXPECTED_ANSWER":
            raise
        return None


def hold_seconds(config: Config, deadline: Optional[float] = None) -> Optional[int]:
    """How long the gateway is asked to hold an answer until there is something to tell; None: not at all."""
    left = math.inf if deadline is None else deadline - time.monotonic()
    return int(min(_MAX_HOLD_S, config.timeout / 2, max(0.0, left))) or None


def rest_of_interval(asked_at: float, interval: float, deadline: Optional[float]) -> Flow[None]:
    """Whoever does not hold an answer is not asked again at once."""
    pause = interval - (time.monotonic() - asked_at)
    if pause > 0:
        yield Sleep(within(pause, deadline))


def _poll(config: Config, request_id: str, waiting: Waiting) -> Flow[RequestStatus]:
    patience = Patience(config)
    while True:
        asked_at = time.monotonic()
        # Whoever watches is told of what is on the way too.
        query = given(wait=None if waiting.on_progress is not None else hold_seconds(config, waiting.deadline))
        call = Call("GET", path_of("requests", request_id), query=query, max_retries=0)
        try:
            status = yield from call_json(config, call, _status_of, deadline=waiting.deadline)
        except VisgateError as error:
            within(1, waiting.deadline)
            yield from patience.failed(error, waiting.deadline)
            continue
        patience.heard()
        if waiting.on_progress is not None:
            yield Emit(status)
        if status.is_terminal:
            return status
        yield from rest_of_interval(asked_at, waiting.poll_interval, waiting.deadline)


def stream_events(
    config: Config, request_id: str, *, deadline: Optional[float] = None
) -> Flow[Optional[RequestStatus]]:
    """Emits each change once, in order, over as many connections as it takes.

    Answers the last status when the request has ended, None when the stream had nothing to tell any more.
    """
    patience = Patience(config)
    last_id: Optional[str] = None
    while True:
        try:
            stream = yield from _open(config, request_id, last_id, deadline)
            if stream is None:
                return None
            parser = SseParser()
            steady_at = time.monotonic() + _STEADY_S
            while (data := (yield Read(stream, within(_SILENCE_S, deadline)))) is not None:
                if time.monotonic() >= steady_at:
                    patience.heard()
                for message in _messages(parser, data):
                    if message.event != "status":
                        continue
                    status = _status_in(message)
                    patience.heard()
                    last_id = message.id or last_id
                    yield Emit(status)
                    if status.is_terminal:
                        return status
            raise ConnectionError("The event stream ended early.", error_code="CONNECTION_ERROR", retryable=True)
        except VisgateError as error:
            within(1, deadline)
            yield from patience.failed(error, deadline)


def _messages(parser: SseParser, data: bytes) -> List[Message]:
    try:
        return parser.feed(data)
    except ValueError as cause:
        raise _not_a_stream() from cause


def _status_in(message: Message) -> RequestStatus:
    try:
        return _status_of(json.loads(message.data))
    except (*UNREADABLE, RecursionError) as cause:
        raise _not_a_stream() from cause


def _status_of(body: Any) -> RequestStatus:
    status = parse(RequestStatus, body)
    if status.status not in _STATUSES:
        raise ValueError("a status that nobody can wait by")
    return status


def _not_a_stream() -> VisgateError:
    message = "The event stream is not the gateway's: check the base URL, and what is in between."
    return VisgateError(message, error_code="UNEXPECTED_ANSWER")


def _open(config: Config, request_id: str, last_id: Optional[str], deadline: Optional[float]) -> Flow[Optional[Stream]]:
    headers: Dict[str, str] = {"Accept": "text/event-stream"}
    if last_id is not None:
        headers["Last-Event-ID"] = last_id
    call = Call("GET", path_of("requests", request_id, "events"), headers=headers)
    answer = yield Open(call, within(config.timeout, deadline), within(_SILENCE_S, deadline))
    if not isinstance(answer, Stream):
        raise error_of(answer)
    if answer.status == 204:
        return None
    if not answer.content_type.startswith("text/event-stream"):
        raise _not_a_stream()
    return answer
