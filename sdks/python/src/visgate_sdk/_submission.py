"""Submits a generation. With ``cancel_on_abort``, the request of a caller that gives up meanwhile is cancelled."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
from typing import Any, Callable, TypeVar

from ._async_driver import AsyncDriver
from ._cancellation import try_to_cancel
from ._generation import Generation, submit, submit_timeout
from ._sync_driver import SyncDriver
from .errors import TimeoutError, VisgateError

T = TypeVar("T")
# When the caller gives up, a submit may take this much longer, so that its request becomes known and is cancelled.
_GRACE_S = 5.0


def submit_plainly(driver: SyncDriver, generation: Generation[Any], deadline: float) -> str:
    """Returns the request's id. When the caller gives up, an accepted request continues."""
    return driver.run(submit(driver.config, generation, deadline))


async def submit_plainly_async(driver: AsyncDriver, generation: Generation[Any], deadline: float) -> str:
    """As submit_plainly."""
    return await driver.run(submit(driver.config, generation, deadline))


def submit_cancellably(driver: SyncDriver, generation: Generation[Any], deadline: float) -> str:
    """Submits in a thread of its own, which continues after the caller gave up and cancels what was accepted."""
    submitting = _in_background(lambda: driver.run(submit(driver.config, generation, deadline + _GRACE_S)))
    try:
        concurrent.futures.wait([submitting], timeout=max(0.0, deadline - time.monotonic()))
        if submitting.done():
            return submitting.result()
        raise submit_timeout(generation)
    except (KeyboardInterrupt, TimeoutError) as reason:
        concurrent.futures.wait([submitting], timeout=_GRACE_S)
        # Runs now when the submit is done; otherwise the thread runs it later.
        submitting.add_done_callback(lambda submitted: _cancel_if_accepted(driver, submitted))
        if submitting.done() and submitting.exception() is None:
            _set_request_id(reason, submitting.result())
        raise


def _cancel_if_accepted(driver: SyncDriver, submitted: concurrent.futures.Future[str]) -> None:
    if submitted.exception() is None:
        driver.run(try_to_cancel(driver.config, submitted.result()))


async def submit_cancellably_async(driver: AsyncDriver, generation: Generation[Any], deadline: float) -> str:
    """Submits in a task of its own, as submit_cancellably does in a thread."""
    submitting = asyncio.ensure_future(driver.run(submit(driver.config, generation, deadline + _GRACE_S)))
    try:
        await asyncio.wait([submitting], timeout=max(0.0, deadline - time.monotonic()))
        if submitting.done():
            return submitting.result()
        raise submit_timeout(generation)
    except (asyncio.CancelledError, TimeoutError) as reason:
        await asyncio.shield(_cancel_once_accepted(driver, submitting, reason))
        raise


async def _cancel_once_accepted(driver: AsyncDriver, submitting: asyncio.Future[str], reason: BaseException) -> None:
    try:
        request_id = await asyncio.wait_for(submitting, _GRACE_S)
    except (VisgateError, asyncio.TimeoutError):
        return
    await driver.run(try_to_cancel(driver.config, request_id))
    _set_request_id(reason, request_id)


def _set_request_id(reason: BaseException, request_id: str) -> None:
    if isinstance(reason, VisgateError):
        reason.request_id = request_id


def _in_background(work: Callable[[], T]) -> concurrent.futures.Future[T]:
    """Runs ``work`` in a daemon thread, which does not keep the program from ending."""
    future: concurrent.futures.Future[T] = concurrent.futures.Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
