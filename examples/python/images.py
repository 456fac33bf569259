"""Generate images, with every option or from a prompt alone."""

import one_line_errors  # noqa: F401
from visgate_sdk import Client

with Client() as client:
    result = client.images.generate(model="fal-ai/flux/schnell", prompt="a lighthouse", width=1024, num_images=2)
    print(result.images)
    print(client.generate("a lighthouse at night").image_url)
