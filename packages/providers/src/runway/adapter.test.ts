import type { RequestListener } from "node:http";
import { createLeanFetch } from "@visgate/shared/runtime/net";
import { describe, expect, test } from "vitest";
import { adapterConformance } from "../../../../tests/support/adapter-conformance.js";
import { adapterAgainst, jsonAnswer, wireCall, wireConformance } from "../../../../tests/support/adapter-wire.js";
import { createRunwayAdapter } from "./adapter.js";

const kept = createLeanFetch({ freshConnections: false });
const fresh = createLeanFetch({ freshConnections: true });

const now = () => 1_767_225_600_000;
const createAdapter = (baseUrl: string) =>
  createRunwayAdapter({ baseUrl, urls: {}, settings: null, fetch: kept.fetch, freshFetch: fresh.fetch, now });

const input = (promptText: string, fields: object = {}, endpoint = "text_to_video") => {
  const body = { model: "veo3.1_fast", promptText, ratio: "1280:720", duration: 4, audio: false, ...fields };
  return { endpoint, body, reportUrl: null };
};
const text = input("a bird flying over the sea");
/** 40 credits of one cent each. */
const BILL = { micro: 400_000 };
const fail = (type: string) => ({ name: "fail", type });

describe("Runway adapter with the simulator", () => {
  adapterConformance({
    createAdapter,
    mountPath: "/runway",
    text,
    prompted: input,
    otherModel: "text_to_image",
    locates: "never",
    flagged: null,
    textOnTheWire: text.body,
    image: (promptImage) => input("the bird turns its head", { promptImage }, "image_to_video"),
    pictures: {
      input: {
        endpoint: "text_to_image",
        body: { model: "gen4_image", promptText: "a bird", ratio: "1280:720" },
        reportUrl: null,
      },
      count: 1,
    },
    unknownEndpoint: input("x", { model: "no-such-model" }),
    bill: BILL,
    reportsProgress: true,
    cancelledRunning: "cancelled",
    uploads: true,
    currency: "credits",
    failures: [
      {
        title: "refused prompt: is billed",
        input: input("a content policy test"),
        failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: true },
        bill: BILL,
      },
      {
        title: "output refused after the render: is not billed",
        disaster: { name: "late_moderation" },
        failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: false },
        bill: { micro: 0 },
      },
      {
        title: "image that cannot be used: VALIDATION_ERROR",
        disaster: fail("ASSET.INVALID"),
        failure: { code: "VALIDATION_ERROR", retryable: false, charged: false },
      },
      {
        title: "bad output: must not be retried",
        disaster: fail("INTERNAL.BAD_OUTPUT.CODE01"),
        failure: { code: "PROVIDER_ERROR", retryable: false, charged: false },
      },
      {
        title: "model error: may be retried",
        disaster: fail("INTERNAL"),
        failure: { code: "PROVIDER_ERROR", retryable: true, charged: false },
      },
      {
        title: "success without an output: fails, and is billed",
        disaster: { name: "output_missing" },
        failure: { code: "PROVIDER_ERROR", retryable: true, charged: true },
        bill: BILL,
      },
    ],
  });
});

describe("Runway adapter with other answers", () => {
  wireConformance({
    createAdapter,
    input: text,
    accepted: { estimatedCost: { credits: 40 } },
    idField: "id",
    lists: false,
  });
});

