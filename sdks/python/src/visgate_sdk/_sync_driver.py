"""Runs flows over httpx, blocking."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import Any, Callable, Generator, Iterator, Optional, TypeVar

import httpx

from ._config import Config
from ._effects import Effect, Emit, Flow, Open, Read, Response, Send, Sleep, Stream
from ._exchange_limit import LimitedBackend, exchange_limit
from ._httpx_adapter import (
    LIMITS,
    Body,
    build_request,
    client_closed,
    no_answer,
    response_of,
    stream_broken,
    stream_of,
    timed_out,
    tls_context,
)
from .errors import VisgateError

T = TypeVar("T")


class SyncDriver:
    """Runs flows over one pool of connections."""

    def __init__(self, config: Config, transport: Optional[httpx.BaseTransport]) -> None:
        self.config = config
        self._transport = transport
        self._closed = False
        self._pid = os.getpid()
        self._http = self._pool()

    def close(self) -> None:
        """Closes the connections and ends the calls of other threads."""
        self._closed = True
        if self._pid == os.getpid():  # inherited connections belong to the parent process
            for backend in self._backends:
                backend.shut_down()
            self._http.close()

    def _pool(self) -> httpx.Client:
        http = httpx.Client(transport=self._transport, verify=tls_context(), limits=LIMITS)
        self._backends = LimitedBackend.install(http)
        return http

    def _client(self) -> httpx.Client:
        """The pool of this process: two processes on one connection would read each other's answers."""
        if self._pid != os.getpid():
            self._pid, self._http = os.getpid(), self._pool()
        return self._http

    def run(self, flow: Flow[T], on_emit: Optional[Callable[[Any], object]] = None) -> T:
        """The result of the flow. ``on_emit`` is called with each emitted value."""
        with closing(self.iterate(flow)) as steps:
            while True:
                try:
                    emitted = next(steps)
                except StopIteration as end:
                    result: T = end.value
                    return result
                if on_emit is not None:
                    on_emit(emitted)

    def iterate(self, flow: Flow[T]) -> Generator[Any, None, T]:
        """The values that the flow emits; returns its result."""
        stream: Optional[Stream] = None
        sent: Any = None
        failure: Optional[VisgateError] = None
        try:
            while True:
                try:
                    effect = flow.send(sent) if failure is None else flow.throw(failure)
                except StopIteration as end:
                    result: T = end.value
                    return result
                sent, failure = None, None
                if isinstance(effect, Emit):
                    yield effect.value
                    continue
                if isinstance(effect, Open) and stream is not None:
                    stream.handle.close()
                try:
                    sent = self._do(effect)
                except VisgateError as error:
                    failure = error
                stream = sent if isinstance(sent, Stream) else stream
        finally:
            flow.close()
            if stream is not None:
                stream.handle.close()

    def _do(self, effect: Effect) -> Any:
        if isinstance(effect, Sleep):
            return time.sleep(effect.seconds)
        if isinstance(effect, Read):
            return effect.stream.handle.read(effect.max_silence)
        assert isinstance(effect, (Send, Open))
        return self._exchange(effect)

    def _exchange(self, effect: Send | Open) -> Response | Stream:
        if self._closed:
            raise client_closed()
        http = self._client()
        request = build_request(http, self.config, effect)
        end = time.monotonic() + effect.timeout
        try:
            with exchange_limit(effect.timeout):
                response = http.send(request, stream=True)
                if isinstance(effect, Open) and response.is_success:
                    return stream_of(response, _StreamHandle(response))
                return response_of(response, _read_body(response, Body(effect.call.max_answer_bytes), end))
        except VisgateError:
            raise
        except httpx.TimeoutException as cause:
            raise timed_out(effect.call, effect.timeout, cause) from None
        except Exception as cause:
            # After any other error the request may have been sent: a retry under the same key finds out.
            raise client_closed() if self._closed else no_answer(cause) from cause


def _read_body(response: httpx.Response, body: Body, end: float) -> bytes:
    """Checks the time after each part, because a caller's own transport does not use ``exchange_limit``."""
    try:
        for part in response.iter_bytes():
            body.add(part)
            if time.monotonic() > end:
                raise httpx.ReadTimeout("the whole answer took too long")
        return body.content()
    finally:
        response.close()


class _StreamHandle:
    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._parts: Iterator[bytes] = response.iter_bytes()

    def read(self, max_silence: float) -> Optional[bytes]:
        try:
            with exchange_limit(max_silence):
                return next(self._parts, None)
        except Exception as cause:
            raise stream_broken(type(cause).__name__, cause) from cause

    def close(self) -> None:
        self._response.close()
