"""Made of each provider's provider.json by `npm run generate`; do not edit."""

from typing import Dict, Final

VIDEO_MODEL_PRESETS: Final[Dict[str, str]] = {
    "fal": "fal-ai/veo3",
    "replicate": "replicate/google/veo-3",
    "runway": "runway/gen4_turbo",
}
"""A video model of each provider, for callers without a preference."""

KEY_HEADERS: Final[Dict[str, str]] = {
    "fal_key": "X-Fal-Key",
    "replicate_key": "X-Replicate-Key",
    "runway_key": "X-Runway-Key",
}
"""The header that carries each of the caller's own provider keys, by the option that sets it."""
