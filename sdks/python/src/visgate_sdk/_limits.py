"""A time limit for a whole blocking exchange: httpx limits every single read of it, and there may be any number."""

from __future__ import annotations

import socket
import threading
import time
import weakref
from contextlib import contextmanager, suppress
from typing import Any, Iterator, Optional, Type

import httpcore
import httpx

# The end of what this thread is doing, on the monotonic clock.
_here = threading.local()
# The rest of a long body has a limit of its own, or a slow reader would have the whole time for each part of it.
_WRITE_BYTES = 16_384


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Whatever this thread does meanwhile over connections that ``Sockets`` has made ends in time."""
    _here.end = time.monotonic() + seconds
    try:
        yield
    finally:
        _here.end = None


def _left(timeout: Optional[float], late: Type[Exception]) -> Optional[float]:
    end: Optional[float] = getattr(_here, "end", None)
    if end is None:
        return timeout
    left = end - time.monotonic()
    if left <= 0:
        raise late("the whole exchange took too long")
    return left if timeout is None else min(timeout, left)


class Sockets(httpcore.NetworkBackend):
    """Makes the connections of a client, in place of what httpx would make them with."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner
        self._streams: weakref.WeakSet[_Stream] = weakref.WeakSet()

    @classmethod
    def of(cls, http: httpx.Client) -> list[Sockets]:
        """Those of a client from now on. A transport that is not over httpcore is left as it is."""
        # httpx has no option for it.
        pools = [getattr(one, "_pool", None) for one in (http._transport, *http._mounts.values())]
        made = []
        for pool in pools:
            inner: Any = getattr(pool, "_network_backend", None)
            if isinstance(inner, httpcore.NetworkBackend):
                sockets = inner if isinstance(inner, Sockets) else cls(inner)
                setattr(pool, "_network_backend", sockets)  # noqa: B010
                made.append(sockets)
        return made

    def cut(self) -> None:
        """Ends what other threads are doing: closing alone would not wake them."""
        for stream in list(self._streams):
            stream.cut()

    def connect_tcp(self, host: str, port: int, timeout: Optional[float] = None, *args: Any, **named: Any) -> _Stream:
        """As the one that it stands for."""
        left = _left(timeout, httpcore.ConnectTimeout)
        return self._kept(self._inner.connect_tcp(host, port, left, *args, **named))

    def connect_unix_socket(self, path: str, timeout: Optional[float] = None, *args: Any, **named: Any) -> _Stream:
        """As the one that it stands for."""
        left = _left(timeout, httpcore.ConnectTimeout)
        return self._kept(self._inner.connect_unix_socket(path, left, *args, **named))

    def sleep(self, seconds: float) -> None:
        """As the one that it stands for."""
        self._inner.sleep(seconds)

    def _kept(self, inner: httpcore.NetworkStream) -> _Stream:
        stream = _Stream(inner, self)
        self._streams.add(stream)
        return stream


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, sockets: Sockets) -> None:
        self._inner = inner
        self._sockets = sockets

    def read(self, max_bytes: int, timeout: Optional[float] = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: Optional[float] = None) -> None:
        for start in range(0, len(buffer), _WRITE_BYTES):
            self._inner.write(buffer[start : start + _WRITE_BYTES], _left(timeout, httpcore.WriteTimeout))

    def start_tls(self, ssl_context: Any, server_hostname: Any = None, timeout: Optional[float] = None) -> _Stream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return self._sockets._kept(self._inner.start_tls(ssl_context, server_hostname, left))

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def cut(self) -> None:
        raw = self.get_extra_info("socket")
        with suppress(OSError):
            if isinstance(raw, socket.socket):
                # Not the TLS socket's own method: it would change what the reading thread is in the middle of.
                socket.socket.shutdown(raw, socket.SHUT_RDWR)