describe("Runway adapter: answers that only Runway gives", () => {
  const against = (answer: RequestListener) => adapterAgainst(createAdapter, answer);
  const job = { endpoint: "text_to_video", id: "job-1" };
  async function polled(body: object) {
    const { adapter } = await against(jsonAnswer(200, { id: "job-1", ...body }));
    return adapter.poll(job, wireCall());
  }
  async function refusedWith(status: number, body: unknown) {
    const { adapter } = await against(jsonAnswer(status, body));
    const result = await adapter.submit(text, wireCall());
    return result.kind === "rejected" ? result.failure : result;
  }

  test.each(["text_to_video", "image_to_video", "text_to_image"])(
    "submit to %s: sends one POST to its path",
    async (endpoint) => {
      const { adapter, asked } = await against(jsonAnswer(200, { id: "job-1" }));
      expect(await adapter.submit({ ...text, endpoint }, wireCall())).toEqual({ kind: "accepted", id: "job-1" });
      expect(asked).toEqual([`POST /v1/${endpoint}`]);
    },
  );

  test.each(["sound_effect", "constructor", ""])(
    "submit to the unknown endpoint %j: is rejected, without a call",
    async (endpoint) => {
      const { adapter, asked } = await against(jsonAnswer(200, { id: "job-1" }));
      const result = await adapter.submit({ ...text, endpoint }, wireCall());
      expect(result).toMatchObject({ kind: "rejected", failure: { retryable: false, charged: false } });
      expect(asked).toHaveLength(0);
    },
  );

  test("submit without enough credits: is PROVIDER_ERROR, not VALIDATION_ERROR", async () => {
    const failure = await refusedWith(400, { error: "You do not have enough credits to run this task." });
    expect(failure).toMatchObject({ code: "PROVIDER_ERROR", retryable: false, charged: false });
    expect(JSON.stringify(failure)).toContain("credits");
  });

  test("submit: the message of a refusal names the fields that have a valid name", async () => {
    const issues = [
      { path: ["duration"], message: "internals" },
      { path: ["promptImage", 0, "uri"] },
      { path: ["http://internals/"] },
      { path: [] },
      {},
    ];
    expect(await refusedWith(400, { error: "Validation of body failed", issues })).toEqual({
      code: "VALIDATION_ERROR",
      message: "Runway refused an input of this request (duration, promptImage).",
      retryable: false,
      charged: false,
    });
  });

  test("submit: a refusal without field names is VALIDATION_ERROR too", async () => {
    for (const body of [{ error: "no" }, { issues: "many" }, "text", null, { issues: [7] }]) {
      expect(await refusedWith(400, body)).toMatchObject({ code: "VALIDATION_ERROR", retryable: false });
    }
  });

  test.each([
    { body: { status: "PENDING" }, result: { kind: "queued", position: null } },
    { body: { status: "THROTTLED" }, result: { kind: "queued", position: null } },
    { body: { status: "RUNNING", progress: 0.42 }, result: { kind: "running", progress: 0.42 } },
    { body: { status: "RUNNING" }, result: { kind: "running", progress: null } },
    { body: { status: "RUNNING", progress: "half" }, result: { kind: "running", progress: null } },
    { body: { status: "RUNNING", progress: 7 }, result: { kind: "running", progress: 1 } },
    { body: { status: "RUNNING", progress: -1 }, result: { kind: "running", progress: 0 } },
  ])("poll: $body is $result.kind", async ({ body, result }) => {
    expect(await polled(body)).toEqual(result);
  });

  test("poll: the bill is the task's cost, and null without a valid one", async () => {
    const output = ["https://x.cloudfront.net/output.mp4?_jwt=a.b.c"];
    const outputs = [{ url: output[0] }];
    const done = (fields: object) => polled({ status: "SUCCEEDED", output, ...fields });
    expect(await done({ cost: { credits: 37.5 } })).toEqual({
      kind: "succeeded",
      outputs,
      withheld: 0,
      bill: { micro: 375_000 },
    });
    expect(await done({})).toEqual({ kind: "succeeded", outputs, withheld: 0, bill: null });
    expect(await done({ cost: { credits: "many" } })).toEqual({ kind: "succeeded", outputs, withheld: 0, bill: null });
  });

  test.each([
    { failureCode: "SAFETY.INPUT.TEXT", code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: true },
    {
      failureCode: "INPUT_PREPROCESSING.SAFETY.TEXT",
      code: "CONTENT_POLICY_VIOLATION",
      retryable: false,
      charged: true,
    },
    { failureCode: "SAFETY.OUTPUT.VIDEO", code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: null },
    { failureCode: "ASSET.INVALID", code: "VALIDATION_ERROR", retryable: false, charged: null },
    { failureCode: "INTERNAL.BAD_OUTPUT.CODE01", code: "PROVIDER_ERROR", retryable: false, charged: null },
    { failureCode: "INTERNAL", code: "PROVIDER_ERROR", retryable: true, charged: null },
    { failureCode: "INPUT_PREPROCESSING.INTERNAL", code: "PROVIDER_ERROR", retryable: true, charged: null },
    { failureCode: "THIRD_PARTY.UNAVAILABLE", code: "PROVIDER_ERROR", retryable: true, charged: null },
    { failureCode: undefined, code: "PROVIDER_ERROR", retryable: true, charged: null },
    { failureCode: null, code: "PROVIDER_ERROR", retryable: true, charged: null },
    { failureCode: "SAFETYNET.BROKEN", code: "PROVIDER_ERROR", retryable: false, charged: null },
    { failureCode: "internals at 10.0.0.7", code: "PROVIDER_ERROR", retryable: false, charged: null },
  ])("poll: the failure code $failureCode is $code", async ({ failureCode, ...failure }) => {
    const result = await polled({ status: "FAILED", failure: "internals", failureCode });
    expect(result).toMatchObject({ kind: "failed", failure, bill: null });
    expect(JSON.stringify(result)).not.toContain("internals");
  });

  test.each([
    { credits: 0, charged: false },
    { credits: 40, charged: true },
  ])(
    "poll: a failed job that costs $credits credits: its failure has `charged: $charged`",
    async ({ credits, charged }) => {
      for (const status of ["FAILED", "CANCELLED"]) {
        const result = await polled({ status, failureCode: "SAFETY.INPUT.TEXT", cost: { credits } });
        expect(result).toMatchObject({ kind: "failed", failure: { charged }, bill: { micro: credits * 10_000 } });
      }
    },
  );

  describe("cancel", () => {
    /** Cancels a task. `states`: the answers to the polls in turn; the last one is repeated. */
    async function cancelled(states: object[], deleteStatus = 204) {
      const left = [...states];
      const { adapter, asked } = await against((request, response) => {
        if (request.method === "DELETE") return jsonAnswer(deleteStatus, {})(request, response);
        const state = (left.length > 1 ? left.shift() : left[0]) ?? {};
        jsonAnswer("status" in state ? 200 : 404, state)(request, response);
      });
      const result = await adapter.cancel(job, wireCall()).catch((error: Error) => error.message);
      return { result, deletes: asked.filter((line) => line.startsWith("DELETE")).length };
    }
    const RUNNING = { status: "RUNNING", progress: 0.5 };
    const NOT_FOUND = {};

    test.each([{ status: "SUCCEEDED" }, { status: "FAILED" }, { status: "CANCELLED" }, NOT_FOUND])(
      "of a task in the state %j: is too late, without a DELETE",
      async (state) => expect(await cancelled([state])).toEqual({ result: "too_late", deletes: 0 }),
    );

    test("of a task whose state is not known: throws, without a DELETE", async () => {
      const { result, deletes } = await cancelled([{ status: "MIGRATING" }]);
      expect(result).toContain("could not be asked");
      expect(deletes).toBe(0);
    });

    test.each([
      { after: { status: "CANCELLED", cost: { credits: 0 } }, result: "cancelled" },
      { after: { status: "CANCELLED", cost: { credits: 7 } }, result: "requested" },
      { after: { status: "CANCELLED" }, result: "requested" },
      { after: NOT_FOUND, result: "requested" },
      { after: { status: "SUCCEEDED", output: ["https://x/y"], cost: { credits: 7 } }, result: "too_late" },
      { after: { status: "FAILED" }, result: "too_late" },
      { after: RUNNING, result: "requested" },
      { after: { status: "MIGRATING" }, result: "requested" },
    ])("with the state $after after the DELETE: is $result", async ({ after, result }) => {
      expect(await cancelled([RUNNING, after])).toEqual({ result, deletes: 1 });
    });

    test("with 404 for the DELETE: is requested, because another DELETE came first", async () => {
      expect(await cancelled([RUNNING, NOT_FOUND], 404)).toEqual({ result: "requested", deletes: 1 });
    });

    test.each([401, 429, 500])("with %i for the DELETE: throws after one DELETE", async (status) => {
      expect(await cancelled([RUNNING], status)).toEqual({
        result: `Runway could not be asked to cancel: HTTP ${status}`,
        deletes: 1,
      });
    });
  });

  describe("upload", () => {
    const image = { bytes: new Uint8Array(Buffer.from("the bytes")), contentType: "image/png" };
    /** Uploads an image. The API returns an upload URL at the same server, where `storage` answers. */
    async function uploaded(storage: RequestListener, signal = AbortSignal.timeout(5000)) {
      const keys: (string | undefined)[] = [];
      const { adapter, asked } = await against((request, response) => {
        keys.push(request.headers.authorization);
        if (request.url === "/storage") return storage(request, response);
        const uploadUrl = `http://${request.headers.host}/storage`;
        jsonAnswer(200, { uploadUrl, fields: { key: "k" }, runwayUri: "runway://f" })(request, response);
      });
      return { result: await adapter.upload(image, { apiKey: "secret", signal }), asked, keys };
    }

    test("sends two POSTs, the second one without the key", async () => {
      const { result, asked, keys } = await uploaded(jsonAnswer(204, null));
      expect(result).toEqual({ kind: "uploaded", url: "runway://f" });
      expect(asked).toEqual(["POST /v1/uploads", "POST /storage"]);
      expect(keys).toEqual(["Bearer secret", undefined]);
    });

    test.each([
      { status: 400, kind: "rejected" },
      { status: 413, kind: "rejected" },
      { status: 429, kind: "unavailable" },
      { status: 500, kind: "unavailable" },
    ])("is $kind after one call when the storage answers $status", async ({ status, kind }) => {
      const { result, asked } = await uploaded(jsonAnswer(status, {}));
      expect(result.kind).toBe(kind);
      expect(asked).toHaveLength(2);
    });

    test("is unavailable when the storage does not answer in time", async () => {
      const { result, asked } = await uploaded(() => {}, AbortSignal.timeout(300));
      expect(result.kind).toBe("unavailable");
      expect(asked).toHaveLength(2);
    });
  });

  test("account: returns the balance and the limit in credits", async () => {
    const { adapter } = await against(jsonAnswer(200, { creditBalance: 120, tier: { maxMonthlyCreditSpend: 10_000 } }));
    expect(await adapter.account(wireCall())).toEqual({
      kind: "valid",
      balance: { remaining: 120, limit: 10_000, currency: "credits" },
    });
  });
});
