"""AsyncClient against the real stack: what differs from Client."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Awaitable, Callable, List

import pytest
from conftest import MODEL, Stack
from fault_proxy import Fault, FaultProxy

from visgate_sdk import AsyncClient, ConnectionError, RequestStatus, ValidationError


def run(stack: Stack, act: Callable[[AsyncClient], Awaitable[Any]], base_url: str = "") -> Any:
    async def main() -> Any:
        async with AsyncClient(api_key=stack.api_key, base_url=base_url or stack.base_url) as client:
            return await act(client)

    return asyncio.run(main())


async def until_submitted(stack: Stack, client: AsyncClient, prompt: str) -> str:
    """Waits until the newest request is at the provider; its id."""
    page = await client.requests.list(limit=1)
    async for status in client.requests.events(page.requests[0].request_id):
        if status.status != "pending":
            return status.request_id
    raise AssertionError("the request was not submitted")


def test_generates_a_video(fresh: Stack) -> None:
    async def act(client: AsyncClient) -> None:
        result = await client.videos.generate(
            model="fal-ai/veo3",
            prompt="a bird flying",
            duration_seconds=6.0,
        )
        assert result.video_url.startswith("http") and result.duration_seconds == 6

    run(fresh, act)


def test_a_lost_answer_and_failing_polls_make_one_submit(fresh: Stack, proxy: FaultProxy) -> None:
    proxy.spoil(
        Fault("POST", "/videos", "cut_answer"),
        Fault("GET", "/requests/", "cut_before"),
        Fault("GET", "/requests/", "answer", 503, {"retry-after": "1"}),
    )

    async def act(client: AsyncClient) -> None:
        request = await client.videos.generate(MODEL, "async faults", cache="off", wait=False)
        assert (await request.wait()).video_url.startswith("http")
        assert request.status == "completed"

    run(fresh, act, proxy.url)
    assert fresh.stats()["submits"] == 1


def test_every_method_answers(fresh: Stack) -> None:
    async def collect(items: AsyncIterator[RequestStatus]) -> List[RequestStatus]:
        return [item async for item in items]

    async def act(client: AsyncClient) -> None:
        seen: List[RequestStatus] = []
        request = await client.videos.generate(MODEL, "async watched", duration_seconds=4, cache="off", wait=False)
        await request.wait(on_progress=seen.append)
        assert await collect(client.requests.events(request.request_id)) == [seen[-1]]
        assert (await client.requests.get(request.request_id, wait=True)).status == "completed"
        page = await client.requests.list(limit=1)
        listed = [status.request_id async for status in page]
        assert request.request_id in listed and len(listed) > 1
        assert len((await client.images.generate("fal-ai/flux/schnell", "a cat")).images) == 1
        assert (await client.generate("a cat")).image_url
        async for event in client.events.follow(after=0, types=["request.completed"]):
            assert event.type == "request.completed"
            break
        assert (await client.models.get(MODEL)).id == MODEL
        assert (await client.models.list(search="veo")).total_count > 0
        assert "fal" in [balance.provider for balance in await client.providers.balances()]
        assert (await client.providers.validate("fal", "invalid")).valid is False
        assert [one.provider for one in await client.providers.keys.set("runway", "a-key-of-mine")] == ["runway"]
        assert len(await client.providers.keys.list()) == 1
        assert await client.providers.keys.delete("runway") == []
        assert (await client.health()).status == "ok"
        assert (await client.me()).role == "api-key"
        assert isinstance(await client.alerts(), list)
        assert await client.requests.timeline(request.request_id)
        endpoint = await client.webhook_endpoints.create("http://127.0.0.1:9/hook")
        assert (await client.webhook_endpoints.update(endpoint.id, enabled=False)).enabled is False
        assert [one.id for one in await client.webhook_endpoints.list()] == [endpoint.id]
        await client.webhook_endpoints.rotate_secret(endpoint.id)
        await client.webhook_endpoints.delete(endpoint.id)
        assert (await client.webhooks.secret()).startswith("whsec_")
        assert (await client.requests.delete(request.request_id)).deleted

    run(fresh, act)


def test_raises_the_same_errors_as_client(fresh: Stack) -> None:
    async def act(client: AsyncClient) -> None:
        with pytest.raises(ValidationError) as caught:
            await client.videos.generate(MODEL, "a prompt", duration_seconds=99)
        assert caught.value.field == "duration_seconds"

    run(fresh, act)
    with pytest.raises(ConnectionError):
        asyncio.run(AsyncClient(base_url="http://127.0.0.1:9", max_retries=0).me())


@pytest.mark.parametrize("cancels", [True, False])
def test_a_cancelled_task_cancels_the_request_only_with_cancel_on_abort(fresh: Stack, cancels: bool) -> None:
    fresh.disaster("never_finish")

    async def act(client: AsyncClient) -> None:
        calling = client.videos.generate(MODEL, f"cancelled {cancels}", cache="off", wait=False)
        request = await calling
        task = asyncio.ensure_future(request.wait(cancel_on_abort=cancels))
        await until_submitted(fresh, client, "cancelled")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if cancels:
            assert (await client.requests.wait(request.request_id, timeout=20)).error_code == "CANCELLED"
        else:
            assert (await client.requests.get(request.request_id)).status == "processing"
            await client.requests.cancel(request.request_id)

    run(fresh, act)
    assert fresh.stats()["submits"] == 1


def test_a_task_cancelled_during_the_submit_cancels_its_request(fresh: Stack, proxy: FaultProxy) -> None:
    fresh.disaster("never_finish")

    async def act(client: AsyncClient) -> None:
        submitting = asyncio.ensure_future(client.videos.generate(MODEL, "early", cache="off", cancel_on_abort=True))
        assert await asyncio.to_thread(proxy.wait_for_post)
        submitting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await submitting
        [newest] = (await client.requests.list(limit=1)).requests
        assert (await client.requests.wait(newest.request_id, timeout=20)).error_code == "CANCELLED"

    run(fresh, act, proxy.url)
