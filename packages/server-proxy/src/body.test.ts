import { expect, it } from "vitest";
import { MAX_BODY_BYTES, readBody, refuseWebhookUrl } from "./body.js";
import { Refusal } from "./error-responses.js";

const neverAborted = new AbortController().signal;
const post = (body: string | Uint8Array<ArrayBuffer> | ReadableStream | null) =>
  new Request("http://app.example/", { method: "POST", body, duplex: "half" });
const bytes = (text: string) => new TextEncoder().encode(text);

async function statusOf(work: () => unknown): Promise<number | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return error instanceof Refusal ? error.response.status : -1;
  }
}

/** An endless stream of chunks of 1 MB, which counts the bytes it gave and knows whether it was cancelled. */
function endless() {
  const state = { bytes: 0, isCancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      state.bytes += 1024 * 1024;
      controller.enqueue(new Uint8Array(1024 * 1024));
    },
    cancel() {
      state.isCancelled = true;
    },
  });
  return { state, stream };
}

it("readBody: returns the bytes of a body up to the limit, null for an empty one", async () => {
  expect(await readBody(post('{"prompt": "ö"}'), neverAborted)).toEqual(bytes('{"prompt": "ö"}'));
  expect(await readBody(post(null), neverAborted)).toBeNull();
  expect(await readBody(post(""), neverAborted)).toBeNull();
  expect((await readBody(post(new Uint8Array(MAX_BODY_BYTES)), neverAborted))?.byteLength).toBe(MAX_BODY_BYTES);
});

it("readBody: refuses a body one byte over the limit with 413, with or without Content-Length, and reads no further", async () => {
  expect(await statusOf(() => readBody(post(new Uint8Array(MAX_BODY_BYTES + 1)), neverAborted))).toBe(413);
  const announced = new Request("http://app.example/", {
    method: "POST",
    headers: { "content-length": String(MAX_BODY_BYTES + 1) },
  });
  expect(await statusOf(() => readBody(announced, neverAborted))).toBe(413);
  const { state, stream } = endless();
  expect(await statusOf(() => readBody(post(stream), neverAborted))).toBe(413);
  expect(state.bytes).toBeLessThan(MAX_BODY_BYTES + 3 * 1024 * 1024);
  expect(state.isCancelled).toBe(true);
});

it("readBody: 500 when the application has read the body, or is reading it", async () => {
  const read = post("{}");
  await read.text();
  expect(await statusOf(() => readBody(read, neverAborted))).toBe(500);
  const reading = post("{}");
  reading.body?.getReader();
  expect(await statusOf(() => readBody(reading, neverAborted))).toBe(500);
});

it("readBody: rejects when the exchange ends before the body has arrived", async () => {
  const controller = new AbortController();
  const reading = readBody(post(new ReadableStream()), controller.signal);
  controller.abort();
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
});

it.each([
  ['{"prompt": "a", "webhook_url": "https://evil.example"}', 422],
  ['{"webhook\\u005furl": "https://evil.example"}', 422],
  ['\uFEFF{"webhook_url": null}', 422],
  ['{"prompt": "webhook_url"}', null],
  ['{"params": {"a": 1}}', null],
  ['["webhook_url"]', null],
  ["null", null],
  ["not JSON: webhook_url", null],
])("refuseWebhookUrl: %s is answered with %j", async (body, status) => {
  expect(await statusOf(() => refuseWebhookUrl(bytes(body)))).toBe(status);
});
