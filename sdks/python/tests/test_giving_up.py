"""A caller that gives up, by Ctrl-C, a cancelled task or a time limit: cancel_on_abort cancels its request."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator, List

import pytest
from conftest import MODEL, Stack
from fault_proxy import Fault, FaultProxy

from visgate_sdk import AsyncClient, Client, RequestStatus, TimeoutError


def late_answer() -> Fault:
    return Fault("POST", "/videos", "late_answer", seconds=0.8)


def newest(client: Client) -> RequestStatus:
    return client.requests.list(limit=1).requests[0]


@contextmanager
def ctrl_c_when(happened: Callable[[], Any]) -> Iterator[None]:
    """Sends Ctrl-C to the body of the ``with`` once ``happened`` returns True, and expects a KeyboardInterrupt."""

    def interrupt() -> None:
        if happened():
            os.kill(os.getpid(), signal.SIGINT)

    # A process that a script starts in the background ignores SIGINT by default.
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=interrupt, daemon=True).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGINT, usual)


@pytest.mark.parametrize("cancels", [True, False])
def test_ctrl_c_during_a_wait(client: Client, proxied: Client, proxy: FaultProxy, fresh: Stack, cancels: bool) -> None:
    fresh.disaster("never_finish")
    request = proxied.videos.generate(MODEL, f"ctrl-c {cancels}", cache="off", wait=False)

    def is_processing() -> bool:
        """Once the call of the wait has arrived, its thread waits for the answer and holds no lock of httpx."""
        statuses = client.requests.events(request.request_id)
        return any(status.status == "processing" for status in statuses) and proxy.wait_for_call("GET")

    with ctrl_c_when(is_processing):
        request.wait(cancel_on_abort=cancels, timeout=20)
    if not cancels:
        assert client.requests.get(request.request_id).status == "processing"
        request.cancel()
    assert client.requests.wait(request.request_id, timeout=20).error_code == "CANCELLED"


def test_ctrl_c_during_the_submit(client: Client, proxied: Client, proxy: FaultProxy, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    proxy.spoil(late_answer())
    with ctrl_c_when(proxy.wait_for_post):
        proxied.videos.generate(
            MODEL, "ctrl-c early", cache="off", callback_id="early", timeout=20, cancel_on_abort=True
        )
    ended = client.requests.wait(newest(client).request_id, timeout=60)
    assert (ended.callback_id, ended.error_code) == ("early", "CANCELLED")


def test_ctrl_c_during_a_submit_that_is_accepted_after_the_grace_period(
    client: Client, proxied: Client, proxy: FaultProxy, fresh: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The background thread cancels the request, although the caller has already returned."""
    latest = client.events.list(limit=1).latest
    monkeypatch.setattr("visgate_sdk._submission._GRACE_S", 0.1)
    fresh.disaster("never_finish")
    proxy.spoil(late_answer())
    with ctrl_c_when(proxy.wait_for_post):
        proxied.videos.generate(
            MODEL, "too late", cache="off", callback_id="too late", timeout=20, cancel_on_abort=True
        )
    ended = client.events.list(after=latest, wait=60, types=["request.failed"]).events
    assert [
        (event.data.callback_id, event.data.error_code) for event in ended if isinstance(event.data, RequestStatus)
    ] == [("too late", "CANCELLED")]


def test_timeout_during_the_submit_cancels_the_request(
    client: Client, proxied: Client, proxy: FaultProxy, fresh: Stack
) -> None:
    fresh.disaster("never_finish")
    proxy.spoil(late_answer())
    with pytest.raises(TimeoutError) as caught:
        proxied.videos.generate(MODEL, "late", cache="off", timeout=0.3, cancel_on_abort=True)
    error = caught.value
    assert error.request_id is not None and error.idempotency_key is not None and error.retryable
    assert "idempotency_key" in error.message
    assert client.requests.wait(error.request_id, timeout=20).error_code == "CANCELLED"


def test_timeout_during_an_awaited_submit_cancels_the_request(client: Client, proxy: FaultProxy, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    proxy.spoil(late_answer())

    async def main() -> str:
        async with AsyncClient(api_key=fresh.api_key, base_url=proxy.url) as waiting:
            with pytest.raises(TimeoutError) as caught:
                await waiting.videos.generate(MODEL, "late", cache="off", timeout=0.3, cancel_on_abort=True)
        return caught.value.request_id or ""

    assert client.requests.wait(asyncio.run(main()), timeout=20).error_code == "CANCELLED"


def test_timeout_during_the_submit_without_cancel_on_abort_leaves_the_request(
    client: Client, proxied: Client, proxy: FaultProxy
) -> None:
    proxy.spoil(late_answer())
    with pytest.raises(TimeoutError) as caught:
        proxied.videos.generate(MODEL, "late and wanted", duration_seconds=4, cache="off", timeout=0.3)
    key = caught.value.idempotency_key
    again = client.videos.generate(MODEL, "late and wanted", duration_seconds=4, cache="off", idempotency_key=key)
    assert again.id == newest(client).request_id


def test_long_polls_are_no_longer_than_the_time_left(proxied: Client, proxy: FaultProxy, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    request = proxied.videos.generate(MODEL, "long polls", cache="off", wait=False)
    with pytest.raises(TimeoutError):
        request.wait(timeout=1.5)
    waits: List[str] = [seen.path for seen in proxy.seen if seen.method == "GET"]
    assert waits[0].endswith("wait=1") and not any("wait=" in path for path in waits[1:])
    request.cancel()


@pytest.mark.parametrize("is_submitting", [True, False])
def test_a_task_that_is_cancelled_twice_still_cancels_its_request(
    client: Client, proxy: FaultProxy, fresh: Stack, is_submitting: bool
) -> None:
    """The second cancellation arrives while the task reacts to the first."""
    fresh.disaster("never_finish")
    proxy.spoil(*[late_answer()] if is_submitting else [])

    async def main() -> None:
        async with AsyncClient(api_key=fresh.api_key, base_url=proxy.url) as waiting:
            call = waiting.videos.generate(MODEL, f"twice {is_submitting}", cache="off", cancel_on_abort=True)
            task = asyncio.ensure_future(call)
            assert await asyncio.to_thread(proxy.wait_for_call, "POST" if is_submitting else "GET")
            task.cancel()
            # Runs after the task has received the first cancellation.
            asyncio.get_running_loop().call_soon(task.cancel)
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(proxy.wait_for_call, "POST", "/cancel")

    asyncio.run(main())
    assert client.requests.wait(newest(client).request_id, timeout=10).error_code == "CANCELLED"
