"""The events of one request, over as many connections as it takes: each change of its status once, in order."""

from __future__ import annotations

import json
import time
from typing import Any, Dict, List, Optional

from ._calls import error_of, path_of
from ._config import Config
from ._deadlines import seconds_left
from ._effects import Call, Emit, Flow, Open, Read, Stream
from ._json import UNREADABLE, parse
from ._retry import WaitRetries
from ._sse import Message, SseParser
from .errors import ConnectionError, VisgateError
from .types import RequestStatus

# The gateway sends a heartbeat every 15 s.
_MAX_SILENCE_S = 45.0
# A connection that still carries bytes after this time works, even when no change comes.
_WORKING_AFTER_S = 10.0
_STATUSES = ("pending", "processing", "completed", "failed")


def stream_events(
    config: Config, request_id: str, *, deadline: Optional[float] = None
) -> Flow[Optional[RequestStatus]]:
    """Emits each change. After a broken connection it resumes behind the last event.

    Returns the last status when the request has ended, None when the gateway has no further events.
    """
    retries = WaitRetries(config.timeout)
    last_id: Optional[str] = None
    while True:
        try:
            stream = yield from _open(config, request_id, last_id, deadline)
            if stream is None:
                return None
            parser = SseParser()
            works_at = time.monotonic() + _WORKING_AFTER_S
            while (data := (yield Read(stream, seconds_left(_MAX_SILENCE_S, deadline)))) is not None:
                if time.monotonic() >= works_at:
                    retries.reset()
                for message in _messages(parser, data):
                    if message.event != "status":
                        continue
                    status = _status_in(message)
                    retries.reset()
                    last_id = message.id or last_id
                    yield Emit(status)
                    if status.is_terminal:
                        return status
            raise ConnectionError("The event stream ended early.", error_code="CONNECTION_ERROR", retryable=True)
        except VisgateError as error:
            seconds_left(1, deadline)
            yield from retries.sleep_after(error, deadline)


def _open(config: Config, request_id: str, last_id: Optional[str], deadline: Optional[float]) -> Flow[Optional[Stream]]:
    headers: Dict[str, str] = {"Accept": "text/event-stream"}
    if last_id is not None:
        headers["Last-Event-ID"] = last_id
    call = Call("GET", path_of("requests", request_id, "events"), headers=headers)
    opened = yield Open(call, seconds_left(config.timeout, deadline), seconds_left(_MAX_SILENCE_S, deadline))
    if not isinstance(opened, Stream):
        raise error_of(opened)
    if opened.status == 204:
        return None
    if not opened.content_type.startswith("text/event-stream"):
        raise _unexpected_stream()
    return opened


def _messages(parser: SseParser, data: bytes) -> List[Message]:
    try:
        return parser.feed(data)
    except ValueError as cause:
        raise _unexpected_stream() from cause


def _status_in(message: Message) -> RequestStatus:
    try:
        return parse_status(json.loads(message.data))
    except (*UNREADABLE, RecursionError) as cause:
        raise _unexpected_stream() from cause


def parse_status(body: Any) -> RequestStatus:
    """Raises ValueError for an unknown status, because nobody can know whether it is final."""
    status = parse(RequestStatus, body)
    if status.status not in _STATUSES:
        raise ValueError("an unknown status")
    return status


def _unexpected_stream() -> VisgateError:
    message = "The event stream does not come from a Visgate gateway: check the base URL, and any proxy in between."
    return VisgateError(message, error_code="UNEXPECTED_ANSWER")
