"""Quotes, receipts, usage, budgets and API keys against the real stack."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta, timezone
from typing import Any, Callable, Iterator

import pytest
from conftest import MODEL, Stack

from visgate_sdk import AsyncClient, Client, ValidationError, VisgateError

IMAGE_MODEL = "fal-ai/flux/schnell"
LARGE_BUDGET = 1_000_000.0


def generate(client: Client, prompt: str, **options: Any) -> Any:
    return client.videos.generate(MODEL, prompt, duration_seconds=4, cache="off", **options)


def error_code(act: Callable[[], object]) -> str:
    with pytest.raises(VisgateError) as caught:
        act()
    return caught.value.error_code


@pytest.fixture
def month_budget(client: Client) -> Iterator[float]:
    client.usage.budgets.set("organization", "month", LARGE_BUDGET)
    yield LARGE_BUDGET
    client.usage.budgets.delete("organization", "month")


def test_a_quote_is_the_price_of_the_generation_and_submits_nothing(
    client: Client, fresh: Stack, month_budget: float
) -> None:
    quote = client.quotes.create(MODEL, "quoted", duration_seconds=4, priority="low")
    assert (quote.model, quote.duration_seconds, quote.would_be_accepted) == (MODEL, 4, True)
    [budget] = quote.budgets
    assert (budget.budget, budget.limit_usd, budget.has_room) == ("organization", month_budget, True)
    image = client.quotes.create(IMAGE_MODEL, "quoted", width=512, height=512, num_images=2)
    assert image.media_type == "image" and image.cost_usd is not None
    assert fresh.stats()["submits"] == 0
    assert generate(client, "quoted").cost == quote.cost_usd


def test_a_quote_refuses_what_the_generation_would_refuse(client: Client) -> None:
    with pytest.raises(ValidationError) as caught:
        client.quotes.create(MODEL, "quoted", duration_seconds=99)
    assert caught.value.field == "duration_seconds"


def test_a_receipt_tells_the_attempts_and_the_settlement(client: Client) -> None:
    result = generate(client, "with a receipt", priority="low")
    receipt = client.requests.receipt(result.id)
    assert (receipt.charge_state, receipt.held_usd, receipt.api_key_id) == ("charged", 0, "bootstrap")
    assert receipt.day == result.created_at.date()
    [attempt] = receipt.attempts
    assert (attempt.attempt, attempt.outcome, attempt.at.tzinfo) == (1, "accepted", timezone.utc)
    assert receipt.settlement is not None and receipt.settlement.cost_usd == result.cost


def test_only_an_unknown_charge_can_be_settled(client: Client) -> None:
    request_id = generate(client, "settled by the gateway").id
    assert error_code(lambda: client.requests.settle(request_id, "released")) == "ALREADY_TERMINAL"
    assert error_code(lambda: client.requests.settle(request_id, "charged", cost_usd=1.5)) == "ALREADY_TERMINAL"


def test_usage_counts_the_requests_of_a_period(client: Client) -> None:
    before = client.usage.get(period="day")
    result = generate(client, "counted")
    after = client.usage.get(period="day", date=result.created_at.date())
    assert after.total_requests == before.total_requests + 1
    assert after.by_model[MODEL] == before.by_model.get(MODEL, 0) + 1
    assert after.total_billed_cost == pytest.approx(before.total_billed_cost + result.cost)
    assert after.period_start <= result.created_at < after.period_end
    assert client.usage.get(period="year", date="2020-02-29").total_requests == 0


def test_logs_dashboard_and_export_have_the_newest_request(client: Client) -> None:
    result = generate(client, "logged")
    [newest] = client.usage.logs(limit=1)
    assert (newest.id, newest.cost, newest.api_key_id) == (result.id, result.cost, "bootstrap")
    assert client.usage.logs(limit=2, offset=1)[0].id != result.id
    dashboard = client.usage.dashboard(period="week")
    [today] = [day for day in dashboard.by_day if day.date == result.created_at.date()]
    assert 0 < today.cost_usd <= dashboard.total_cost_usd
    header, *lines = client.usage.export(period="day").splitlines()
    assert header.startswith("day,mode,provider,model,")
    assert any(line.startswith(f"{result.created_at:%Y-%m-%d},managed,fal,{MODEL},bootstrap,") for line in lines)


def test_a_budget_is_set_listed_and_removed(client: Client, month_budget: float) -> None:
    [budget] = client.usage.budgets.list()
    assert (budget.subject, budget.period, budget.limit_usd) == ("organization", "month", month_budget)
    assert budget.renews_on.day == 1 and budget.renews_on > date.today()
    billing = client.usage.billing()
    assert (billing.monthly_budget_usd, billing.organization.id) == (month_budget, "default")
    assert client.usage.budgets.set("provider:fal", "day", 2.5).limit_usd == 2.5
    assert client.usage.budgets.delete("provider:fal", "day").deleted is True
    assert error_code(lambda: client.usage.budgets.delete("provider:fal", "day")) == "NOT_FOUND"


def test_a_call_beyond_a_budget_is_refused_and_spends_nothing(client: Client, fresh: Stack) -> None:
    client.usage.budgets.set("provider:fal", "day", 0.01)
    try:
        with pytest.raises(VisgateError) as caught:
            generate(client, "too expensive")
    finally:
        client.usage.budgets.delete("provider:fal", "day")
    assert (caught.value.error_code, caught.value.status_code) == ("BUDGET_EXCEEDED", 402)
    assert caught.value.details["budget"] == "provider:fal"
    assert fresh.stats()["submits"] == 0


def test_an_api_key_is_created_with_fewer_rights_and_revoked(client: Client, fresh: Stack) -> None:
    expires_at = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=1)
    created = client.api_keys.create(
        "reader", scopes=["read"], models=[MODEL], requests_per_minute=5, expires_at=expires_at
    )
    assert created.key is not None and created.key not in repr(created)
    assert (created.scopes, created.models, created.requests_per_minute) == (["read"], [MODEL], 5)
    assert created.expires_at == expires_at
    with Client(api_key=created.key, base_url=fresh.base_url) as reader:
        identity = reader.me()
        assert identity.key is not None and identity.key.id == created.id
        assert error_code(lambda: generate(reader, "refused")) == "FORBIDDEN"
    [listed] = [key for key in client.api_keys.list() if key.id == created.id]
    assert listed.key is None and created.key.startswith(listed.key_prefix)
    assert client.api_keys.delete(created.id).deleted is True
    assert error_code(lambda: client.api_keys.delete(created.id)) == "NOT_FOUND"


def test_the_async_client_has_the_same_methods(fresh: Stack) -> None:
    async def act() -> None:
        async with AsyncClient(api_key=fresh.api_key, base_url=fresh.base_url) as client:
            quote = await client.quotes.create(MODEL, "async money", duration_seconds=4)
            result = await client.videos.generate(MODEL, "async money", duration_seconds=4, cache="off")
            assert quote.cost_usd == result.cost
            assert (await client.requests.receipt(result.id)).charge_state == "charged"
            with pytest.raises(VisgateError, match="charge"):
                await client.requests.settle(result.id, "released")
            assert (await client.usage.get(period="day")).total_requests > 0
            assert (await client.usage.logs(limit=1))[0].id == result.id
            assert (await client.usage.dashboard()).total_cost_usd > 0
            assert MODEL in await client.usage.export()
            assert (await client.usage.billing()).monthly_spend_usd > 0
            budget = await client.usage.budgets.set("organization", "day", LARGE_BUDGET)
            assert await client.usage.budgets.list() == [budget]
            assert (await client.usage.budgets.delete("organization", "day")).deleted
            created = await client.api_keys.create("async key", scopes=["read"])
            assert created.id in [key.id for key in await client.api_keys.list()]
            assert (await client.api_keys.delete(created.id)).deleted

    asyncio.run(act())
