"""Making requests again, acting on many of them, and the webhooks of all requests, against the real stack."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from conftest import MODEL, Stack
from fault_proxy import Fault, FaultProxy

from visgate_sdk import AsyncClient, BulkFilter, Client, ConnectionError, VisgateError


def generate(client: Client, prompt: str, **options: Any) -> Any:
    return client.videos.generate(MODEL, prompt, duration_seconds=4, cache="off", **options)


def test_again_makes_the_same_call_as_a_new_request(client: Client, fresh: Stack) -> None:
    first = generate(client, "again", params={"aspect_ratio": "9:16"}, metadata={"order_id": "7"})
    request = client.requests.again(first.id)
    status = request.wait()
    assert (status.request_id, status.status) == (request.request_id, "completed")
    before, after = client.requests.get(first.id), client.requests.get(request.request_id)
    assert after.request_id != before.request_id
    assert (after.input, after.metadata) == (before.input, {"order_id": "7"})
    assert after.input is not None and after.input.params == {"aspect_ratio": "9:16"}
    assert fresh.stats()["submits"] == 2


def test_again_after_a_lost_answer_makes_one_submit(proxied: Client, proxy: FaultProxy, fresh: Stack) -> None:
    first = generate(proxied, "a lost again")
    proxy.spoil(Fault("POST", f"/requests/{first.id}/again", "cut_answer", times=2))
    proxied.requests.again(first.id).wait()
    assert fresh.stats()["submits"] == 2


def test_bulk_counts_first_and_makes_no_request_twice(proxied: Client, proxy: FaultProxy, fresh: Stack) -> None:
    for prompt in ("one", "two"):
        generate(proxied, prompt, callback_id="bulk")
    ended: BulkFilter = {"callback_id": "bulk", "status": ["completed"]}
    counted = proxied.requests.bulk("again", ended, dry_run=True)
    assert (counted.matched, counted.done, counted.failed) == (2, 0, [])
    proxy.spoil(Fault("POST", "/requests/bulk", "cut_answer"))
    done = proxied.requests.bulk("again", ended, expected_count=2)
    assert (done.action, done.matched, done.done) == ("again", 2, 2)
    for request in proxied.requests.list(callback_id="bulk"):
        proxied.requests.wait(request.request_id)
    assert fresh.stats()["submits"] == 4


def test_bulk_with_another_count_does_nothing(client: Client) -> None:
    result = generate(client, "counted", callback_id="counted")
    with pytest.raises(VisgateError) as caught:
        client.requests.bulk("delete", {"callback_id": "counted"}, expected_count=2)
    assert (caught.value.error_code, caught.value.details["matched"]) == ("COUNT_CHANGED", 1)
    assert client.requests.get(result.id).is_terminal


def test_bulk_delete_is_not_sent_again_after_a_lost_answer(proxied: Client, proxy: FaultProxy) -> None:
    generate(proxied, "deleted", callback_id="deleted")
    proxy.spoil(Fault("POST", "/requests/bulk", "cut_answer"))
    with pytest.raises(ConnectionError):
        proxied.requests.bulk("delete", {"callback_id": "deleted"})
    assert proxied.requests.bulk("delete", {"callback_id": "deleted"}, dry_run=True).matched == 0


def test_a_list_takes_several_statuses_and_a_text_of_the_prompt(client: Client) -> None:
    result = generate(client, "a Zebra in the rain")
    found = client.requests.list(status=["completed", "failed"], text="zebra in THE rain", api_key_id="bootstrap")
    assert [request.request_id for request in found] == [result.id]
    bare = client.requests.list(text="zebra in the rain", include="-input").requests
    assert [request.input for request in bare] == [None]


def test_asyncio_has_the_same_calls(fresh: Stack) -> None:
    async def run() -> None:
        async with AsyncClient(api_key=fresh.api_key, base_url=fresh.base_url) as client:
            first = await client.videos.generate(MODEL, "with asyncio", duration_seconds=4, callback_id="asyncio")
            request = await client.requests.again(first.id)
            assert (await request.wait()).status == "completed"
            counted = await client.requests.bulk("delete", {"callback_id": "asyncio"}, dry_run=True)
            assert counted.matched == 2
            assert [delivery async for delivery in await client.deliveries.list(type="budget.threshold")] == []

    asyncio.run(run())


def test_deliveries_are_listed_across_requests(client: Client) -> None:
    url = "http://127.0.0.1:9/hook"
    made = {generate(client, prompt, webhook_url=url).id for prompt in ("hook one", "hook two", "hook three")}
    listed = [one for one in client.deliveries.list(state=["pending", "abandoned"], limit=2) if one.url == url]
    assert {delivery.request_id for delivery in listed} == made
