/** locate with fal's list of requests. tests/support/adapter-locates.ts has the tests for all adapters. */
import type { RequestListener } from "node:http";
import { createLeanFetch } from "@visgate/shared/runtime/net";
import { expect, onTestFinished, test } from "vitest";
import { jsonAnswer, wireCall } from "../../../../tests/support/adapter-wire.js";
import { startListener } from "../../../../tests/support/listeners.js";
import { createFalAdapter } from "./adapter.js";

const lean = createLeanFetch({ freshConnections: false });
const ENDPOINT = "fal-ai/veo3/image-to-video";
const SENT_AT = Date.parse("2026-06-01T12:00:00Z");
const LOST = { endpoint: ENDPOINT, body: { prompt: "a bird", duration: "4s" }, reportUrl: null, sentAt: SENT_AT };

const item = (fields: object = {}) => ({
  ...{ request_id: "r-1", endpoint_id: ENDPOINT, sent_at: "2026-06-01T12:00:01Z", started_at: "2026-06-01T12:00:02Z" },
  json_input: LOST.body,
  ...fields,
});
const lastPage = (...items: unknown[]) => jsonAnswer(200, { items, next_cursor: null, has_more: false });

async function falWith(list: RequestListener, platformPath: string | null = "/v1") {
  const [queue, platform] = [await startListener(jsonAnswer(500, {})), await startListener(list)];
  onTestFinished(async () => {
    await Promise.all([queue.close(), platform.close()]);
  });
  const adapter = createFalAdapter({
    baseUrl: queue.origin,
    urls: { platform: platformPath === null ? null : platform.origin + platformPath },
    settings: null,
    ...{ fetch: lean.fetch, freshFetch: lean.fetch, now: () => SENT_AT },
  });
  const locate = (fields: object = {}) => adapter.locate({ ...LOST, ...fields }, wireCall());
  return { locate, queue: queue.asked, platform: platform.asked };
}

test("locate: searches the platform API by endpoint and time, asks for the inputs, and sends the key in a header", async () => {
  let key: string | undefined;
  const { locate, platform, queue } = await falWith((request, response) => {
    key = request.headers.authorization;
    lastPage(item())(request, response);
  });
  const candidates = [{ id: "r-1", createdAt: SENT_AT + 1000, isCertain: false }];
  expect(await locate()).toEqual({ kind: "found", candidates });
  const { pathname, searchParams } = new URL(platform[0]?.split(" ")[1] ?? "", "http://x");
  expect(pathname).toBe("/v1/models/requests/by-endpoint");
  expect(Object.fromEntries(searchParams)).toEqual({
    ...{ endpoint_id: ENDPOINT, start: "2026-06-01T11:59:50.000Z", limit: "100", expand: "payloads" },
  });
  expect([key, queue]).toEqual(["Key id:secret", []]);
});

test("locate without a platform URL: sends nothing, and a retry does not help", async () => {
  const { locate, platform, queue } = await falWith(lastPage(item()), null);
  expect(await locate()).toMatchObject({ kind: "cannot_tell", isFinal: true });
  expect([platform, queue]).toEqual([[], []]);
});

test("locate: does not follow a redirect, so the key is not sent to another host", async () => {
  const elsewhere = await startListener(lastPage(item()));
  onTestFinished(elsewhere.close);
  const { locate } = await falWith(jsonAnswer(302, {}, { location: `${elsewhere.origin}/v1` }));
  expect(await locate()).toMatchObject({ kind: "cannot_tell", isFinal: true });
  expect(elsewhere.asked).toEqual([]);
});

test.each([
  { what: "no input", fields: { json_input: undefined } },
  { what: "an input of null", fields: { json_input: null } },
  { what: "its input as text", fields: { json_input: JSON.stringify(LOST.body) } },
  { what: "a default filled in", fields: { json_input: { ...LOST.body, seed: 7 } } },
  { what: "a value of another type", fields: { json_input: { ...LOST.body, duration: 4 } } },
  { what: "another endpoint", fields: { endpoint_id: "fal-ai/veo3" } },
  { what: "no time", fields: { sent_at: undefined } },
  { what: "a time that is not valid", fields: { sent_at: "today" } },
  { what: "a time before the submit", fields: { sent_at: "2026-06-01T11:59:49.999Z" } },
  { what: "no id", fields: { request_id: "" } },
])("locate: does not find a request with $what", async ({ fields }) => {
  const { locate } = await falWith(lastPage(item(fields)));
  expect(await locate()).toEqual({ kind: "absent" });
});

test("locate: does not find a request whose image is listed in another form", async () => {
  const image_url = `data:image/png;base64,${"A".repeat(1000)}`;
  const body = { ...LOST.body, image_url };
  const listedAs = async (listed: string) => {
    const { locate } = await falWith(lastPage(item({ json_input: { ...body, image_url: listed } })));
    return (await locate({ body })).kind;
  };
  expect(await listedAs(image_url)).toBe("found");
  expect(await listedAs(`${image_url.slice(0, 100)}...`)).toBe("absent");
  expect(await listedAs("https://v3.fal.media/files/a.png")).toBe("absent");
});

test("locate: ignores fields that are undefined, which JSON omits", async () => {
  const { locate } = await falWith(lastPage(item()));
  expect(await locate({ body: { ...LOST.body, seed: undefined } })).toMatchObject({ kind: "found" });
});

test("locate: a request on two pages is one candidate", async () => {
  const { locate, platform } = await falWith((request, response) =>
    request.url?.includes("cursor=Mg%3D%3D")
      ? lastPage(item(), item({ request_id: "r-0", sent_at: "2026-06-01T12:00:00Z" }))(request, response)
      : jsonAnswer(200, { items: [item()], next_cursor: "Mg==", has_more: true })(request, response),
  );
  expect(await locate()).toMatchObject({ candidates: [{ id: "r-0" }, { id: "r-1" }] });
  expect(platform).toHaveLength(2);
});

test("locate: cannot tell when the list has more than 20 pages", async () => {
  const { locate, platform } = await falWith(jsonAnswer(200, { items: [item()], next_cursor: "x", has_more: true }));
  expect(await locate()).toEqual({
    ...{ kind: "cannot_tell", cause: "the list is too long", isFinal: false, retryAfterMs: null },
  });
  expect(platform).toHaveLength(20);
});

test("locate: cannot tell when a later page cannot be read", async () => {
  const { locate } = await falWith((request, response) =>
    request.url?.includes("cursor")
      ? jsonAnswer(500, {})(request, response)
      : jsonAnswer(200, { items: [item()], next_cursor: "x", has_more: true })(request, response),
  );
  expect(await locate()).toMatchObject({ kind: "cannot_tell", cause: "HTTP 500", isFinal: false });
});

test("locate: cannot tell when the next page has no cursor", async () => {
  const { locate } = await falWith(jsonAnswer(200, { items: [item()], next_cursor: null, has_more: true }));
  expect(await locate()).toMatchObject({ kind: "cannot_tell", isFinal: false });
});
