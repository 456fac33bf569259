"""Waits: callbacks, many at a time, time limits, and results of old requests."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Iterator, List

import httpx
import pytest
from conftest import MODEL, Stack
from fault_proxy import Fault, FaultProxy

from visgate_sdk import AsyncClient, Client, ConnectionError, RequestStatus, TimeoutError, VisgateError


def submit(client: Client, prompt: str) -> str:
    return client.videos.generate(MODEL, prompt, duration_seconds=4, cache="off", wait=False).request_id


def wait_awaiting(stack: Stack, base_url: str, request_id: str, on_progress: Callable[[RequestStatus], object]) -> Any:
    async def main() -> RequestStatus:
        async with AsyncClient(api_key=stack.api_key, base_url=base_url) as client:
            return await client.requests.wait(request_id, on_progress=on_progress)

    return asyncio.run(main())


def wait_blocking(stack: Stack, base_url: str, request_id: str, on_progress: Callable[[RequestStatus], object]) -> Any:
    with Client(api_key=stack.api_key, base_url=base_url) as client:
        return client.requests.wait(request_id, on_progress=on_progress)


both = pytest.mark.parametrize("wait", [wait_blocking, wait_awaiting])


@both
def test_an_error_of_the_callback_ends_the_wait(wait: Any, client: Client, fresh: Stack) -> None:
    """Even an error of a class that would be retried."""
    reported: List[str] = []

    def fail(status: RequestStatus) -> None:
        reported.append(status.status)
        raise ConnectionError("of the callback", error_code="CONNECTION_ERROR")

    request_id = submit(client, f"a callback that fails {wait.__name__}")
    with pytest.raises(ConnectionError, match="of the callback"):
        wait(fresh, fresh.base_url, request_id, fail)
    assert len(reported) == 1


def test_a_coroutine_function_as_callback_is_awaited(client: Client, fresh: Stack) -> None:
    reported: List[str] = []

    async def report(status: RequestStatus) -> None:
        await asyncio.to_thread(reported.append, status.status)

    wait_awaiting(fresh, fresh.base_url, submit(client, "awaited callback"), report)
    assert reported[-1] == "completed"


@both
def test_a_page_in_place_of_stream_and_polls_ends_the_wait(wait: Any, proxy: FaultProxy, fresh: Stack) -> None:
    proxy.spoil(Fault("GET", "/requests/", "answer", 200, {"content-type": "text/html"}, b"<h1>Welcome</h1>", 9))
    with pytest.raises(VisgateError) as caught:
        wait(fresh, proxy.url, "some-id", print)
    # One call for the stream, and one poll in case that only the stream does not arrive.
    assert (caught.value.error_code, len(proxy.seen)) == ("UNEXPECTED_ANSWER", 2)


def test_more_waits_than_kept_connections_do_not_block_other_calls(client: Client, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    request_id = submit(client, "waited for by many")

    async def main() -> None:
        async with AsyncClient(api_key=fresh.api_key, base_url=fresh.base_url) as waiting:
            reported = [asyncio.Event() for _ in range(105)]

            def wait(event: asyncio.Event) -> asyncio.Future[RequestStatus]:
                return asyncio.ensure_future(waiting.requests.wait(request_id, on_progress=lambda _: event.set()))

            waits = [wait(event) for event in reported]
            await asyncio.wait_for(asyncio.gather(*(event.wait() for event in reported)), 20)
            assert (await asyncio.wait_for(waiting.me(), 10)).role == "api-key"
            await waiting.requests.cancel(request_id)
            assert {status.error_code for status in await asyncio.gather(*waits)} == {"CANCELLED"}

    asyncio.run(main())


def test_waiting_for_old_images_sends_no_replay(proxied: Client, proxy: FaultProxy, fresh: Stack) -> None:
    """The gateway forgets idempotency keys after a day: a replay would be a second, billed generation."""
    request = proxied.images.generate("fal-ai/flux/schnell", "old images", cache="off", wait=False)
    made = request.wait()
    status = proxied.requests.get(request.request_id)
    old = datetime.now(timezone.utc) - timedelta(hours=24)
    [path] = {seen.path for seen in proxy.seen if seen.method == "GET" and "wait=" not in seen.path}
    answer = {name: value for name, value in vars(status).items() if not isinstance(value, datetime)}
    body = json.dumps({**answer, "input": None, "created_at": old.isoformat()}).encode()
    proxy.spoil(Fault("GET", path.replace("/api/v1", ""), "answer", 200, {}, body))
    posts = len(proxy.posts())
    again = request.wait()
    assert (again.images, again.cost, again.created_at) == (made.images, made.cost, old)
    assert (len(proxy.posts()), fresh.stats()["submits"]) == (posts, 1)


class LosesACancellation(httpx.AsyncHTTPTransport):
    """Loses a cancellation that arrives while it connects, as httpx does with some versions of its dependencies."""

    def __init__(self) -> None:
        super().__init__()
        self.connecting = asyncio.Event()
        self.lost = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.connecting.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.lost.set()
        return await super().handle_async_request(request)


def test_a_cancelled_call_ends_at_once_and_close_waits_for_its_cleanup(fresh: Stack) -> None:
    async def main() -> None:
        transport = LosesACancellation()
        async with AsyncClient(api_key=fresh.api_key, base_url=fresh.base_url, transport=transport) as client:
            call = asyncio.ensure_future(client.me())
            await transport.connecting.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await transport.lost.wait()
            assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] != []
        assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

    asyncio.run(main())


GZIPPED = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
ENDLESS_ANSWERS = {
    "body": (b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n", b" "),
    "head": (b"HTTP/1.1 200 OK\r\nx-pad: ", b"a"),
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "name of a gzipped file": (GZIPPED + b"a\r\n\x1f\x8b\x08\x08\0\0\0\0\0\x03\r\n", b"1\r\nx\r\n"),
}


@contextmanager
def endless_answer(start: bytes, part: bytes) -> Iterator[str]:
    """A server whose answer never ends: it arrives in small parts, so that no single read takes long."""
    ended = threading.Event()

    class EndlessAnswer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):
                self.wfile.write(start)
                while not ended.wait(0.02):
                    self.wfile.write(part)

        def log_message(self, *_: Any) -> None:
            """Logs nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), EndlessAnswer)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("part", ENDLESS_ANSWERS)
