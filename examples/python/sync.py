"""Generate a video and wait for it."""

import one_line_errors  # noqa: F401
from visgate_sdk import Client

client = Client()  # VISGATE_API_KEY, VISGATE_BASE_URL

result = client.videos.generate(
    model="fal-ai/veo3.1/fast",
    prompt="waves crashing on a beach",
    image_url=None,         # optional: image URL to animate
    duration_seconds=5.0,   # default 5.0
    params=None,            # model-specific parameters
)
print(result.video_url)
