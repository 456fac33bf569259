"""Read every field of a result."""

import one_line_errors  # noqa: F401
from visgate_sdk import Client

with Client() as client:
    result = client.videos.generate(model="fal-ai/veo3.1/fast", prompt="a sunset")

print(result.id)          # str: the id of the request
print(result.video_url)   # str
print(result.model)       # str
print(result.provider)    # str
print(result.cost)        # float: USD
print(result.cache_hit)   # bool
print(result.latency_ms)  # int
print(result.created_at)  # datetime, in UTC
