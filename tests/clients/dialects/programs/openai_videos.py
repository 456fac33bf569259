"""Code as users of the SDK have it; only OPENAI_BASE_URL and OPENAI_API_KEY lead to the gateway.

Prints what it got as JSON. The first argument names the part that runs.
"""

import asyncio
import json
import sys
import warnings

from openai import APIError, AsyncOpenAI, OpenAI

PROMPT = "a bird over the sea"
openai = OpenAI()


def error_of(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
        return {"name": "no error"}
    except APIError as error:
        status = getattr(error, "status_code", None)
        found = {"code": error.code, "param": error.param, "type": error.type, "message": str(error)}
        return {"name": type(error).__name__, "status": status, **found}


def make(**fields):
    return openai.videos.create_and_poll(**{"prompt": PROMPT, "model": "sora-2", **fields})


def download(video, file):
    openai.videos.download_content(video.id).write_to_file(file)
    return file


def videos(image):
    text = make(seconds="4", size="720x1280", extra_body={"seed": 1})
    with open(image, "rb") as file:
        pictured = make(input_reference=file, extra_body={"params": {"seed": 2}})
    files = [download(text, "text.mp4"), download(pictured, "image.mp4")]
    again = make(seconds="4", size="720x1280", extra_body={"seed": 1})
    listed = [video.id for video in openai.videos.list(limit=2)]
    deleted = openai.videos.delete(again.id)
    found = {"text": text, "pictured": pictured, "again": again, "deleted": deleted}
    gone = error_of(openai.videos.retrieve, again.id)
    return {name: one.to_dict() for name, one in found.items()} | {"files": files, "listed": listed, "gone": gone}


def errors():
    failed = make(prompt="this fails")
    content = openai.videos.download_content
    return {
        "field": error_of(make, size="1000x1000"),
        "extra": error_of(make, extra_body={"quality": "high"}),
        "model": error_of(make, model="sora-22"),
        "key": error_of(OpenAI(api_key="vg-0123456789abcdef0").videos.list),
        "sheet": error_of(content, failed.id, variant="spritesheet"),
        "content": error_of(content, failed.id),
        "remix": error_of(openai.videos.remix, failed.id, prompt=PROMPT),
        "failed": failed.to_dict(),
    }


def many(count):
    """Each call differs by its seed."""

    async def run():
        async with AsyncOpenAI() as client:
            make_one = client.videos.create_and_poll
            calls = [make_one(model="sora-2", prompt=PROMPT, extra_body={"seed": seed}) for seed in range(int(count))]
            return await asyncio.gather(*calls, return_exceptions=True)

    return [getattr(end, "status", type(end).__name__) for end in asyncio.run(run())]


warnings.simplefilter("ignore", DeprecationWarning)
part, *args = sys.argv[1:]
print(json.dumps({"videos": videos, "errors": errors, "many": many}[part](*args)))
