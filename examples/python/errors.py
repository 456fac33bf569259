"""Catch the errors of a call."""

import one_line_errors  # noqa: F401
from visgate_sdk import Client, ProviderError, RateLimitError, ValidationError, VisgateError

with Client() as client:
    try:
        client.videos.generate(model="fal-ai/veo3.1/fast", prompt="a sunset", duration_seconds=99)
    except ValidationError as error:
        print(error.field, error.allowed)  # duration_seconds [4, 6, 8]
    except RateLimitError as error:
        print("again in", error.retry_after, "s")
    except ProviderError as error:
        print(error.provider, error.message, error.request_id)
    except VisgateError as error:
        print(error.error_code, error.status_code, error.message)
