"""What a user of Replicate's SDK for Python writes. Prints what came of it as JSON; replicate-python.test.ts checks that.

Only REPLICATE_BASE_URL and REPLICATE_API_TOKEN lead to the gateway. The first argument names the part that runs.
"""

import asyncio
import json
import sys

import httpx
import replicate
from replicate.exceptions import ModelError, ReplicateError

MODEL = "google/veo-3"
IMAGES = "black-forest-labs/flux-schnell"


def of(prompt, **fields):
    return {"prompt": prompt, "duration": 4, "aspect_ratio": "9:16", "generate_audio": False, **fields}


def shown(prediction):
    return json.loads(prediction.json())


def videos(image):
    output = replicate.run(MODEL, input=of("a bird, from Python"), use_file_output=False)
    created = replicate.predictions.create(model=MODEL, input=of("a boat, from Python"))
    began = shown(created)
    created.wait()
    with open(image, "rb") as file:
        pictured = replicate.run(MODEL, input=of("a photo, from Python", image=file), use_file_output=False)
    listed = [prediction.id for prediction in replicate.predictions.list().results]
    read = replicate.predictions.get(created.id)
    made = {"output": output, "began": began, "ended": shown(created), "read": shown(read)}
    return {**made, "pictured": pictured, "listed": listed}


def cancelled():
    prediction = replicate.predictions.create(model=MODEL, input=of("a slow one, from Python"))
    prediction.cancel()
    prediction.wait()
    return shown(prediction)


def error_of(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
        return {"name": "no error"}
    except ReplicateError as error:
        return {"name": type(error).__name__, "status": error.status, "title": error.title, "detail": error.detail}


def errors():
    create = replicate.predictions.create
    try:
        replicate.run(MODEL, input=of("this fails, from Python"))
        failed = None
    except ModelError as error:
        failed = {"message": str(error), "status": error.prediction.status}
    return {
        "field": error_of(create, model=MODEL, input=of("x", aspect_ratio="7:5")),
        "prompt": error_of(create, model=MODEL, input={"duration": 4}),
        "model": error_of(replicate.run, "google/veo-33", input=of("x")),
        "key": error_of(replicate.Client(api_token="vg-0123456789abcdef0").predictions.list),
        "failed": failed,
    }


def webhook(headers, body):
    """Raises when the signature is not valid."""
    secret = replicate.webhooks.default.secret()
    replicate.webhooks.validate(headers=json.loads(headers), body=body, secret=secret, tolerance=300)
    try:
        replicate.webhooks.validate(headers=json.loads(headers), body=body + " ", secret=secret)
        return {"changed": "accepted"}
    except ValueError as error:
        return {"changed": type(error).__name__}


def many(count):
    """The SDK repeats no submit whose answer was lost, so the caller does."""

    async def call(client, number):
        for _ in range(6):
            try:
                return await client.async_run(IMAGES, input={"prompt": f"Python call {number}"}, use_file_output=False)
            except httpx.TransportError:
                continue
        return None

    async def run():
        client = replicate.Client()
        return await asyncio.gather(*(call(client, number) for number in range(int(count))), return_exceptions=True)

    return {"done": sum(isinstance(end, (str, list)) for end in asyncio.run(run()))}


part, *args = sys.argv[1:]
parts = {"videos": videos, "cancelled": cancelled, "errors": errors, "webhook": webhook, "many": many}
print(json.dumps(parts[part](*args)))
