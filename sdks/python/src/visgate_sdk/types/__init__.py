"""What the API answers, as dataclasses. Times are timezone-aware; costs are USD unless the name says micro (1e-6 USD)."""

from __future__ import annotations

from .account import (
    Balance,
    Identity,
    KeyValidation,
    Organization,
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
)
from .requests import (
    CancelAnswer,
    DeleteAnswer,
    ImageResult,
    QuickImageResult,
    RequestStatus,
    Resolution,
    Step,
    TimelineEntry,
    VideoResult,
)

__all__ = [
    "Balance",
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
    "ProviderDiagnostics",
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
