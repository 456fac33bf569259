"""Does what flows ask for over httpx, blocking."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import Any, Callable, Generator, Iterator, Optional, TypeVar

import httpx

from ._config import Config
from ._effects import Answer, Effect, Emit, Flow, Open, Read, Send, Sleep, Stream
from ._limits import Sockets, limited
from ._transport import LIMITS, Parts, answer_of, build_request, closed, cut, late, no_answer, stream_of, tls
from .errors import VisgateError

T = TypeVar("T")


class SyncDriver:
    """One pool of connections, and the flows that use it."""

    def __init__(self, config: Config, transport: Optional[httpx.BaseTransport]) -> None:
        self.config = config
        self._transport = transport
        self._closed = False
        self._pid = os.getpid()
        self._http = self._pool()

    def close(self) -> None:
        """Closes the connections; calls of other threads end."""
        self._closed = True
        if self._pid == os.getpid():  # what a fork has inherited is the other process's
            for sockets in self._sockets:
                sockets.cut()
            self._http.close()

    def _pool(self) -> httpx.Client:
        http = httpx.Client(transport=self._transport, verify=tls(), limits=LIMITS)
        self._sockets = Sockets.of(http)
        return http

    def _client(self) -> httpx.Client:
        """This process's own: over a connection that a fork shares, one would read what was answered to the other."""
        if self._pid != os.getpid():
            self._pid, self._http = os.getpid(), self._pool()
        return self._http

    def run(self, flow: Flow[T], tell: Optional[Callable[[Any], object]] = None) -> T:
        """The flow's result; ``tell`` is called with what it emits."""
        with closing(self.iterate(flow)) as steps:
            while True:
                try:
                    emitted = next(steps)
                except StopIteration as end:
                    result: T = end.value
                    return result
                if tell is not None:
                    tell(emitted)

    def iterate(self, flow: Flow[T]) -> Generator[Any, None, T]:
        """What the flow emits; its result at the end."""
        stream: Optional[Stream] = None
        came: Any = None
        failure: Optional[VisgateError] = None
        try:
            while True:
                try:
                    effect = flow.send(came) if failure is None else flow.throw(failure)
                except StopIteration as end:
                    result: T = end.value
                    return result
                came, failure = None, None
                if isinstance(effect, Emit):
                    yield effect.value
                    continue
                if isinstance(effect, Open) and stream is not None:
                    stream.handle.close()
                try:
                    came = self._do(effect)
                except VisgateError as error:
                    failure = error
                stream = came if isinstance(came, Stream) else stream
        finally:
            flow.close()
            if stream is not None:
                stream.handle.close()

    def _do(self, effect: Effect) -> Any:
        if isinstance(effect, Sleep):
            return time.sleep(effect.seconds)
        if isinstance(effect, Read):
            return effect.stream.handle.read(effect.silence)
        assert isinstance(effect, (Send, Open))
        return self._exchange(effect)

    def _exchange(self, effect: Send | Open) -> Answer | Stream:
        if self._closed:
            raise closed()
        http = self._client()
        request = build_request(http, self.config, effect)
        end = time.monotonic() + effect.timeout
        try:
            with limited(effect.timeout):
                response = http.send(request, stream=True)
                if isinstance(effect, Open) and response.is_success:
                    return stream_of(response, _Body(response))
                return answer_of(response, _drain(response, end))
        except VisgateError:
            raise
        except httpx.TimeoutException as cause:
            raise late(effect.call, effect.timeout, cause) from None
        except Exception as cause:
            # Whatever else it is, the request may have been sent: only the same one again, under its key, tells.
            raise closed() if self._closed else no_answer(cause) from cause


def _drain(response: httpx.Response, end: float) -> bytes:
    """Keeps to the time also over a transport of the caller's own, part by part."""
    try:
        parts = Parts()
        for part in response.iter_bytes():
            parts.add(part)
            if time.monotonic() > end:
                raise httpx.ReadTimeout("the whole answer took too long")
        return parts.whole()
    finally:
        response.close()


class _Body:
    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._parts: Iterator[bytes] = response.iter_bytes()

    def read(self, silence: float) -> Optional[bytes]:
        try:
            with limited(silence):
                return next(self._parts, None)
        except Exception as cause:
            raise cut(type(cause).__name__, cause) from cause

    def close(self) -> None:
        self._response.close()
