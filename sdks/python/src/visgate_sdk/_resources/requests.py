"""``client.requests``: the status, the history and the deliveries of submitted requests."""

from __future__ import annotations

import asyncio
from typing import AsyncGenerator, Generator, List, Literal, Optional

from .._async_driver import AsyncDriver
from .._calls import fetch, path_of
from .._cancellation import cancel, try_to_cancel
from .._generation import again
from .._generation_request import AsyncGenerationRequest, GenerationRequest, generate, generate_async
from .._request_events import stream_events
from .._sync_driver import SyncDriver
from .._typing import Unpack
from .._waiting import POLL_INTERVAL_S, wait_for_end
from ..errors import TimeoutError
from ..options import WaitOptions, checked, waiting_of
from ..types import (
    BulkResult,
    CancelAnswer,
    DeleteAnswer,
    Delivery,
    Receipt,
    Redelivering,
    RequestStatus,
    TimelineEntry,
)
from .request_calls import (
    BulkFilter,
    RequestQuery,
    bulk_call,
    delete_request,
    deliveries_of,
    get_call,
    list_call,
    receipt_call,
    redeliver_call,
    settle_call,
    timeline_of,
)
from .request_pages import AsyncRequestPage, Page, RequestPage

_GET_TIMEOUT_S = 300.0


class Requests:
    """Submitted requests."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def get(
        self,
        request_id: str,
        wait: bool = False,
        timeout: float = _GET_TIMEOUT_S,
        poll_interval: float = POLL_INTERVAL_S,
    ) -> RequestStatus:
        """The current status. Raises ``REQUEST_NOT_FOUND``.

        With ``wait`` it returns when the request has ended, or raises TimeoutError after ``timeout`` seconds.
        """
        if wait:
            return self.wait(request_id, timeout=timeout, poll_interval=poll_interval)
        return self._driver.run(fetch(self._driver.config, RequestStatus, get_call(request_id)))

    def wait(self, request_id: str, **options: Unpack[WaitOptions]) -> RequestStatus:
        """Waits until the status is ``completed`` or ``failed`` and returns it; a failed request is not an error here.

        Raises TimeoutError when the time limit was reached; the request continues at the gateway.
        """
        waiting, cancel_on_abort = waiting_of(checked(WaitOptions, options), blocking=True)
        try:
            flow = wait_for_end(self._driver.config, request_id, waiting)
            return self._driver.run(flow, waiting.on_progress)
        except (KeyboardInterrupt, TimeoutError) as reason:
            if cancel_on_abort and (waiting.is_over() or isinstance(reason, KeyboardInterrupt)):
                self._driver.run(try_to_cancel(self._driver.config, request_id))
            raise

    def list(self, **query: Unpack[RequestQuery]) -> RequestPage:
        """One page of requests; iterate over it to get all."""
        page = self._driver.run(fetch(self._driver.config, Page, list_call(query)))

        def next_page(cursor: str) -> RequestPage:
            more: RequestQuery = {**query, "cursor": cursor}
            return self.list(**more)

        return RequestPage(page.requests, page.next_cursor, next_page)

    def cancel(self, request_id: str) -> CancelAnswer:
        """Cancels the request; the answer says what happens to the money. Raises ``ALREADY_TERMINAL``.

        When an answer to this call was lost and the request has ended by a cancel, the call succeeds.
        """
        return self._driver.run(cancel(self._driver.config, request_id))

    def again(self, request_id: str, *, idempotency_key: Optional[str] = None) -> GenerationRequest[RequestStatus]:
        """Makes the call of a request again, as a new request, and returns that once it is accepted.

        It is a new generation, at today's price, also when the cache has an equal one. ``wait()`` of the new request
        returns its last status. Raises ``REQUEST_NOT_FOUND``, and what a generation raises.
        """
        generation = again(path_of("requests", request_id, "again"), idempotency_key)
        accepted: GenerationRequest[RequestStatus] = generate(self._driver, generation, {}, wait=False)
        return accepted

    def bulk(
        self,
        action: Literal["cancel", "again", "delete"],
        filter: BulkFilter,
        *,
        dry_run: bool = False,
        expected_count: Optional[int] = None,
        cursor: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> BulkResult:
        """Cancels, deletes or makes again the requests that the filter matches: at most 500.

        ``dry_run``: only counts them. With ``expected_count`` and another number of matches nothing is done, and it
        raises ``COUNT_CHANGED``; ``again`` costs money and needs it. ``cursor``: ``next_cursor`` of the previous call,
        with the same action and filter. ``idempotency_key``: calls of ``again`` with the same key make no request
        twice; a new UUID unless given. Except for ``again``, it is not retried after a lost answer.
        """
        call = bulk_call(action, filter, dry_run, expected_count, cursor, idempotency_key)
        return self._driver.run(fetch(self._driver.config, BulkResult, call))

    def delete(self, request_id: str) -> DeleteAnswer:
        """Erases an ended request with its outputs. Raises ``NOT_TERMINAL``, ``REQUEST_NOT_FOUND``."""
        return self._driver.run(delete_request(self._driver.config, request_id))

    def events(self, request_id: str) -> Generator[RequestStatus, None, object]:
        """The status now and after every change, until the request has ended.

        A broken connection is opened again, and no change is repeated.
        """
        return self._driver.iterate(stream_events(self._driver.config, request_id))

    def receipt(self, request_id: str) -> Receipt:
        """What the request was quoted, held, tried, billed and saved."""
        return self._driver.run(fetch(self._driver.config, Receipt, receipt_call(request_id)))

    def settle(
        self, request_id: str, outcome: Literal["charged", "released"], *, cost_usd: Optional[float] = None
    ) -> RequestStatus:
        """Says whether the provider billed a request whose charge is unknown. Until then its money stays set aside.

        ``cost_usd``: what it billed, when it ``charged`` the request; the estimate unless given. Not retried after a
        lost answer. Raises ``ALREADY_TERMINAL`` (the charge is known), ``NOT_TERMINAL``, ``REQUEST_NOT_FOUND``.
        """
        return self._driver.run(fetch(self._driver.config, RequestStatus, settle_call(request_id, outcome, cost_usd)))

    def timeline(self, request_id: str) -> List[TimelineEntry]:
        """Everything that has happened to the request, oldest first."""
        return self._driver.run(timeline_of(self._driver.config, request_id))

    def deliveries(self, request_id: str) -> List[Delivery]:
        """The request's webhooks, each with its attempts."""
        return self._driver.run(deliveries_of(self._driver.config, request_id))

    def redeliver(self, request_id: str, delivery_id: str) -> Redelivering:
        """Sends a webhook again, under the same ``webhook-id``. Not retried after a lost answer."""
        return self._driver.run(fetch(self._driver.config, Redelivering, redeliver_call(request_id, delivery_id)))


