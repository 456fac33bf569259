import { expect, it } from "vitest";
import { Refusal } from "./answers.js";
import { MAX_BODY_BYTES, readBody, refuseWebhookUrl } from "./body.js";

const alive = new AbortController().signal;
const post = (body: string | Uint8Array<ArrayBuffer> | ReadableStream | null) =>
  new Request("http://app.example/", { method: "POST", body, duplex: "half" });
const bytes = (text: string) => new TextEncoder().encode(text);

async function statusOf(work: () => unknown): Promise<number | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return error instanceof Refusal ? error.answer.status : -1;
  }
}

/** Endless, a megabyte at a time; tells how much of it was taken, and whether it was called off. */
function endless() {
  const told = { bytes: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      told.bytes += 1024 * 1024;
      controller.enqueue(new Uint8Array(1024 * 1024));
    },
    cancel() {
      told.cancelled = true;
    },
  });
  return { told, stream };
}

it("reads what there is, byte for byte, up to the limit", async () => {
  expect(await readBody(post('{"prompt": "ö"}'), alive)).toEqual(bytes('{"prompt": "ö"}'));
  expect(await readBody(post(null), alive)).toBeNull();
  expect(await readBody(post(""), alive)).toBeNull();
  expect((await readBody(post(new Uint8Array(MAX_BODY_BYTES)), alive))?.byteLength).toBe(MAX_BODY_BYTES);
});

it("one byte more is a 413, announced or not, and no more is read than that", async () => {
  expect(await statusOf(() => readBody(post(new Uint8Array(MAX_BODY_BYTES + 1)), alive))).toBe(413);
  const announced = new Request("http://app.example/", {
    method: "POST",
    headers: { "content-length": String(MAX_BODY_BYTES + 1) },
  });
  expect(await statusOf(() => readBody(announced, alive))).toBe(413);
  const { told, stream } = endless();
  expect(await statusOf(() => readBody(post(stream), alive))).toBe(413);
  expect(told.bytes).toBeLessThan(MAX_BODY_BYTES + 3 * 1024 * 1024);
  expect(told.cancelled).toBe(true);
});

it("a body that the application has read, or is reading, is its own mistake", async () => {
  const read = post("{}");
  await read.text();
  expect(await statusOf(() => readBody(read, alive))).toBe(500);
  const reading = post("{}");
  reading.body?.getReader();
  expect(await statusOf(() => readBody(reading, alive))).toBe(500);
});

it("a body that never comes is not waited for once the exchange has ended", async () => {
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
])("%s: %j", async (body, status) => {
  expect(await statusOf(() => refuseWebhookUrl(bytes(body)))).toBe(status);
});
