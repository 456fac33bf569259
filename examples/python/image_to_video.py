"""Animate an image: a file in a data: URI, or a public https URL."""

import one_line_errors  # noqa: F401
import base64
import os
from pathlib import Path

from visgate_sdk import Client

client = Client()
photo = Path(__file__).parent.with_name("photo.jpg").read_bytes()
image_url = os.environ.get("IMAGE_URL") or f"data:image/jpeg;base64,{base64.b64encode(photo).decode()}"

result = client.videos.generate(
    model="fal-ai/veo3.1/fast",
    prompt="gentle camera pan",
    image_url=image_url,
    duration_seconds=5.0,
)
print(result.video_url)
