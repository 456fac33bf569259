"""What a user of Runway's SDK for Python writes. Prints what came of it as JSON; runway.test.ts checks that."""

import asyncio
import json
import os
import sys

import httpx
import runwayml
from runwayml import AsyncRunwayML, RunwayML, TaskFailedError


def make(image: str) -> dict:
    client = RunwayML()
    failing = client.text_to_video.create(
        model="veo3.1_fast", prompt_text="this fails, from Python", ratio="1280:720", duration=4
    )
    video = client.image_to_video.create(
        model="gen4_turbo", prompt_image=image, prompt_text="from Python", ratio="1280:720", duration=2
    ).wait_for_task_output()
    try:
        client.tasks.retrieve(failing.id).wait_for_task_output()
        failure = None
    except TaskFailedError as error:
        failure = error.task_details.failure
    return {"url": video.output[0], "cost": video.cost.credits, "failure": failure, **refusals(client)}


def refusals(client: RunwayML) -> dict:
    try:
        client.text_to_video.create(model="gen4.5", prompt_text="x", ratio="1:9", duration=4)
    except runwayml.UnprocessableEntityError as error:
        wrong_field = error.body
    try:
        client.text_to_video.create(model="gen45", prompt_text="x", ratio="1280:720", duration=4)
    except runwayml.NotFoundError as error:
        unknown_model = error.body
    try:
        RunwayML(api_key="vg-0123456789abcdef0").tasks.retrieve("x")
    except runwayml.AuthenticationError as error:
        wrong_key = error.body
    return {"wrong_field": wrong_field, "unknown_model": unknown_model, "wrong_key": wrong_key}


async def wait_at_gateway(client: AsyncRunwayML, task: str) -> None:
    """Until the request has ended, at most a minute, instead of a fixed time."""
    url = client.base_url.join(f"/api/v1/requests/{task}?wait=60")
    async with httpx.AsyncClient(timeout=70) as http:
        await http.get(url, headers={"Authorization": f"Bearer {client.api_key}"})


async def call_often(calls: int) -> dict:
    async with AsyncRunwayML() as client:

        async def call(number: int) -> bool:
            try:
                task = await client.text_to_image.create(
                    model="fal-ai/flux/schnell", prompt_text=f"Python call {number}", ratio="256:256"
                )
            except runwayml.APIConnectionError:
                return False
            while (await client.tasks.retrieve(task.id)).status != "SUCCEEDED":
                await wait_at_gateway(client, task.id)
            return True

        return {"done": sum(await asyncio.gather(*map(call, range(calls))))}


if sys.argv[1] == "make":
    told = make(os.environ["IMAGE"])
else:
    told = asyncio.run(call_often(int(sys.argv[2])))
print(json.dumps(told))