def test_the_time_limit_holds_for_the_whole_answer(part: str, is_async: bool) -> None:
    with endless_answer(*ENDLESS_ANSWERS[part]) as url:

        async def main() -> None:
            async with AsyncClient(base_url=url, timeout=0.3, max_retries=0) as client:
                await client.me()

        began = time.monotonic()
        with pytest.raises(TimeoutError) as caught, Client(base_url=url, timeout=0.3, max_retries=0) as client:
            asyncio.run(main()) if is_async else client.me()
        assert caught.value.error_code == "CLIENT_TIMEOUT" and time.monotonic() - began < 20


@pytest.mark.parametrize("is_async", [False, True])
def test_requests_wait_with_cancel_on_abort_cancels_at_the_time_limit(
    client: Client, fresh: Stack, is_async: bool
) -> None:
    fresh.disaster("never_finish")
    request_id = submit(client, f"given up {is_async}")

    async def main() -> None:
        async with AsyncClient(api_key=fresh.api_key, base_url=fresh.base_url) as waiting:
            await waiting.requests.wait(request_id, timeout=0.2, cancel_on_abort=True)

    with pytest.raises(TimeoutError) as caught:
        asyncio.run(main()) if is_async else client.requests.wait(request_id, timeout=0.2, cancel_on_abort=True)
    assert caught.value.request_id == request_id
    assert client.requests.wait(request_id, timeout=10).error_code == "CANCELLED"


def test_a_poll_without_an_answer_neither_ends_the_wait_nor_cancels(proxy: FaultProxy, fresh: Stack) -> None:
    """The limit of one HTTP request was reached, not that of the wait."""
    with Client(api_key=fresh.api_key, base_url=proxy.url, timeout=1) as client:
        request = client.videos.generate(MODEL, "swallowed", duration_seconds=4, cache="off", wait=False)
        proxy.spoil(Fault("GET", "/requests/", "hold_answer"))
        assert request.wait(cancel_on_abort=True, timeout=60).id == request.request_id
    assert [seen.path for seen in proxy.posts() if "cancel" in seen.path] == []


def test_polls_without_answers_end_the_wait_and_do_not_cancel(proxy: FaultProxy, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    with Client(api_key=fresh.api_key, base_url=proxy.url, timeout=0.5) as client:
        request = client.videos.generate(MODEL, "all swallowed", cache="off", wait=False)
        proxy.spoil(Fault("GET", "/requests/", "hold_answer", times=9))
        with pytest.raises(TimeoutError, match="took longer"):
            request.wait(cancel_on_abort=True, timeout=60)
        assert [seen.path for seen in proxy.posts() if "cancel" in seen.path] == []
        request.cancel()


def test_a_wait_with_on_progress_polls_when_the_stream_is_cut_each_time(
    client: Client, proxy: FaultProxy, fresh: Stack
) -> None:
    request_id = submit(client, "streams are cut at once")
    proxy.spoil(Fault("GET", f"/requests/{request_id}/events", "cut_before", times=99))
    reported: List[str] = []
    with Client(api_key=fresh.api_key, base_url=proxy.url, timeout=1) as watching:
        ended = watching.requests.wait(request_id, on_progress=lambda status: reported.append(status.status))
    assert (ended.status, reported[-1]) == ("completed", "completed")


def test_a_replay_answered_for_another_request_is_ignored(proxied: Client, proxy: FaultProxy) -> None:
    request = proxied.images.generate("fal-ai/flux/schnell", "whose", cache="off", wait=False)
    made = proxied.requests.wait(request.request_id)
    proxy.spoil(Fault("POST", "/images", "answer", 200, {}, json.dumps(image_answer("another")).encode()))
    assert request.wait().images == made.output_urls


def image_answer(request_id: str) -> Any:
    return {
        **{"id": request_id, "images": ["https://example.com/other.png"], "model": "m", "provider": "fal"},
        **{"mode": "managed", "cost": 0, "cache_hit": False, "latency_ms": 1, "created_at": "2026-01-01T00:00:00.000Z"},
    }


@pytest.mark.parametrize("clock", ["time", "monotonic"])
def test_either_clock_shows_that_images_are_too_old_for_a_replay(
    proxied: Client, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, clock: str
) -> None:
    request = proxied.images.generate("fal-ai/flux/schnell", f"a day by {clock}", cache="off", wait=False)
    made = request.wait()
    posts = len(proxy.posts())
    usual = getattr(time, clock)
    monkeypatch.setattr(f"visgate_sdk._generation.time.{clock}", lambda: usual() + 24 * 3600)
    assert (request.wait().images, len(proxy.posts())) == (made.images, posts)


def test_params_changed_during_the_wait_do_not_change_the_replay(client: Client) -> None:
    """A replay with another content would be a conflict."""
    params = {"num_inference_steps": 2}
    request = client.images.generate("fal-ai/flux/schnell", "changed", params=params, cache="off", wait=False)
    params["num_inference_steps"] = 3
    assert request.wait().id == request.request_id
