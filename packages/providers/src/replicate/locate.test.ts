/** locate with Replicate's list of predictions. tests/support/adapter-locates.ts has the tests for all adapters. */
import type { RequestListener } from "node:http";
import { createLeanFetch } from "@visgate/shared/runtime/net";
import { describe, expect, onTestFinished, test } from "vitest";
import { adapterAgainst, jsonAnswer, wireCall } from "../../../../tests/support/adapter-wire.js";
import { startListener } from "../../../../tests/support/listeners.js";
import { createReplicateAdapter } from "./adapter.js";

const lean = createLeanFetch({ freshConnections: false });
const SENT_AT = Date.parse("2026-06-01T12:00:00Z");
const OURS = "https://gateway.example.com/reports/1";
const LOST = { endpoint: "google/veo-3", body: { prompt: "a bird", duration: 4 }, reportUrl: OURS, sentAt: SENT_AT };

const item = (fields: object = {}) => ({
  ...{ id: "p-1", model: "google/veo-3", version: "hidden", input: LOST.body, data_removed: false },
  ...{ created_at: "2026-06-01T12:00:01.123456Z", status: "processing" },
  ...fields,
});
const page = (results: unknown[], next: string | null = null) => jsonAnswer(200, { previous: null, next, results });

const createAdapter = (baseUrl: string) =>
  createReplicateAdapter({
    ...{ baseUrl, urls: {}, settings: null, fetch: lean.fetch, freshFetch: lean.fetch, now: () => SENT_AT },
  });

async function located(answer: RequestListener, fields: object = {}) {
  const { adapter, asked } = await adapterAgainst(createAdapter, answer);
  return { result: await adapter.locate({ ...LOST, ...fields }, wireCall()), asked };
}

async function idsIn(results: unknown[], fields: object = {}) {
  const { result } = await located(page(results), fields);
  return result.kind === "found" ? result.candidates.map(({ id, isCertain }) => [id, isCertain]) : result.kind;
}

describe("locate: which prediction is ours", () => {
  test("prediction with our webhook URL: is certain with any input, and comes first", async () => {
    const certain = item({ id: "p-2", webhook: OURS, input: {}, data_removed: true, model: null });
    expect(await idsIn([certain, item()])).toEqual([
      ["p-2", true],
      ["p-1", false],
    ]);
  });

  test.each([
    { what: "the webhook of another request", fields: { webhook: `${OURS}0` } },
    { what: "deleted data", fields: { data_removed: true } },
    { what: "another input", fields: { input: { ...LOST.body, seed: 7 } } },
    { what: "another model", fields: { model: "google/veo-3-fast" } },
    { what: "no model", fields: { model: undefined } },
    { what: "a time that is not valid", fields: { created_at: "today" } },
  ])("prediction with $what: is not ours", async ({ fields }) => {
    expect(await idsIn([item(fields)])).toBe("absent");
  });

  test("prediction with a webhook: is not ours when we sent no webhook URL", async () => {
    expect(await idsIn([item({ webhook: OURS })], { reportUrl: null })).toBe("absent");
    expect(await idsIn([item()], { reportUrl: null })).toEqual([["p-1", false]]);
  });

  test("prediction of a version: is ours when the version id is equal", async () => {
    const lost = { endpoint: "acme/clip:abc123" };
    expect(await idsIn([item({ model: "acme/clip", version: "abc123" })], lost)).toEqual([["p-1", false]]);
    expect(await idsIn([item({ model: "acme/clip", version: "def456" })], lost)).toBe("absent");
  });
});

describe("locate: pages", () => {
  test("are requested from our own base URL, even when `next` names another host", async () => {
    const elsewhere = await startListener(page([item()]));
    onTestFinished(elsewhere.close);
    const { result, asked } = await located((request, response) =>
      request.url?.includes("cursor")
        ? page([item()])(request, response)
        : page([], `${elsewhere.origin}/v1/predictions?cursor=c%3D`)(request, response),
    );
    expect(result.kind).toBe("found");
    expect(asked).toEqual(["GET /predictions", "GET /predictions?cursor=c%3D"]);
    expect(elsewhere.asked).toEqual([]);
  });

  test("are read up to the first prediction that was created before the submit", async () => {
    const old = item({ id: "p-0", created_at: "2026-06-01T11:59:49Z" });
    const { result, asked } = await located(page([item(), old], "https://x/predictions?cursor=c"));
    expect(result).toMatchObject({ candidates: [{ id: "p-1", createdAt: SENT_AT + 1123 }] });
    expect(asked).toHaveLength(1);
  });

  test("are read up to a certain candidate", async () => {
    const { asked } = await located(page([item({ webhook: OURS })], "https://x/predictions?cursor=c"));
    expect(asked).toHaveLength(1);
  });

  test("cannot tell when there are more than 20", async () => {
    const { result, asked } = await located(page([item()], "https://x/predictions?cursor=c"));
    expect(result).toMatchObject({ kind: "cannot_tell", cause: "the list is too long", isFinal: false });
    expect(asked).toHaveLength(20);
  });

  test.each(["https://x/predictions", "https://x/predictions?page=2", "http://["])(
    "cannot tell when the next page %j has no cursor",
    async (next) => {
      const { result, asked } = await located(page([item()], next));
      expect(result).toMatchObject({ kind: "cannot_tell", isFinal: false });
      expect(asked).toHaveLength(1);
    },
  );

  test("can have 100 inputs with images", async () => {
    const image = `data:image/png;base64,${"A".repeat(200_000)}`;
    const others = Array.from({ length: 99 }, (_, index) => item({ id: `o-${index}`, input: { prompt: "x", image } }));
    expect(await idsIn([...others, item()])).toEqual([["p-1", false]]);
  });
});

describe("locate: a list that shows no inputs", () => {
  const withoutInput = (id: string, fields: object = {}) => ({ ...item(), id, input: undefined, ...fields });
  /** Answers with the list, and with `single` for each prediction. */
  const listAndSingle =
    (results: unknown[], single: RequestListener): RequestListener =>
    (request, response) =>
      request.url === "/predictions" ? page(results)(request, response) : single(request, response);

  test("each prediction of the same model and time is read by its id", async () => {
    const results = [
      withoutInput("p-9", { model: "a/b" }),
      withoutInput("p-1"),
      withoutInput("p-0", { created_at: "2026-06-01T11:00:00Z" }),
    ];
    const full = item({ webhook: OURS });
    const { result, asked } = await located(listAndSingle(results, jsonAnswer(200, full)));
    expect(result).toMatchObject({ candidates: [{ id: "p-1", isCertain: true }] });
    expect(asked).toEqual(["GET /predictions", "GET /predictions/p-1"]);
  });

  test("a deleted prediction is skipped", async () => {
    const { result } = await located(listAndSingle([withoutInput("p-1")], jsonAnswer(404, {})));
    expect(result).toEqual({ kind: "absent" });
  });

  test("cannot tell when a prediction cannot be read", async () => {
    const { result } = await located(listAndSingle([withoutInput("p-1")], jsonAnswer(500, {})));
    expect(result).toMatchObject({ kind: "cannot_tell", cause: "HTTP 500", isFinal: false });
  });

  test("cannot tell when more than 20 predictions would have to be read", async () => {
    const results = Array.from({ length: 30 }, (_, index) => withoutInput(`p-${index}`));
    const { result, asked } = await located(listAndSingle(results, jsonAnswer(200, item({ input: {} }))));
    expect(result).toMatchObject({ kind: "cannot_tell", isFinal: false });
    expect(asked).toHaveLength(21);
  });
});
