"""Submitting for a caller who may give up: with ``cancel_on_abort``, what a submit under way has begun is cancelled."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
from typing import Any, Callable, TypeVar

from ._async_driver import AsyncDriver
from ._endings import cancel_quietly
from ._generation import Generation, not_accepted_in_time, submit
from ._sync_driver import SyncDriver
from .errors import TimeoutError, VisgateError

T = TypeVar("T")
# How long a submit under way may still take when the caller gives up, so that what it began can be cancelled.
_GRACE_S = 5.0


def submit_plainly(driver: SyncDriver, generation: Generation[Any], deadline: float) -> str:
    """The request's id. Whoever gives up does not know it; the request goes on if it was accepted."""
    return driver.run(submit(driver.config, generation, deadline))


async def submit_plainly_async(driver: AsyncDriver, generation: Generation[Any], deadline: float) -> str:
    """As submit_plainly."""
    return await driver.run(submit(driver.config, generation, deadline))


def submit_cancellably(driver: SyncDriver, generation: Generation[Any], deadline: float) -> str:
    """In a thread of its own: whoever gives up waiting lets it end, to know what to cancel."""
    submitting = _in_background(lambda: driver.run(submit(driver.config, generation, deadline + _GRACE_S)))
    try:
        concurrent.futures.wait([submitting], timeout=max(0.0, deadline - time.monotonic()))
        if submitting.done():
            return submitting.result()
        raise not_accepted_in_time(generation)
    except (KeyboardInterrupt, TimeoutError) as reason:
        concurrent.futures.wait([submitting], timeout=_GRACE_S)
        # At once if it is done; else by the thread itself, should it be accepted later on.
        submitting.add_done_callback(lambda submitted: _cancel_if_accepted(driver, submitted))
        if submitting.done() and submitting.exception() is None:
            _tell(reason, submitting.result())
        raise


def _cancel_if_accepted(driver: SyncDriver, submitted: concurrent.futures.Future[str]) -> None:
    if submitted.exception() is None:
        driver.run(cancel_quietly(driver.config, submitted.result()))


async def submit_cancellably_async(driver: AsyncDriver, generation: Generation[Any], deadline: float) -> str:
    """In a task of its own, as the blocking one in a thread."""
    submitting = asyncio.ensure_future(driver.run(submit(driver.config, generation, deadline + _GRACE_S)))
    try:
        await asyncio.wait([submitting], timeout=max(0.0, deadline - time.monotonic()))
        if submitting.done():
            return submitting.result()
        raise not_accepted_in_time(generation)
    except (asyncio.CancelledError, TimeoutError) as reason:
        await asyncio.shield(_cancel_what_was_begun(driver, submitting, reason))
        raise


async def _cancel_what_was_begun(driver: AsyncDriver, submitting: asyncio.Future[str], reason: BaseException) -> None:
    try:
        request_id = await asyncio.wait_for(submitting, _GRACE_S)
    except (VisgateError, asyncio.TimeoutError):
        return
    await driver.run(cancel_quietly(driver.config, request_id))
    _tell(reason, request_id)


def _tell(reason: BaseException, request_id: str) -> None:
    if isinstance(reason, VisgateError):
        reason.request_id = request_id


def _in_background(act: Callable[[], T]) -> concurrent.futures.Future[T]:
    """In a daemon thread: it keeps no program from ending."""
    future: concurrent.futures.Future[T] = concurrent.futures.Future()

    def run() -> None:
        try:
            future.set_result(act())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
