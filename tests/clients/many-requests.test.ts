/** Making requests again and acting on many of them, through the TypeScript SDK and a connection that loses answers. */
import { Client, type ClientOptions, ConnectionError, type RequestWithInput } from "@visgate_ai/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

let test: TestStack;
let proxy: FaultProxy;
let receiver: Receiver;
beforeAll(async () => {
  test = await startTestStack();
  [proxy, receiver] = await Promise.all([startFaultProxy(test.stack.baseUrl), startReceiver()]);
});
afterAll(async () => {
  await Promise.all([proxy.close(), receiver.close()]);
  await test.stop();
});
beforeEach(() => test.simulator.reset());

const MODEL = "fal-ai/veo3";
const FRESH = { cache: "off", durationSeconds: 4 } as const;
const clientOf = (options: ClientOptions = {}) =>
  new Client({ apiKey: test.stack.apiKey, baseUrl: proxy.url, ...options });
const made = async (prompt: string, more: object = {}) =>
  clientOf().videos.generate(MODEL, prompt, { ...FRESH, ...more });
const submits = async () => (await test.simulator.stats()).submits;
const keysOf = (path: string) =>
  proxy.seen.filter((call) => call.path.startsWith(`/api/v1${path}`)).map(({ headers }) => headers["idempotency-key"]);
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("requests.again", () => {
  it("makes the same call as a new request, and waits for its end", async () => {
    const first = await made("again", { params: { aspect_ratio: "9:16" }, metadata: { order_id: "7" } });
    const request = await clientOf().requests.again(first.id);
    expect(request).toMatchObject({ status: "pending", model: MODEL });
    const [before, after] = [await clientOf().requests.get(first.id), await request.wait()];
    expect(after).toMatchObject({ status: "completed", requestId: request.requestId, metadata: { order_id: "7" } });
    const { input } = await clientOf().requests.get(request.requestId);
    expect([input, input?.params]).toEqual([before.input, { aspect_ratio: "9:16" }]);
    expect(await submits()).toBe(2);
  });

  it("its answer is lost twice: is sent again with the same key, and makes one submit", async () => {
    const first = await made("a lost again");
    proxy.inject({ method: "POST", path: `/requests/${first.id}/again`, kind: "cut_answer", times: 2 });
    const request = await clientOf().requests.again(first.id);
    await request.wait();
    const keys = keysOf(`/requests/${first.id}/again`);
    expect([keys.length, new Set(keys).size, await submits()]).toEqual([3, 1, 2]);
  });

  it("without a key, as other clients call it: a repeat after a lost answer makes no second submit", async () => {
    const first = await made("a lost again without a key");
    const send = () =>
      fetch(`${proxy.url}/api/v1/requests/${first.id}/again`, {
        method: "POST",
        headers: { authorization: `Bearer ${test.stack.apiKey}` },
      });
    proxy.inject({ method: "POST", path: `/requests/${first.id}/again`, kind: "cut_answer" });
    // The first one waits for its output, so the request has ended when its answer is cut.
    await expect(send()).rejects.toThrow();
    const { id } = (await (await send()).json()) as { id: string };
    expect([(await clientOf().requests.get(id)).status, await submits()]).toEqual(["completed", 2]);
  });

  it("an unknown request: REQUEST_NOT_FOUND", async () => {
    const unknown = clientOf().requests.again("018f0000-0000-7000-8000-000000000000");
    await expect(unknown).rejects.toMatchObject({ errorCode: "REQUEST_NOT_FOUND", statusCode: 404 });
  });
});

describe("requests.list", () => {
  it("takes several statuses, a text of the prompt and a key; and leaves the input out", async () => {
    const { id } = await made("a Zebra in the rain");
    const list = (query: object) => clientOf().requests.list({ text: "zebra in THE rain", ...query });
    const idsOf = ({ requests }: { requests: RequestWithInput[] }) => requests.map(({ requestId }) => requestId);
    expect(idsOf(await list({ status: ["completed", "failed"], apiKeyId: "bootstrap" }))).toEqual([id]);
    expect(idsOf(await list({ status: "failed" }))).toEqual([]);
    expect(idsOf(await list({ tag: "none" }))).toEqual([]);
    const [shown, bare] = [await list({}), await list({ include: "-input" })].map(({ requests }) => requests[0]);
    expect(shown?.input).toMatchObject({ prompt: "a Zebra in the rain", durationSeconds: 4, imageUrl: null });
    expect(bare).toEqual({ ...shown, input: undefined });
  });
});

describe("requests.bulk", () => {
  const filter = (callbackId: string) => ({ callbackId, status: ["completed" as const] });

  it("again: counts first, and a lost answer makes no request twice", async () => {
    for (const prompt of ["one", "two"]) await made(prompt, { callbackId: "bulk" });
    const client = clientOf();
    const counted = await client.requests.bulk({ action: "again", filter: filter("bulk"), dryRun: true });
    expect(counted).toMatchObject({ dryRun: true, matched: 2, done: 0, nextCursor: null });
    proxy.inject({ method: "POST", path: "/requests/bulk", kind: "cut_answer", times: 2 });
    const before = keysOf("/requests/bulk").length;
    const result = await client.requests.bulk({ action: "again", filter: filter("bulk"), expectedCount: 2 });
    expect(result).toMatchObject({ action: "again", matched: 2, done: 2, failed: [] });
    expect(new Set(keysOf("/requests/bulk").slice(before)).size).toBe(1);
    await until("the new requests to end", async () => {
      const ended = await client.requests.list({ callbackId: "bulk", status: "completed" });
      return ended.requests.length === 4;
    });
    expect(await submits()).toBe(4);
  });

  it("with another count: COUNT_CHANGED, and nothing is done", async () => {
    const { id } = await made("counted", { callbackId: "counted" });
    const call = clientOf().requests.bulk({ action: "delete", filter: filter("counted"), expectedCount: 2 });
    await expect(call).rejects.toMatchObject({ errorCode: "COUNT_CHANGED", details: { matched: 1 } });
    expect((await clientOf().requests.get(id)).status).toBe("completed");
  });

  it("delete: is not sent again after a lost answer", async () => {
    const { id } = await made("deleted", { callbackId: "deleted" });
    proxy.inject({ method: "POST", path: "/requests/bulk", kind: "cut_answer" });
    const before = keysOf("/requests/bulk").length;
    const call = clientOf().requests.bulk({ action: "delete", filter: filter("deleted"), expectedCount: 1 });
    await expect(call).rejects.toBeInstanceOf(ConnectionError);
    expect(keysOf("/requests/bulk").length).toBe(before + 1);
    await expect(clientOf().requests.get(id)).rejects.toMatchObject({ errorCode: "REQUEST_NOT_FOUND" });
  });
});

it("deliveries.list: the webhooks of all requests, page by page", async () => {
  const ids = new Set<string>();
  for (const prompt of ["one", "two", "three"]) ids.add((await made(prompt, { webhookUrl: receiver.url })).id);
  await receiver.atLeast(ids.size);
  const client = clientOf();
  const delivered = await until("the attempts to be written", async () => {
    const found = await all(await client.deliveries.list({ state: ["delivered"], limit: 2 }));
    return found.length === ids.size && found;
  });
  expect(new Set(delivered.map(({ requestId }) => requestId))).toEqual(ids);
  expect(delivered[0]).toMatchObject({ url: receiver.url, type: "request.completed", attempts: [{ httpStatus: 200 }] });
  expect((await client.deliveries.list({ state: "abandoned" })).deliveries).toEqual([]);
});
