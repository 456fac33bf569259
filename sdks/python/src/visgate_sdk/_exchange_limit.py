"""A time limit for a whole blocking exchange. httpx limits only each single read, and their number is not limited."""

from __future__ import annotations

import socket
import threading
import time
import weakref
from contextlib import contextmanager, suppress
from typing import Any, Iterator, Optional, Type

import httpcore
import httpx

# Per thread, the end of its current exchange on the monotonic clock.
_current = threading.local()
# A long body is written in parts: a single write of all of it would have the whole time for each part that is sent.
_WRITE_BYTES = 16_384


@contextmanager
def exchange_limit(seconds: float) -> Iterator[None]:
    """Everything that this thread does over connections of a ``LimitedBackend`` meanwhile ends within the limit."""
    _current.end = time.monotonic() + seconds
    try:
        yield
    finally:
        _current.end = None


def _remaining(timeout: Optional[float], late: Type[Exception]) -> Optional[float]:
    end: Optional[float] = getattr(_current, "end", None)
    if end is None:
        return timeout
    left = end - time.monotonic()
    if left <= 0:
        raise late("the whole exchange took too long")
    return left if timeout is None else min(timeout, left)


class LimitedBackend(httpcore.NetworkBackend):
    """Makes the connections of a client, in place of the backend that httpx would use."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner
        self._streams: weakref.WeakSet[_LimitedStream] = weakref.WeakSet()

    @classmethod
    def install(cls, http: httpx.Client) -> list[LimitedBackend]:
        """Replaces the backends of a client and returns the new ones. A transport without httpcore stays unchanged."""
        # httpx has no option for it.
        pools = [getattr(transport, "_pool", None) for transport in (http._transport, *http._mounts.values())]
        installed = []
        for pool in pools:
            inner: Any = getattr(pool, "_network_backend", None)
            if isinstance(inner, httpcore.NetworkBackend):
                backend = inner if isinstance(inner, LimitedBackend) else cls(inner)
                setattr(pool, "_network_backend", backend)  # noqa: B010
                installed.append(backend)
        return installed

    def shut_down(self) -> None:
        """Ends the exchanges of other threads: closing a socket alone would not wake a thread that reads from it."""
        for stream in list(self._streams):
            stream.shut_down()

    def connect_tcp(
        self, host: str, port: int, timeout: Optional[float] = None, *args: Any, **named: Any
    ) -> _LimitedStream:
        """See httpcore.NetworkBackend."""
        remaining = _remaining(timeout, httpcore.ConnectTimeout)
        return self._limited(self._inner.connect_tcp(host, port, remaining, *args, **named))

    def connect_unix_socket(
        self, path: str, timeout: Optional[float] = None, *args: Any, **named: Any
    ) -> _LimitedStream:
        """See httpcore.NetworkBackend."""
        remaining = _remaining(timeout, httpcore.ConnectTimeout)
        return self._limited(self._inner.connect_unix_socket(path, remaining, *args, **named))

    def sleep(self, seconds: float) -> None:
        """See httpcore.NetworkBackend."""
        self._inner.sleep(seconds)

    def _limited(self, inner: httpcore.NetworkStream) -> _LimitedStream:
        stream = _LimitedStream(inner, self)
        self._streams.add(stream)
        return stream


class _LimitedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, backend: LimitedBackend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: Optional[float] = None) -> bytes:
        return self._inner.read(max_bytes, _remaining(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: Optional[float] = None) -> None:
        for start in range(0, len(buffer), _WRITE_BYTES):
            part = buffer[start : start + _WRITE_BYTES]
            self._inner.write(part, _remaining(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: Any = None, timeout: Optional[float] = None
    ) -> _LimitedStream:
        remaining = _remaining(timeout, httpcore.ConnectTimeout)
        return self._backend._limited(self._inner.start_tls(ssl_context, server_hostname, remaining))

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def shut_down(self) -> None:
        raw = self.get_extra_info("socket")
        with suppress(OSError):
            if isinstance(raw, socket.socket):
                # Not the TLS socket's own method: it changes state that the reading thread is using.
                socket.socket.shutdown(raw, socket.SHUT_RDWR)
