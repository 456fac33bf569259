"""Client of the Visgate gateway: AI video and image generation that is never lost and never paid twice.

>>> from visgate_sdk import Client
>>> with Client() as client:  # VISGATE_API_KEY, VISGATE_BASE_URL
...     result = client.videos.generate(model="fal-ai/veo3", prompt="a sunset")
...     print(result.video_url, result.cost)
"""

from ._generation_request import AsyncGenerationRequest, GenerationRequest
from ._resources.images import ImageOptions, QuickImageOptions
from ._resources.models import ModelQuery
from ._resources.requests import AsyncRequestPage, RequestPage, RequestQuery
from ._version import VERSION as __version__
from .client import AsyncClient, Client
from .errors import (
    AuthenticationError,
    ConnectionError,
    ProviderError,
    RateLimitError,
    TimeoutError,
    ValidationError,
    VisgateError,
    WebhookVerificationError,
)
from .options import GenerateOptions, WaitOptions
from .presets import VIDEO_MODEL_PRESETS
from .types import (
    Balance,
    CallingKey,
    CancelAnswer,
    DeleteAnswer,
    Delivery,
    DeliveryAttempt,
    Diagnostics,
    FeedEvent,
    FeedPage,
    Health,
    Identity,
    ImageResult,
    KeyValidation,
    Model,
    ModelLimits,
    ModelList,
    Price,
    PriceRule,
    ProviderKey,
    QuickImageResult,
    Redelivering,
    RequestStatus,
    TimelineEntry,
    VideoResult,
    WebhookEndpoint,
    WebhookEvent,
)
from .webhooks import verify_webhook

__all__ = [
    "VIDEO_MODEL_PRESETS",
    "AsyncClient",
    "AsyncGenerationRequest",
    "AsyncRequestPage",
    "AuthenticationError",
    "Balance",
    "CallingKey",
    "CancelAnswer",
    "Client",
    "ConnectionError",
    "DeleteAnswer",
    "Delivery",
    "DeliveryAttempt",
    "Diagnostics",
    "FeedEvent",
    "FeedPage",
    "GenerateOptions",
    "GenerationRequest",
    "Health",
    "Identity",
    "ImageOptions",
    "ImageResult",
    "KeyValidation",
    "Model",
    "ModelLimits",
    "ModelList",
    "ModelQuery",
    "Price",
    "PriceRule",
    "ProviderError",
    "ProviderKey",
    "QuickImageOptions",
    "QuickImageResult",
    "RateLimitError",
    "Redelivering",
    "RequestPage",
    "RequestQuery",
    "RequestStatus",
    "TimelineEntry",
    "TimeoutError",
    "ValidationError",
    "VideoResult",
    "VisgateError",
    "WaitOptions",
    "WebhookEndpoint",
    "WebhookEvent",
    "WebhookVerificationError",
    "__version__",
    "verify_webhook",
]
