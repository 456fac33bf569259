"""Animate an image, given as an https URL or a data: URI."""

import os

from visgate_sdk import Client

client = Client()
image_url = os.environ.get("IMAGE_URL", "https://example.com/photo.jpg")

result = client.videos.generate(
    model="fal-ai/veo3",
    prompt="gentle camera pan",
    image_url=image_url,
    duration_seconds=5.0,
)
print(result.video_url)
