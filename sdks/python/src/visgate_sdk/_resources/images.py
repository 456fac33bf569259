"""``client.images``, and ``client.generate`` for a quick one."""

from __future__ import annotations

from typing import Any, Literal, Mapping, Optional, Union, overload

from .._async_driver import AsyncDriver
from .._generation import Generation, image, quick_image
from .._requests import AsyncGenerationRequest, GenerationRequest, generate, generate_async
from .._sync_driver import SyncDriver
from .._typing import Unpack
from ..options import GenerateOptions, body_of
from ..types import ImageResult, QuickImageResult

DEFAULT_QUICK_MODEL = "fal-ai/flux/schnell"


class QuickImageOptions(GenerateOptions, total=False):
    """What images take beside model and prompt."""

    negative_prompt: Optional[str]
    """What to avoid, where the model takes it."""
    width: Optional[int]
    """Pixels; 1024 unless given. Mapped to the model's own sizes where it has a list."""
    height: Optional[int]
    """Pixels; 1024 unless given."""
    num_images: Optional[int]
    """1 unless given."""
    seed: Optional[int]
    params: Optional[Mapping[str, Any]]
    """Inputs particular to the model; its catalogue entry has them."""


class ImageOptions(QuickImageOptions, total=False):
    """As QuickImageOptions, for the full result."""

    include_steps: bool
    """True: the result tells in ``steps`` what took how long."""


class Images:
    """Images from text."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    @overload
    def generate(
        self, model: str, prompt: str, *, wait: Literal[True] = ..., **options: Unpack[ImageOptions]
    ) -> ImageResult: ...

    @overload
    def generate(
        self, model: str, prompt: str, *, wait: Literal[False], **options: Unpack[ImageOptions]
    ) -> GenerationRequest[ImageResult]: ...

    @overload
    def generate(
        self, model: str, prompt: str, *, wait: bool, **options: Unpack[ImageOptions]
    ) -> Union[ImageResult, GenerationRequest[ImageResult]]: ...

    def generate(
        self, model: str, prompt: str, *, wait: bool = True, **options: Unpack[ImageOptions]
    ) -> Union[ImageResult, GenerationRequest[ImageResult]]:
        """Generate images and wait for them. Fails as ``videos.generate`` does."""
        result: Union[ImageResult, GenerationRequest[ImageResult]] = generate(
            self._driver, _image(options, model, prompt), options, wait=wait
        )
        return result

    def quick(
        self, prompt: str, model: str = DEFAULT_QUICK_MODEL, **options: Unpack[QuickImageOptions]
    ) -> QuickImageResult:
        """One image from as little as a prompt; the same as ``client.generate``."""
        result: QuickImageResult = generate(self._driver, _quick(options, model, prompt), options, wait=True)
        return result


class AsyncImages:
    """As Images, awaited."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    @overload
    async def generate(
        self, model: str, prompt: str, *, wait: Literal[True] = ..., **options: Unpack[ImageOptions]
    ) -> ImageResult: ...

    @overload
    async def generate(
        self, model: str, prompt: str, *, wait: Literal[False], **options: Unpack[ImageOptions]
    ) -> AsyncGenerationRequest[ImageResult]: ...

    @overload
    async def generate(
        self, model: str, prompt: str, *, wait: bool, **options: Unpack[ImageOptions]
    ) -> Union[ImageResult, AsyncGenerationRequest[ImageResult]]: ...

    async def generate(
        self, model: str, prompt: str, *, wait: bool = True, **options: Unpack[ImageOptions]
    ) -> Union[ImageResult, AsyncGenerationRequest[ImageResult]]:
        """Generate images and wait for them. Fails as ``videos.generate`` does."""
        result: Union[ImageResult, AsyncGenerationRequest[ImageResult]] = await generate_async(
            self._driver, _image(options, model, prompt), options, wait=wait
        )
        return result

    async def quick(
        self, prompt: str, model: str = DEFAULT_QUICK_MODEL, **options: Unpack[QuickImageOptions]
    ) -> QuickImageResult:
        """One image from as little as a prompt; the same as ``client.generate``."""
        generation = _quick(options, model, prompt)
        result: QuickImageResult = await generate_async(self._driver, generation, options, wait=True)
        return result


_INPUTS = ("negative_prompt", "width", "height", "num_images", "seed", "params")


def _image(options: ImageOptions, model: str, prompt: str) -> Generation[ImageResult]:
    steps = options.pop("include_steps", False)
    return image(_body(options, model, prompt), options.get("idempotency_key"), steps=steps)


def _quick(options: QuickImageOptions, model: str, prompt: str) -> Generation[QuickImageResult]:
    return quick_image(_body(options, model, prompt), options.get("idempotency_key"))


def _body(options: Mapping[str, Any], model: str, prompt: str) -> Mapping[str, Any]:
    inputs = {name: options.get(name) for name in _INPUTS}
    others = {name: value for name, value in options.items() if name not in _INPUTS}
    return body_of(others, model=model, prompt=prompt, **inputs)
