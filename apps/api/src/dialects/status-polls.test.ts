/** Status polls of the dialects: they show each change, and read the record once for each. */
import { expect, test } from "vitest";
import { BASE, OTHER_KEY, useTestApi } from "../../../../tests/support/api.js";

const { api } = useTestApi();

test.each([
  { dialect: "openai", path: (id: string) => `/openai/v1/videos/${id}`, ended: { status: "completed", progress: 100 } },
  { dialect: "fal", path: (id: string) => `/fal/fal-ai/veo3/requests/${id}/status`, ended: { status: "COMPLETED" } },
  { dialect: "replicate", path: (id: string) => `/replicate/v1/predictions/${id}`, ended: { status: "succeeded" } },
  { dialect: "runway", path: (id: string) => `/runway/v1/tasks/${id}`, ended: { status: "SUCCEEDED" } },
])("$dialect: many polls read the record once, and the next one shows the end", async ({ dialect, path, ended }) => {
  const id = await api.submit({ model: "fal-ai/veo3", prompt: `polled by ${dialect}`, cache: "off" });
  const poll = (key?: string) => api.call("GET", BASE + path(id), key === undefined ? {} : { key });
  const { requests } = api.deps.store;
  const { get } = requests;
  let reads = 0;
  requests.get = (of) => {
    reads += 1;
    return get(of);
  };
  const polls = await Promise.all([poll(), poll(), poll()]);
  for (let count = 0; count < 5; count += 1) polls.push(await poll());
  requests.get = get;
  expect(new Set(polls.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
  expect(reads).toBeLessThanOrEqual(3);
  await api.complete(id);
  expect(await poll()).toMatchObject({ status: 200, body: ended });
  expect((await poll(OTHER_KEY)).status).toBe(404);
});

test("openai: each poll until the end says when to ask again", async () => {
  const id = await api.submit({ model: "fal-ai/veo3", prompt: "asked again", cache: "off" });
  const after = async () =>
    (await api.call("GET", `${BASE}/openai/v1/videos/${id}`)).headers.get("openai-poll-after-ms");
  expect([await after(), await after()]).toEqual(["1000", "1000"]);
  await api.complete(id);
  expect([await after(), await after()]).toEqual([null, null]);
});

test("fal: each poll names its request", async () => {
  const id = await api.submit({ model: "fal-ai/veo3", prompt: "named", cache: "off" });
  const poll = () => api.call("GET", `${BASE}/fal/fal-ai/veo3/requests/${id}/status`);
  for (const { headers } of [await poll(), await poll()]) expect(headers.get("x-fal-request-id")).toBe(id);
});

test("openai: an image is no video", async () => {
  const body = { model: "fal-ai/flux/schnell", prompt: "an image", cache: "off" };
  const { body: made } = await api.call("POST", "/images/generate", { headers: { prefer: "respond-async" }, body });
  for (let count = 0; count < 2; count += 1)
    expect((await api.call("GET", `${BASE}/openai/v1/videos/${made.id}`)).status).toBe(404);
});
