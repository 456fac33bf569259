"""Event streams that break, fall silent or are not valid: both clients yield each change once, in order."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Callable, List

import pytest
from conftest import MODEL, Stack
from fault_proxy import Fault, FaultProxy

from visgate_sdk import AsyncClient, Client, ConnectionError, RequestStatus, TimeoutError, VisgateError
from visgate_sdk._effects import Call, Flow, Open, Read

Collect = Callable[[Stack, str, str], List[RequestStatus]]


def blocking(stack: Stack, base_url: str, request_id: str) -> List[RequestStatus]:
    with Client(api_key=stack.api_key, base_url=base_url) as client:
        return list(client.requests.events(request_id))


def awaiting(stack: Stack, base_url: str, request_id: str) -> List[RequestStatus]:
    async def main() -> List[RequestStatus]:
        async with AsyncClient(api_key=stack.api_key, base_url=base_url) as client:
            return [status async for status in client.requests.events(request_id)]

    return asyncio.run(main())


both = pytest.mark.parametrize("collect", [blocking, awaiting])


def submit(client: Client, prompt: str) -> str:
    request = client.videos.generate(MODEL, prompt, duration_seconds=4, cache="off", wait=False)
    return request.request_id


def ids_sent(proxy: FaultProxy) -> List[str]:
    return [seen.headers["last-event-id"] for seen in proxy.seen if "last-event-id" in seen.headers]


@both
def test_a_cut_stream_resumes_after_the_last_event(
    collect: Collect, client: Client, proxy: FaultProxy, fresh: Stack
) -> None:
    fresh.control("PUT", "settings", {"render_seconds": 1})
    events = "/requests/"
    proxy.spoil(Fault("GET", events, "cut_stream", bytes=100), Fault("GET", events, "cut_stream", bytes=1200))
    statuses = collect(fresh, proxy.url, submit(client, f"cut {collect.__name__}"))
    order = [("pending", "processing", "completed").index(status.status) for status in statuses]
    assert order == sorted(order) and statuses[-1].status == "completed"
    assert len({repr(status) for status in statuses}) == len(statuses)
    assert len(proxy.seen) == 3 and len(ids_sent(proxy)) == 1


@both
def test_a_silent_stream_is_opened_again(
    collect: Collect, client: Client, proxy: FaultProxy, fresh: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visgate_sdk._request_events._MAX_SILENCE_S", 0.4)
    proxy.spoil(Fault("GET", "/requests/", "hold_stream", bytes=100))
    assert collect(fresh, proxy.url, submit(client, f"held {collect.__name__}"))[-1].status == "completed"
    assert len(proxy.seen) >= 2


@both
def test_a_stream_with_invalid_events_is_an_unexpected_answer(
    collect: Collect, proxy: FaultProxy, fresh: Stack
) -> None:
    page = b'event: status\ndata: {"hello": "world"}\n\n'
    proxy.spoil(Fault("GET", "/requests/", "answer", 200, {"content-type": "text/event-stream"}, page))
    with pytest.raises(VisgateError) as caught:
        collect(fresh, proxy.url, "some-id")
    assert caught.value.error_code == "UNEXPECTED_ANSWER"


def seconds_of_a_silent_read(request_id: str) -> Flow[float]:
    """The duration of a read that may be silent for 0.1 s, on a stream that was opened with a limit of 5 s."""
    call = Call("GET", f"/requests/{request_id}/events")
    stream = yield Open(call, 5, 5)
    while True:
        began = time.monotonic()
        try:
            yield Read(stream, 0.1)
        except ConnectionError:
            return time.monotonic() - began


@pytest.mark.parametrize("is_async", [False, True])
def test_a_read_uses_its_own_limit_not_that_of_the_stream(client: Client, fresh: Stack, is_async: bool) -> None:
    fresh.disaster("never_finish")
    request_id = submit(client, f"silent {is_async}")

    async def main() -> float:
        async with AsyncClient(api_key=fresh.api_key, base_url=fresh.base_url) as waiting:
            return await waiting._driver.run(seconds_of_a_silent_read(request_id))

    lasted = asyncio.run(main()) if is_async else client._driver.run(seconds_of_a_silent_read(request_id))
    assert 0.1 <= lasted < 4
    client.requests.cancel(request_id)


def test_on_progress_is_called_until_the_wait_times_out(client: Client, fresh: Stack) -> None:
    fresh.disaster("never_finish")
    seen: List[Any] = []
    request = client.videos.generate(MODEL, "watched in vain", cache="off", wait=False)
    with pytest.raises(TimeoutError) as caught:
        request.wait(timeout=1, on_progress=seen.append, cancel_on_abort=True)
    assert caught.value.request_id == request.request_id and "continues" in caught.value.message
    assert {status.status for status in seen} <= {"pending", "processing"} and seen
    assert client.requests.wait(request.request_id, timeout=20).error_code == "CANCELLED"


def test_follow_pauses_between_polls_that_the_gateway_does_not_hold(
    proxy: FaultProxy, fresh: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's timeout is too short for a long poll."""
    monkeypatch.setattr("visgate_sdk._resources.events.POLL_INTERVAL_S", 0.4)
    with Client(api_key=fresh.api_key, base_url=proxy.url, timeout=1.5) as hasty:
        latest = hasty.events.list(limit=1).latest
        request_id = submit(hasty, "in a hasty feed")
        began = time.monotonic()
        event = next(iter(hasty.events.follow(after=latest, types=["request.completed"])))
        lasted = time.monotonic() - began
    assert event.request_id == request_id
    asked = [seen for seen in proxy.seen if "types=" in seen.path]
    assert 1 <= len(asked) <= 6 + lasted / 0.4 and not any("wait=" in seen.path for seen in asked)
