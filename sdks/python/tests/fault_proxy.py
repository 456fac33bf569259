"""An HTTP proxy in front of the API that injects the faults of a test and passes all other calls through."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Dict, List, Optional, Type

import httpx


@dataclass
class Fault:
    """A fault of the next ``times`` calls with this method and path.

    ``kind``: ``cut_before`` (the API never receives the call), ``cut_answer`` (its answer is lost), ``hold_answer`` (it
    never arrives), ``late_answer`` (it arrives ``seconds`` later), ``answer`` (``status``, ``headers`` and
    ``body`` replace it), ``cut_stream`` and ``hold_stream`` (the stream breaks or stops after ``bytes`` bytes).
    """

    method: str
    path: str
    kind: str
    status: int = 0
    headers: Dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    times: int = 1
    seconds: float = 0
    bytes: int = 0


@dataclass(frozen=True)
class Seen:
    """A call that the proxy received, with or without a fault."""

    method: str
    path: str
    headers: Dict[str, str]


class FaultProxy:
    """Listens on 127.0.0.1; a context manager."""

    def __init__(self, target: str) -> None:
        self.seen: List[Seen] = []
        self._faults: List[Fault] = []
        self._lock = threading.Lock()
        self._arrived = threading.Condition()
        self._ended = threading.Event()
        self._upstream = httpx.Client(base_url=target, timeout=60, verify=False)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultProxy:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._upstream.close()

    def spoil(self, *faults: Fault) -> None:
        """Adds faults. A call gets the first one that matches it."""
        with self._lock:
            self._faults.extend(faults)

    def posts(self) -> List[Seen]:
        """The POSTs that the proxy received."""
        return [seen for seen in self.seen if seen.method == "POST"]

    def wait_for_call(self, method: str, path_end: str = "", seconds: float = 10) -> bool:
        """Waits until such a call has arrived; False when none arrived in time."""

        def has_arrived() -> bool:
            return any(seen.method == method and seen.path.endswith(path_end) for seen in self.seen)

        with self._arrived:
            return self._arrived.wait_for(has_arrived, seconds)

    def wait_for_post(self) -> bool:
        """Waits until a POST has arrived; False when none arrived in time."""
        return self.wait_for_call("POST")

    def _take(self, method: str, path: str) -> Optional[Fault]:
        with self._lock:
            for fault in self._faults:
                if fault.method == method and path.startswith(f"/api/v1{fault.path}"):
                    fault.times -= 1
                    if fault.times == 0:
                        self._faults.remove(fault)
                    return fault
        return None

    def _handler(self) -> Type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                """Logs nothing."""

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                fault = proxy._take(self.command, self.path)
                with proxy._arrived:
                    proxy.seen.append(Seen(self.command, self.path, headers))
                    proxy._arrived.notify_all()
                if fault is not None and fault.kind == "cut_before":
                    return self._cut()
                if fault is not None and fault.kind == "answer":
                    return self._answer(fault.status, fault.headers, fault.body)
                sent = {name: value for name, value in headers.items() if name not in ("host", "connection")}
                with proxy._upstream.stream(self.command, self.path, headers=sent, content=body) as answer:
                    if answer.headers.get("content-type", "").startswith("text/event-stream"):
                        return self._stream(answer, fault)
                    content = answer.read()
                if fault is not None and fault.kind == "cut_answer":
                    return self._cut()
                if fault is not None and fault.kind == "hold_answer":
                    return self._hold()
                if fault is not None and fault.kind == "late_answer":
                    proxy._ended.wait(fault.seconds)
                kept = {name: value for name, value in answer.headers.items() if name in _KEPT}
                return self._answer(answer.status_code, kept, content)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

            def _answer(self, status: int, headers: Dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(body))}.items():
                    self.send_header(name, value)
                with suppress(OSError):  # a client that gave up has closed the connection
                    self.end_headers()
                    self.wfile.write(body)

            def _stream(self, answer: httpx.Response, fault: Optional[Fault]) -> None:
                self.send_response(answer.status_code)
                self.send_header("content-type", "text/event-stream")
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                left = fault.bytes if fault is not None else sys.maxsize
                for part in answer.iter_raw():
                    self._chunk(part[:left])
                    left -= len(part)
                    if fault is not None and left <= 0:
                        return self._cut() if fault.kind == "cut_stream" else self._hold()
                self.wfile.write(b"0\r\n\r\n")

            def _chunk(self, part: bytes) -> None:
                if part:
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))

            def _hold(self) -> None:
                proxy._ended.wait(30)
                self._cut()

            def _cut(self) -> None:
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)

        return Handler


_KEPT = ("content-type", "x-request-id", "retry-after", "location")
