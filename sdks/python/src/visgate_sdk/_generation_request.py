"""An accepted generation, which ``wait=False`` returns; and the calls that submit and wait."""

from __future__ import annotations

import asyncio
from typing import Any, Generic, Mapping, TypeVar

from ._async_driver import AsyncDriver
from ._cancellation import cancel, try_to_cancel
from ._generation import Accepted, Generation, error_context, wait_for_result
from ._submission import submit_cancellably, submit_cancellably_async, submit_plainly, submit_plainly_async
from ._sync_driver import SyncDriver
from ._typing import Unpack
from ._waiting import Waiting
from .errors import TimeoutError, VisgateError
from .options import WaitOptions, checked, waiting_of
from .types import CancelAnswer

T = TypeVar("T")


class GenerationRequest(Generic[T]):
    """An accepted request. ``status`` stays ``pending`` until ``wait()`` returns or raises the request's failure."""

    def __init__(self, driver: SyncDriver, generation: Generation[T], request_id: str) -> None:
        self.request_id = request_id
        self.status = "pending"
        self._accepted = Accepted(request_id)
        self.idempotency_key = generation.idempotency_key
        self._driver = driver
        self._generation = generation

    def __repr__(self) -> str:
        return f"GenerationRequest(request_id={self.request_id!r}, status={self.status!r})"

    def wait(self, **options: Unpack[WaitOptions]) -> T:
        """Waits for the result, which also has the fields of the request's status (``status``, ``output_url``, …).

        Raises:
            VisgateError: the generation failed.
            TimeoutError: the time limit was reached; the request continues at the gateway.
        """
        with error_context(self.idempotency_key, self.request_id):
            waiting, cancel_on_abort = waiting_of(_with_deadline(options, self._generation), blocking=True)
        return self._wait(waiting, cancel_on_abort)

    def cancel(self) -> CancelAnswer:
        """Cancels the request; the answer says what happens to the money. Raises ``ALREADY_TERMINAL``."""
        return self._driver.run(cancel(self._driver.config, self.request_id))

    def _wait(self, waiting: Waiting, cancel_on_abort: bool) -> T:
        config = self._driver.config
        try:
            flow = wait_for_result(config, self._generation, self._accepted, waiting)
            result = self._driver.run(flow, waiting.on_progress)
        except BaseException as error:
            is_over = isinstance(error, TimeoutError) and waiting.is_over()
            if cancel_on_abort and (is_over or isinstance(error, KeyboardInterrupt)):
                self._driver.run(try_to_cancel(config, self.request_id))
            self.status = _status_after(error, self.status)
            raise
        self.status = "completed"
        return result


class AsyncGenerationRequest(Generic[T]):
    """An accepted request. ``status`` stays ``pending`` until ``wait()`` returns or raises the request's failure."""

    def __init__(self, driver: AsyncDriver, generation: Generation[T], request_id: str) -> None:
        self.request_id = request_id
        self.status = "pending"
        self._accepted = Accepted(request_id)
        self.idempotency_key = generation.idempotency_key
        self._driver = driver
        self._generation = generation

    def __repr__(self) -> str:
        return f"AsyncGenerationRequest(request_id={self.request_id!r}, status={self.status!r})"

    async def wait(self, **options: Unpack[WaitOptions]) -> T:
        """Waits for the result, which also has the fields of the request's status (``status``, ``output_url``, …).

        Raises:
            VisgateError: the generation failed.
            TimeoutError: the time limit was reached; the request continues at the gateway.
        """
        with error_context(self.idempotency_key, self.request_id):
            waiting, cancel_on_abort = waiting_of(_with_deadline(options, self._generation))
        return await self._wait(waiting, cancel_on_abort)

    async def cancel(self) -> CancelAnswer:
        """Cancels the request; the answer says what happens to the money. Raises ``ALREADY_TERMINAL``."""
        return await self._driver.run(cancel(self._driver.config, self.request_id))

    async def _wait(self, waiting: Waiting, cancel_on_abort: bool) -> T:
        config = self._driver.config
        try:
            flow = wait_for_result(config, self._generation, self._accepted, waiting)
            result = await self._driver.run(flow, waiting.on_progress)
        except BaseException as error:
            is_over = isinstance(error, TimeoutError) and waiting.is_over()
            if cancel_on_abort and (is_over or isinstance(error, asyncio.CancelledError)):
                await asyncio.shield(self._driver.run(try_to_cancel(config, self.request_id)))
            self.status = _status_after(error, self.status)
            raise
        self.status = "completed"
        return result


def generate(driver: SyncDriver, generation: Generation[T], options: Mapping[str, Any], *, wait: bool) -> Any:
    """Returns the result, or with ``wait=False`` the request once it is accepted."""
    with error_context(generation.idempotency_key):
        waiting, cancel_on_abort = waiting_of(options, blocking=True)
    submit = submit_cancellably if cancel_on_abort else submit_plainly
    request_id = submit(driver, generation, waiting.deadline)
    request = GenerationRequest(driver, generation, request_id)
    return request._wait(waiting, cancel_on_abort) if wait else request


async def generate_async(
    driver: AsyncDriver, generation: Generation[T], options: Mapping[str, Any], *, wait: bool
) -> Any:
    """As generate."""
    with error_context(generation.idempotency_key):
        waiting, cancel_on_abort = waiting_of(options)
    submit = submit_cancellably_async if cancel_on_abort else submit_plainly_async
    request_id = await submit(driver, generation, waiting.deadline)
    request = AsyncGenerationRequest(driver, generation, request_id)
    return await request._wait(waiting, cancel_on_abort) if wait else request


def _with_deadline(options: WaitOptions, generation: Generation[Any]) -> Mapping[str, Any]:
    return {"deadline_seconds": generation.deadline_seconds, **checked(WaitOptions, options)}


def _status_after(error: BaseException, status: str) -> str:
    return "failed" if isinstance(error, VisgateError) and "charge_state" in error.details else status
