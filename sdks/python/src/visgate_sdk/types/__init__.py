"""The answers of the API as dataclasses.

Times are timezone-aware. Costs are in USD, or in 1e-6 USD when the name ends with ``micro``.
"""

from __future__ import annotations

from .account import (
    Balance,
    CallingKey,
    Identity,
    KeyValidation,
    Organization,
    ProviderKey,
)
from .diagnostics import (
    Diagnostics,
    Health,
    ProviderDiagnostics,
    RedisDiagnostics,
    RedisSettings,
)
from .events import (
    Delivery,
    DeliveryAttempt,
    FeedEvent,
    FeedPage,
    Redelivering,
    WebhookEndpoint,
    WebhookEndpointDeleted,
    WebhookEvent,
)
from .models import (
    FeaturedModels,
    Model,
    ModelLimits,
    ModelList,
    Price,
    PriceRule,
)
from .requests import (
    CancelAnswer,
    DeleteAnswer,
    ImageResult,
    QuickImageResult,
    Resolution,
    Step,
    TimelineEntry,
    VideoResult,
)
from .status import RequestStatus

__all__ = [
    "Balance",
    "CallingKey",
    "CancelAnswer",
    "DeleteAnswer",
    "Delivery",
    "DeliveryAttempt",
    "Diagnostics",
    "FeaturedModels",
    "FeedEvent",
    "FeedPage",
    "Health",
    "Identity",
    "ImageResult",
    "KeyValidation",
    "Model",
    "ModelLimits",
    "ModelList",
    "Organization",
    "Price",
    "PriceRule",
    "ProviderDiagnostics",
    "ProviderKey",
    "QuickImageResult",
    "Redelivering",
    "RedisDiagnostics",
    "RedisSettings",
    "RequestStatus",
    "Resolution",
    "Step",
    "TimelineEntry",
    "VideoResult",
    "WebhookEndpoint",
    "WebhookEndpointDeleted",
    "WebhookEvent",
]
