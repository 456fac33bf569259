"""Clients that outlive an event loop, are inherited by a forked process, or are closed during a call."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from typing import Any

import pytest
from conftest import MODEL, Stack
from fault_proxy import Fault, FaultProxy

from visgate_sdk import AsyncClient, Client, VisgateError


def test_an_async_client_works_in_one_event_loop_after_another(client: Client, proxy: FaultProxy, fresh: Stack) -> None:
    """A connection of an ended loop would send the call and lose its answer."""
    waiting = AsyncClient(api_key=fresh.api_key, base_url=proxy.url)

    async def make(prompt: str) -> str:
        request = await waiting.videos.generate(MODEL, prompt, cache="off", callback_id="loops", wait=False)
        return request.request_id

    made = [asyncio.run(make(f"loop {count}")) for count in range(3)]
    accepted = client.requests.list(callback_id="loops").requests
    assert [status.request_id for status in reversed(accepted)] == made
    assert len(proxy.posts()) == 3


def test_a_forked_process_opens_its_own_connections(client: Client, fresh: Stack) -> None:
    ids = [client.videos.generate(MODEL, f"fork {count}", cache="off", wait=False).request_id for count in range(2)]
    mine, childs = ids
    client.me()
    inherited = client._driver._client()  # with the connection that a fork would share
    pid = os.fork()
    if pid == 0:
        right = all(client.requests.get(childs).request_id == childs for _ in range(50))
        os._exit(0 if right and client._driver._client() is not inherited else 1)
    received = {client.requests.get(mine).request_id for _ in range(50)}
    _, exit_status = os.waitpid(pid, 0)
    assert (received, exit_status) == ({mine}, 0)


def test_close_during_an_awaited_submit_aborts_it(proxy: FaultProxy, fresh: Stack) -> None:
    proxy.spoil(Fault("POST", "/videos", "hold_answer"))

    async def main() -> VisgateError:
        waiting = AsyncClient(api_key=fresh.api_key, base_url=proxy.url, max_retries=0)
        call = asyncio.ensure_future(waiting.videos.generate(MODEL, "closed", idempotency_key="closed-awaiting"))
        await asyncio.get_running_loop().run_in_executor(None, proxy.wait_for_post)
        await waiting.close()
        with pytest.raises(VisgateError) as caught:
            await call
        return caught.value

    error = asyncio.run(main())
    assert (error.error_code, error.idempotency_key) == ("ABORTED", "closed-awaiting")


def test_close_by_another_thread_aborts_a_submit_at_once(client: Client, proxied: Client, proxy: FaultProxy) -> None:
    """Without the abort, the call would wait half a minute for its answer."""
    proxy.spoil(Fault("POST", "/videos", "hold_answer"))

    def close() -> None:
        while not client.requests.list(callback_id="closed").requests:
            pass  # once the request exists, only its answer is missing
        proxied.close()

    closing = threading.Thread(target=close)
    closing.start()
    began = time.monotonic()
    with pytest.raises(VisgateError) as caught:
        proxied.videos.generate(MODEL, "closed", callback_id="closed", idempotency_key="closed-blocking")
    assert (caught.value.error_code, caught.value.idempotency_key) == ("ABORTED", "closed-blocking")
    assert time.monotonic() - began < 10
    closing.join()


def test_a_call_after_close_is_aborted(proxied: Client, proxy: FaultProxy) -> None:
    proxied.close()
    with pytest.raises(VisgateError, match="closed") as caught:
        proxied.videos.generate(MODEL, "too late", idempotency_key="after-close")
    assert (caught.value.error_code, caught.value.idempotency_key) == ("ABORTED", "after-close")
    assert proxy.seen == []


def test_an_awaited_call_after_close_is_aborted(fresh: Stack) -> None:
    async def main() -> VisgateError:
        waiting = AsyncClient(api_key=fresh.api_key, base_url=fresh.base_url)
        await waiting.close()
        with pytest.raises(VisgateError) as caught:
            await waiting.me()
        return caught.value

    assert asyncio.run(main()).error_code == "ABORTED"


def test_an_error_that_is_not_httpxs_is_retried_under_the_same_key(
    proxied: Client, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request may have been sent, and only a retry finds out its id."""
    http = proxied._driver._http
    send = http.send
    failures = [RuntimeError("Event loop is closed")]

    def fail_after_sending(*args: Any, **named: Any) -> Any:
        answer = send(*args, **named)
        if failures:
            raise failures.pop()
        return answer

    monkeypatch.setattr(http, "send", fail_after_sending)
    proxied.videos.generate(MODEL, "nameless", cache="off", wait=False)
    keys = [seen.headers["idempotency-key"] for seen in proxy.posts()]
    assert len(keys) == 2 and len(set(keys)) == 1
