"""``client.videos``: a video from a prompt, or from a prompt and an image."""

from __future__ import annotations

from typing import Any, Literal, Mapping, Optional, Union, overload

from .._async_driver import AsyncDriver
from .._generation import Generation, video
from .._generation_request import AsyncGenerationRequest, GenerationRequest, generate, generate_async
from .._sync_driver import SyncDriver
from .._typing import Unpack
from ..options import GenerateOptions, body_of
from ..types import VideoResult


class Videos:
    """Videos from a prompt, or from a prompt and an image."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    @overload
    def generate(
        self,
        model: str,
        prompt: str,
        *,
        image_url: Optional[str] = ...,
        duration_seconds: Optional[float] = ...,
        params: Optional[Mapping[str, Any]] = ...,
        wait: Literal[True] = ...,
        **options: Unpack[GenerateOptions],
    ) -> VideoResult: ...

    @overload
    def generate(
        self,
        model: str,
        prompt: str,
        *,
        image_url: Optional[str] = ...,
        duration_seconds: Optional[float] = ...,
        params: Optional[Mapping[str, Any]] = ...,
        wait: Literal[False],
        **options: Unpack[GenerateOptions],
    ) -> GenerationRequest[VideoResult]: ...

    @overload
    def generate(
        self,
        model: str,
        prompt: str,
        *,
        image_url: Optional[str] = ...,
        duration_seconds: Optional[float] = ...,
        params: Optional[Mapping[str, Any]] = ...,
        wait: bool,
        **options: Unpack[GenerateOptions],
    ) -> Union[VideoResult, GenerationRequest[VideoResult]]: ...

    def generate(
        self,
        model: str,
        prompt: str,
        *,
        image_url: Optional[str] = None,
        duration_seconds: Optional[float] = 5.0,
        params: Optional[Mapping[str, Any]] = None,
        wait: bool = True,
        **options: Unpack[GenerateOptions],
    ) -> Union[VideoResult, GenerationRequest[VideoResult]]:
        """Generates a video and waits for it.

        All tries share one idempotency key, so lost answers, restarts and retries never make a second video.

        Args:
            model: catalogue id, as ``fal-ai/veo3.1/fast``; ``VIDEO_MODEL_PRESETS`` has one per provider.
            prompt: 1 to 10,000 characters; "" for the few models that take none.
            image_url: the image to animate, as an https URL or a data: URI of at most 5 MB.
            duration_seconds: rounded up to the next duration that the model allows.
            params: inputs that only this model has; its catalogue entry lists them.
            wait: False returns once the request is accepted, with its id and a ``wait()``.
            **options: see GenerateOptions.

        Raises:
            ValidationError: a field is not valid (``field``, ``allowed``); nothing was spent.
            ProviderError: the provider failed; ``details["charge_state"]`` says what is known about the charge.
            TimeoutError: the time limit was reached; the request continues at the gateway.
        """
        generation = _generation(options, model, prompt, image_url, duration_seconds, params)
        result: Union[VideoResult, GenerationRequest[VideoResult]] = generate(
            self._driver, generation, options, wait=wait
        )
        return result


class AsyncVideos:
    """As Videos, for asyncio."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    @overload
    async def generate(
        self,
        model: str,
        prompt: str,
        *,
        image_url: Optional[str] = ...,
        duration_seconds: Optional[float] = ...,
        params: Optional[Mapping[str, Any]] = ...,
        wait: Literal[True] = ...,
        **options: Unpack[GenerateOptions],
    ) -> VideoResult: ...

    @overload
    async def generate(
        self,
        model: str,
        prompt: str,
        *,
        image_url: Optional[str] = ...,
        duration_seconds: Optional[float] = ...,
        params: Optional[Mapping[str, Any]] = ...,
        wait: Literal[False],
        **options: Unpack[GenerateOptions],
    ) -> AsyncGenerationRequest[VideoResult]: ...

    @overload
    async def generate(
        self,
        model: str,
        prompt: str,
        *,
        image_url: Optional[str] = ...,
        duration_seconds: Optional[float] = ...,
        params: Optional[Mapping[str, Any]] = ...,
        wait: bool,
        **options: Unpack[GenerateOptions],
    ) -> Union[VideoResult, AsyncGenerationRequest[VideoResult]]: ...

    async def generate(
        self,
        model: str,
        prompt: str,
        *,
        image_url: Optional[str] = None,
        duration_seconds: Optional[float] = 5.0,
        params: Optional[Mapping[str, Any]] = None,
        wait: bool = True,
        **options: Unpack[GenerateOptions],
    ) -> Union[VideoResult, AsyncGenerationRequest[VideoResult]]:
        """Generates a video and waits for it.

        All tries share one idempotency key, so lost answers, restarts and retries never make a second video.

        Args:
            model: catalogue id, as ``fal-ai/veo3.1/fast``; ``VIDEO_MODEL_PRESETS`` has one per provider.
            prompt: 1 to 10,000 characters; "" for the few models that take none.
            image_url: the image to animate, as an https URL or a data: URI of at most 5 MB.
            duration_seconds: rounded up to the next duration that the model allows.
            params: inputs that only this model has; its catalogue entry lists them.
            wait: False returns once the request is accepted, with its id and a ``wait()``.
            **options: see GenerateOptions.

        Raises:
            ValidationError: a field is not valid (``field``, ``allowed``); nothing was spent.
            ProviderError: the provider failed; ``details["charge_state"]`` says what is known about the charge.
            TimeoutError: the time limit was reached; the request continues at the gateway.
        """
        generation = _generation(options, model, prompt, image_url, duration_seconds, params)
        result: Union[VideoResult, AsyncGenerationRequest[VideoResult]] = await generate_async(
            self._driver, generation, options, wait=wait
        )
        return result


def _generation(
    options: GenerateOptions,
    model: str,
    prompt: str,
    image_url: Optional[str],
    duration_seconds: Optional[float],
    params: Optional[Mapping[str, Any]],
) -> Generation[VideoResult]:
    inputs = {"image_url": image_url, "duration_seconds": duration_seconds, "params": params}
    return video(body_of(options, model=model, prompt=prompt or None, **inputs), options.get("idempotency_key"))
