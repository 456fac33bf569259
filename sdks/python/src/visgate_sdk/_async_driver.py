"""Runs flows over httpx, awaiting."""

from __future__ import annotations

import asyncio
import inspect
import os
from dataclasses import dataclass, field
from typing import Any, AsyncGenerator, AsyncIterator, Callable, Dict, Optional, TypeVar

import httpx

from ._config import Config
from ._effects import Effect, Emit, Flow, Open, Read, Response, Send, Sleep, Stream
from ._http_tasks import HttpTasks
from ._httpx_adapter import (
    LIMITS,
    Body,
    build_request,
    client_closed,
    no_answer,
    response_of,
    stream_broken,
    stream_of,
    timed_out,
    tls_context,
)
from .errors import VisgateError

T = TypeVar("T")


@dataclass(frozen=True)
class _Pool:
    """The connections of one event loop, and the tasks that use them."""

    http: httpx.AsyncClient
    tasks: HttpTasks = field(default_factory=HttpTasks)


class AsyncDriver:
    """Runs flows. It has one pool per event loop, because a connection works only in the loop that opened it."""

    def __init__(self, config: Config, transport: Optional[httpx.AsyncBaseTransport]) -> None:
        self.config = config
        self._transport = transport
        self._closed = False
        self._pid = os.getpid()
        self._pools: Dict[asyncio.AbstractEventLoop, _Pool] = {}

    async def close(self) -> None:
        """Closes the connections of this event loop; those of other loops end with their loops."""
        self._closed = True
        self._drop_inherited_pools()
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.tasks.close()
            await pool.http.aclose()

    def _drop_inherited_pools(self) -> None:
        """After a fork: two processes on one connection would read each other's answers."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._pools.clear()

    def _pool(self) -> _Pool:
        self._drop_inherited_pools()
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            for closed_loop in [one for one in list(self._pools) if one.is_closed()]:
                self._pools.pop(closed_loop, None)  # with a default: another thread may have removed it
            pool = _Pool(httpx.AsyncClient(transport=self._transport, verify=tls_context(), limits=LIMITS))
            self._pools[loop] = pool
        return pool

    async def run(self, flow: Flow[T], on_emit: Optional[Callable[[Any], object]] = None) -> T:
        """The result of the flow. ``on_emit`` is called with each emitted value, and awaited when it is a coroutine."""
        results: list[T] = []
        steps = self._steps(flow, results)
        try:
            async for emitted in steps:
                returned = None if on_emit is None else on_emit(emitted)
                if inspect.isawaitable(returned):
                    await returned
        finally:
            await steps.aclose()
        return results[0]

    def iterate(self, flow: Flow[Any]) -> AsyncGenerator[Any, None]:
        """The values that the flow emits."""
        return self._steps(flow, [])

    async def _steps(self, flow: Flow[T], results: list[T]) -> AsyncGenerator[Any, None]:
        stream: Optional[Stream] = None
        sent: Any = None
        failure: Optional[VisgateError] = None
        try:
            while True:
                try:
                    effect = flow.send(sent) if failure is None else flow.throw(failure)
                except StopIteration as end:
                    results.append(end.value)
                    return
                sent, failure = None, None
                if isinstance(effect, Emit):
                    yield effect.value
                    continue
                if isinstance(effect, Open) and stream is not None:
                    await stream.handle.close()
                try:
                    sent = await self._do(effect)
                except VisgateError as error:
                    failure = error
                stream = sent if isinstance(sent, Stream) else stream
        finally:
            flow.close()
            if stream is not None:
                await stream.handle.close()

    async def _do(self, effect: Effect) -> Any:
        if isinstance(effect, Sleep):
            return await asyncio.sleep(effect.seconds)
        if isinstance(effect, Read):
            return await effect.stream.handle.read(effect.max_silence)
        assert isinstance(effect, (Send, Open))
        if self._closed:
            raise client_closed()
        pool = self._pool()
        request = build_request(pool.http, self.config, effect)
        try:
            return await pool.tasks.run(self._exchange(pool, request, effect), effect.timeout)
        except VisgateError:
            raise
        except (asyncio.TimeoutError, httpx.TimeoutException) as cause:
            raise timed_out(effect.call, effect.timeout, cause) from None
        except Exception as cause:
            # After any other error the request may have been sent: a retry under the same key finds out.
            raise client_closed() if self._closed else no_answer(cause) from cause

    async def _exchange(self, pool: _Pool, request: httpx.Request, effect: Send | Open) -> Response | Stream:
        response = await pool.http.send(request, stream=True)
        if isinstance(effect, Open) and response.is_success:
            return stream_of(response, _StreamHandle(response, pool.tasks))
        try:
            body = Body(effect.call.max_answer_bytes)
            async for part in response.aiter_bytes():
                body.add(part)
            return response_of(response, body.content())
        finally:
            await response.aclose()


class _StreamHandle:
    def __init__(self, response: httpx.Response, tasks: HttpTasks) -> None:
        self._response = response
        self._tasks = tasks
        self._parts: AsyncIterator[bytes] = response.aiter_bytes()

    async def read(self, max_silence: float) -> Optional[bytes]:
        try:
            return await self._tasks.run(self._next(), max_silence)
        except asyncio.TimeoutError:
            raise stream_broken(f"no data arrived for {max_silence:g} s") from None
        except Exception as cause:
            raise stream_broken(type(cause).__name__, cause) from cause

    async def _next(self) -> Optional[bytes]:
        async for part in self._parts:
            return part
        return None

    async def close(self) -> None:
        await asyncio.shield(self._response.aclose())
