"""A video model of each provider, for callers without a preference."""

from ._providers import VIDEO_MODEL_PRESETS as VIDEO_MODEL_PRESETS
