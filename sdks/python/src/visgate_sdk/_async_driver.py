"""Does what flows ask for over httpx, awaiting."""

from __future__ import annotations

import asyncio
import inspect
import os
from dataclasses import dataclass, field
from typing import Any, AsyncGenerator, AsyncIterator, Callable, Dict, Optional, TypeVar

import httpx

from ._config import Config
from ._effects import Answer, Effect, Emit, Flow, Open, Read, Send, Sleep, Stream
from ._exchanges import Exchanges
from ._transport import LIMITS, Parts, answer_of, build_request, closed, cut, late, no_answer, stream_of, tls
from .errors import VisgateError

T = TypeVar("T")


@dataclass(frozen=True)
class _Pool:
    """The connections of one event loop, and what is under way on them."""

    http: httpx.AsyncClient
    exchanges: Exchanges = field(default_factory=Exchanges)


class AsyncDriver:
    """A pool of connections per event loop, as a connection works in none but its own, and the flows that use it."""

    def __init__(self, config: Config, transport: Optional[httpx.AsyncBaseTransport]) -> None:
        self.config = config
        self._transport = transport
        self._closed = False
        self._pid = os.getpid()
        self._pools: Dict[asyncio.AbstractEventLoop, _Pool] = {}

    async def close(self) -> None:
        """Closes the connections of this event loop; those of others end with their loops."""
        self._closed = True
        self._forget_inherited()
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.exchanges.close()
            await pool.http.aclose()

    def _forget_inherited(self) -> None:
        """Over a connection that a fork shares, one would read the other's answers."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._pools.clear()

    def _pool(self) -> _Pool:
        self._forget_inherited()
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            for ended in [one for one in list(self._pools) if one.is_closed()]:
                self._pools.pop(ended, None)  # other threads have loops, too
            pool = _Pool(httpx.AsyncClient(transport=self._transport, verify=tls(), limits=LIMITS))
            self._pools[loop] = pool
        return pool

    async def run(self, flow: Flow[T], tell: Optional[Callable[[Any], object]] = None) -> T:
        """The flow's result; ``tell`` is called with what it emits, and awaited if it asks for it."""
        results: list[T] = []
        steps = self._steps(flow, results)
        try:
            async for emitted in steps:
                told = None if tell is None else tell(emitted)
                if inspect.isawaitable(told):
                    await told
        finally:
            await steps.aclose()
        return results[0]

    def iterate(self, flow: Flow[Any]) -> AsyncGenerator[Any, None]:
        """What the flow emits."""
        return self._steps(flow, [])

    async def _steps(self, flow: Flow[T], results: list[T]) -> AsyncGenerator[Any, None]:
        stream: Optional[Stream] = None
        came: Any = None
        failure: Optional[VisgateError] = None
        try:
            while True:
                try:
                    effect = flow.send(came) if failure is None else flow.throw(failure)
                except StopIteration as end:
                    results.append(end.value)
                    return
                came, failure = None, None
                if isinstance(effect, Emit):
                    yield effect.value
                    continue
                if isinstance(effect, Open) and stream is not None:
                    await stream.handle.close()
                try:
                    came = await self._do(effect)
                except VisgateError as error:
                    failure = error
                stream = came if isinstance(came, Stream) else stream
        finally:
            flow.close()
            if stream is not None:
                await stream.handle.close()

    async def _do(self, effect: Effect) -> Any:
        if isinstance(effect, Sleep):
            return await asyncio.sleep(effect.seconds)
        if isinstance(effect, Read):
            return await effect.stream.handle.read(effect.silence)
        assert isinstance(effect, (Send, Open))
        if self._closed:
            raise closed()
        pool = self._pool()
        request = build_request(pool.http, self.config, effect)
        try:
            return await pool.exchanges.in_time(self._exchange(pool, request, effect), effect.timeout)
        except VisgateError:
            raise
        except (asyncio.TimeoutError, httpx.TimeoutException) as cause:
            raise late(effect.call, effect.timeout, cause) from None
        except Exception as cause:
            # Whatever else it is, the request may have been sent: only the same one again, under its key, tells.
            raise closed() if self._closed else no_answer(cause) from cause

    async def _exchange(self, pool: _Pool, request: httpx.Request, effect: Send | Open) -> Answer | Stream:
        response = await pool.http.send(request, stream=True)
        if isinstance(effect, Open) and response.is_success:
            return stream_of(response, _Body(response, pool.exchanges))
        try:
            parts = Parts()
            async for part in response.aiter_bytes():
                parts.add(part)
            return answer_of(response, parts.whole())
        finally:
            await response.aclose()


class _Body:
    def __init__(self, response: httpx.Response, exchanges: Exchanges) -> None:
        self._response = response
        self._exchanges = exchanges
        self._parts: AsyncIterator[bytes] = response.aiter_bytes()

    async def read(self, silence: float) -> Optional[bytes]:
        try:
            return await self._exchanges.in_time(self._next(), silence)
        except asyncio.TimeoutError:
            raise cut(f"nothing was heard for {silence:g} s") from None
        except Exception as cause:
            raise cut(type(cause).__name__, cause) from cause

    async def _next(self) -> Optional[bytes]:
        async for part in self._parts:
            return part
        return None

    async def close(self) -> None:
        await asyncio.shield(self._response.aclose())
