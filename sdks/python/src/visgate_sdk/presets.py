"""The video model of each provider for whoever has no other wish."""

from typing import Dict, Final

VIDEO_MODEL_PRESETS: Final[Dict[str, str]] = {
    "fal": "fal-ai/veo3",
    "runway": "runway/gen4_turbo",
    "replicate": "replicate/google/veo-3",
}
