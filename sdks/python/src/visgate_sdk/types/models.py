"""Models and their limits; files that they start from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Optional


@dataclass(frozen=True)
class ModelInput:
    """How many images, videos or sounds of a ``role`` a model takes: first, last, reference, video or audio."""

    role: str
    required: bool
    max: int


@dataclass(frozen=True)
class ModelLimits:
    """The values that a model accepts. ``image_input`` is ``none``, ``optional`` or ``required``."""

    durations_seconds: List[float]
    aspect_ratios: List[str]
    resolutions: List[str]
    image_input: str
    inputs: List[ModelInput]
    negative_prompt: bool


@dataclass(frozen=True)
class PriceRule:
    """The price when all these params match; a list matches by any of its values."""

    params: Dict[str, Any]
    micro: int


@dataclass(frozen=True)
class FrameSize:
    """The pixels of a video when all these params match."""

    params: Dict[str, Any]
    width: int
    height: int


@dataclass(frozen=True)
class VideoTokens:
    """The tokens of a video are width x height x ``frames_per_second`` x seconds / 1024. The first size that matches applies."""

    frames_per_second: float
    sizes: List[FrameSize]


@dataclass(frozen=True)
class Price:
    """1e-6 USD per ``unit``: ``second``, ``megapixel``, ``image``, ``video`` or ``thousand_tokens``.

    The first rule that matches wins. ``tokens`` is only there with the unit ``thousand_tokens``.
    """

    unit: str
    micro: Optional[int]
    when: List[PriceRule]
    tokens: Optional[VideoTokens] = None


@dataclass(frozen=True)
class Model:
    """An entry of the catalogue. ``base_cost_micro``: 1e-6 USD of one generation with all defaults.

    ``pricing`` is the price as a short text, ``None`` when it is not known; ``price`` is the same for programs.
    """

    id: str
    name: str
    provider: str
    media_type: str
    description: str
    category: str
    tags: List[str]
    capabilities: List[str]
    input_types: List[str]
    output_type: str
    base_cost_micro: int
    normalized_cost_micro: int
    pricing: Optional[str]
    price: Price
    pricing_unit: str
    usual_render_seconds: float
    run_count: int
    first_seen_at: datetime
    last_synced_at: datetime
    limits: ModelLimits
    params: Dict[str, Any]
    dialect_name: Optional[str] = None


@dataclass(frozen=True)
class FeaturedModels:
    """A group of recommended models."""

    title: str
    key: str
    models: List[Model]


@dataclass(frozen=True)
class ModelRoute:
    """A name that the operator has given to several models. ``prefer``: ``price``, ``speed`` or ``order``."""

    id: str
    media_type: str
    models: List[str]
    prefer: str


@dataclass(frozen=True)
class ModelList:
    """``total_count`` includes the models beyond ``limit``."""

    models: List[Model]
    total_count: int
    last_updated: datetime
    featured: List[FeaturedModels]
    routes: Optional[List[ModelRoute]] = None


@dataclass(frozen=True)
class UploadedFile:
    """A file that inputs of later calls name by its ``url``, until ``expires_at``."""

    id: str
    url: str
    content_type: str
    bytes: int
    created_at: datetime
    expires_at: datetime