class AsyncRequests:
    """As Requests, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def get(
        self,
        request_id: str,
        wait: bool = False,
        timeout: float = _GET_TIMEOUT_S,
        poll_interval: float = POLL_INTERVAL_S,
    ) -> RequestStatus:
        """The current status. Raises ``REQUEST_NOT_FOUND``.

        With ``wait`` it returns when the request has ended, or raises TimeoutError after ``timeout`` seconds.
        """
        if wait:
            return await self.wait(request_id, timeout=timeout, poll_interval=poll_interval)
        return await self._driver.run(fetch(self._driver.config, RequestStatus, get_call(request_id)))

    async def wait(self, request_id: str, **options: Unpack[WaitOptions]) -> RequestStatus:
        """Waits until the status is ``completed`` or ``failed`` and returns it; a failed request is not an error here.

        Raises TimeoutError when the time limit was reached; the request continues at the gateway.
        """
        waiting, cancel_on_abort = waiting_of(checked(WaitOptions, options))
        try:
            flow = wait_for_end(self._driver.config, request_id, waiting)
            return await self._driver.run(flow, waiting.on_progress)
        except (asyncio.CancelledError, TimeoutError) as reason:
            if cancel_on_abort and (waiting.is_over() or isinstance(reason, asyncio.CancelledError)):
                await asyncio.shield(self._driver.run(try_to_cancel(self._driver.config, request_id)))
            raise

    async def list(self, **query: Unpack[RequestQuery]) -> AsyncRequestPage:
        """One page of requests; iterate over it with ``async for`` to get all."""
        page = await self._driver.run(fetch(self._driver.config, Page, list_call(query)))

        async def next_page(cursor: str) -> AsyncRequestPage:
            more: RequestQuery = {**query, "cursor": cursor}
            return await self.list(**more)

        return AsyncRequestPage(page.requests, page.next_cursor, next_page)

    async def cancel(self, request_id: str) -> CancelAnswer:
        """Cancels the request; the answer says what happens to the money. Raises ``ALREADY_TERMINAL``.

        When an answer to this call was lost and the request has ended by a cancel, the call succeeds.
        """
        return await self._driver.run(cancel(self._driver.config, request_id))

    async def again(
        self, request_id: str, *, idempotency_key: Optional[str] = None
    ) -> AsyncGenerationRequest[RequestStatus]:
        """Makes the call of a request again, as a new request, and returns that once it is accepted.

        It is a new generation, at today's price, also when the cache has an equal one. ``wait()`` of the new request
        returns its last status. Raises ``REQUEST_NOT_FOUND``, and what a generation raises.
        """
        generation = again(path_of("requests", request_id, "again"), idempotency_key)
        accepted: AsyncGenerationRequest[RequestStatus] = await generate_async(self._driver, generation, {}, wait=False)
        return accepted

    async def bulk(
        self,
        action: Literal["cancel", "again", "delete"],
        filter: BulkFilter,
        *,
        dry_run: bool = False,
        expected_count: Optional[int] = None,
        cursor: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> BulkResult:
        """Cancels, deletes or makes again the requests that the filter matches: at most 500.

        ``dry_run``: only counts them. With ``expected_count`` and another number of matches nothing is done, and it
        raises ``COUNT_CHANGED``; ``again`` costs money and needs it. ``cursor``: ``next_cursor`` of the previous call,
        with the same action and filter. ``idempotency_key``: calls of ``again`` with the same key make no request
        twice; a new UUID unless given. Except for ``again``, it is not retried after a lost answer.
        """
        call = bulk_call(action, filter, dry_run, expected_count, cursor, idempotency_key)
        return await self._driver.run(fetch(self._driver.config, BulkResult, call))

    async def delete(self, request_id: str) -> DeleteAnswer:
        """Erases an ended request with its outputs. Raises ``NOT_TERMINAL``, ``REQUEST_NOT_FOUND``."""
        return await self._driver.run(delete_request(self._driver.config, request_id))

    def events(self, request_id: str) -> AsyncGenerator[RequestStatus, None]:
        """The status now and after every change, until the request has ended.

        A broken connection is opened again, and no change is repeated.
        """
        return self._driver.iterate(stream_events(self._driver.config, request_id))

    async def receipt(self, request_id: str) -> Receipt:
        """What the request was quoted, held, tried, billed and saved."""
        return await self._driver.run(fetch(self._driver.config, Receipt, receipt_call(request_id)))

    async def settle(
        self, request_id: str, outcome: Literal["charged", "released"], *, cost_usd: Optional[float] = None
    ) -> RequestStatus:
        """Says whether the provider billed a request whose charge is unknown. Until then its money stays set aside.

        ``cost_usd``: what it billed, when it ``charged`` the request; the estimate unless given. Not retried after a
        lost answer. Raises ``ALREADY_TERMINAL`` (the charge is known), ``NOT_TERMINAL``, ``REQUEST_NOT_FOUND``.
        """
        return await self._driver.run(
            fetch(self._driver.config, RequestStatus, settle_call(request_id, outcome, cost_usd))
        )

    async def timeline(self, request_id: str) -> List[TimelineEntry]:
        """Everything that has happened to the request, oldest first."""
        return await self._driver.run(timeline_of(self._driver.config, request_id))

    async def deliveries(self, request_id: str) -> List[Delivery]:
        """The request's webhooks, each with its attempts."""
        return await self._driver.run(deliveries_of(self._driver.config, request_id))

    async def redeliver(self, request_id: str, delivery_id: str) -> Redelivering:
        """Sends a webhook again, under the same ``webhook-id``. Not retried after a lost answer."""
        return await self._driver.run(fetch(self._driver.config, Redelivering, redeliver_call(request_id, delivery_id)))
