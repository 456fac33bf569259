"""``client.images``, and ``client.generate`` for one image from a prompt."""

from __future__ import annotations

from typing import Any, Literal, Mapping, Optional, TypedDict, Union, overload

from .._async_driver import AsyncDriver
from .._generation import Generation, image, quick_image
from .._generation_request import AsyncGenerationRequest, GenerationRequest, generate, generate_async
from .._sync_driver import SyncDriver
from .._typing import Unpack
from ..options import GenerateOptions, body_of
from ..types import ImageResult, QuickImageResult

DEFAULT_QUICK_MODEL = "fal-ai/flux/schnell"


class ImageInputs(TypedDict, total=False):
    """What an image is made from, beside the prompt."""

    negative_prompt: Optional[str]
    """What the image must not show; for models that accept it."""
    width: Optional[int]
    """Pixels; 1024 unless given. A model with fixed sizes uses the nearest one of the same shape."""
    height: Optional[int]
    """Pixels; 1024 unless given."""
    num_images: Optional[int]
    """1 unless given."""
    seed: Optional[int]
    params: Optional[Mapping[str, Any]]
    """Inputs that only this model has; its catalogue entry lists them."""


class QuickImageOptions(GenerateOptions, ImageInputs, total=False):
    """Options of an image generation."""


class ImageOptions(QuickImageOptions, total=False):
    """Options of ``images.generate``."""

    include_steps: bool
    """True: ``steps`` of the result says how long each step took; False unless given."""


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
        """Generates images and waits for them. Raises the same errors as ``videos.generate``.

        With ``wait=False`` it returns once the request is accepted, with its id and a ``wait()``.
        """
        result: Union[ImageResult, GenerationRequest[ImageResult]] = generate(
            self._driver, _image(options, model, prompt), options, wait=wait
        )
        return result

    def quick(
        self, prompt: str, model: str = DEFAULT_QUICK_MODEL, **options: Unpack[QuickImageOptions]
    ) -> QuickImageResult:
        """Generates one image; only the prompt is required. The same as ``client.generate``."""
        result: QuickImageResult = generate(self._driver, _quick(options, model, prompt), options, wait=True)
        return result


class AsyncImages:
    """As Images, for asyncio."""

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
        """Generates images and waits for them. Raises the same errors as ``videos.generate``.

        With ``wait=False`` it returns once the request is accepted, with its id and a ``wait()``.
        """
        result: Union[ImageResult, AsyncGenerationRequest[ImageResult]] = await generate_async(
            self._driver, _image(options, model, prompt), options, wait=wait
        )
        return result

    async def quick(
        self, prompt: str, model: str = DEFAULT_QUICK_MODEL, **options: Unpack[QuickImageOptions]
    ) -> QuickImageResult:
        """Generates one image; only the prompt is required. The same as ``client.generate``."""
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
