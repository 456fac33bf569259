import type { RequestListener } from "node:http";
import { createLeanFetch } from "@visgate/shared/runtime/net";
import { describe, expect, test } from "vitest";
import { adapterConformance } from "../../../../tests/support/adapter-conformance.js";
import { adapterAgainst, jsonAnswer, wireCall, wireConformance } from "../../../../tests/support/adapter-wire.js";
import { createOpenAiVideosAdapter } from "./adapter.js";
import type { NamedServers } from "./servers.js";

const kept = createLeanFetch({ freshConnections: false });
const fresh = createLeanFetch({ freshConnections: true });
const now = () => 1_767_225_600_000;

const createWith = (baseUrl: string, settings: NamedServers | null = null) =>
  createOpenAiVideosAdapter({ baseUrl, urls: {}, settings, fetch: kept.fetch, freshFetch: fresh.fetch, now });
const createAdapter = (baseUrl: string) => createWith(baseUrl);

const input = (prompt: string, fields: object = {}, endpoint = "sim-video") => {
  return { endpoint, body: { prompt, seconds: "4", size: "1280x720", ...fields }, reportUrl: null };
};
const text = input("a bird flying over the sea");
const fail = (type: string) => ({ name: "fail", type });

describe("openai-videos adapter with the simulator", () => {
  adapterConformance({
    createAdapter,
    mountPath: "/openai-videos/v1",
    text,
    prompted: input,
    otherModel: "sim-video-pro",
    locates: "likely",
    listHidesInputs: true,
    listStepMs: 1000,
    deletesCancelled: true,
    ownOutputUrls: true,
    flagged: null,
    textOnTheWire: text.body,
    image: (input_reference) => input("the bird turns its head", { input_reference }),
    pictures: null,
    unknownEndpoint: input("x", {}, "no-such-model"),
    bill: null,
    reportsProgress: true,
    cancelledRunning: "requested",
    uploads: false,
    currency: null,
    failures: [
      {
        title: "refused prompt: CONTENT_POLICY_VIOLATION",
        input: input("a content policy test"),
        failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: null },
        bill: null,
      },
      {
        title: "output refused after the render: CONTENT_POLICY_VIOLATION",
        disaster: { name: "late_moderation" },
        failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: null },
      },
      {
        title: "image that cannot be used: VALIDATION_ERROR",
        disaster: fail("invalid_image"),
        failure: { code: "VALIDATION_ERROR", retryable: false, charged: null },
      },
      {
        title: "model error: may be retried",
        disaster: fail("internal_error"),
        failure: { code: "PROVIDER_ERROR", retryable: true, charged: null },
      },
    ],
  });
});

describe("openai-videos adapter with other answers", () => {
  wireConformance({
    createAdapter,
    input: text,
    accepted: { object: "video", status: "queued" },
    idField: "id",
    lists: true,
  });
});

describe("openai-videos adapter: answers that only these servers give", () => {
  const against = (answer: RequestListener) => adapterAgainst(createAdapter, answer);
  const job = { endpoint: "sim-video", id: "video_1" };

  test.each([
    { status: "cancelled", result: { kind: "failed", failure: { code: "CANCELLED" } } },
    { status: "in_progress", result: { kind: "running", progress: 0.42 } },
    { status: "queued", result: { kind: "queued", position: null } },
  ])("poll: the status $status is $result.kind", async ({ status, result }) => {
    const { adapter } = await against(jsonAnswer(200, { id: "video_1", status, progress: 42 }));
    expect(await adapter.poll(job, wireCall())).toMatchObject(result);
  });

  test.each([
    { progress: 250, shown: 1 },
    { progress: -5, shown: 0 },
    { progress: "half", shown: null },
  ])("poll: a progress of $progress is shown as $shown", async ({ progress, shown }) => {
    const { adapter } = await against(jsonAnswer(200, { status: "in_progress", progress }));
    expect(await adapter.poll(job, wireCall())).toEqual({ kind: "running", progress: shown });
  });

  test.each([400, 405, 409, 501])("cancel: a DELETE that is answered by %i is unsupported", async (status) => {
    const { adapter } = await against((request, response) => {
      if (request.method === "DELETE") return jsonAnswer(status, {})(request, response);
      jsonAnswer(200, { status: "in_progress" })(request, response);
    });
    expect(await adapter.cancel(job, wireCall())).toBe("unsupported");
  });

  test("cancel: a completed job is not deleted", async () => {
    const { adapter, asked } = await against(jsonAnswer(200, { status: "completed" }));
    expect(await adapter.cancel(job, wireCall())).toBe("too_late");
    expect(asked).toEqual([expect.stringMatching(/^GET /)]);
  });

  test("submit: the message of a refusal names the field, and has no text of the server", async () => {
    const error = { message: "internals", code: "invalid_value", param: "seconds" };
    const { adapter } = await against(jsonAnswer(400, { error }));
    const failure = {
      code: "VALIDATION_ERROR",
      message: "The video server refused an input of this request (seconds).",
    };
    expect(await adapter.submit(text, wireCall())).toMatchObject({ kind: "rejected", failure });
  });

  test("submit: moderation_blocked is CONTENT_POLICY_VIOLATION", async () => {
    const { adapter } = await against(jsonAnswer(400, { error: { code: "moderation_blocked" } }));
    const failure = { code: "CONTENT_POLICY_VIOLATION", charged: false };
    expect(await adapter.submit(text, wireCall())).toMatchObject({ kind: "rejected", failure });
  });

  test("submit: the URL of an image is sent as a URL", async () => {
    let form = "";
    const { adapter } = await against((request, response) => {
      request.setEncoding("utf8");
      request.on("data", (chunk) => {
        form += chunk;
      });
      request.on("end", () => jsonAnswer(200, { id: "video_1" })(request, response));
    });
    await adapter.submit(input("a bird", { input_reference: "https://images.example.com/a.png" }), wireCall());
    expect(form).toMatch(/name="input_reference\[image_url\]"\r\n\r\nhttps:\/\/images\.example\.com\/a\.png/);
  });
});

describe("openai-videos: keys", () => {
  const auths = async (apiKey: string) => {
    const seen: (string | undefined)[] = [];
    const { adapter } = await adapterAgainst(createAdapter, (request, response) => {
      seen.push(request.headers.authorization);
      jsonAnswer(200, { id: "video_1", status: "completed", data: [] })(request, response);
    });
    const call = { ...wireCall(), apiKey };
    await adapter.submit(text, call);
    await adapter.poll({ endpoint: "sim-video", id: "video_1" }, call);
    await adapter.account(call);
    return seen;
  };

  test("server without a key: gets no Authorization header", async () => {
    expect(await auths("")).toEqual([undefined, undefined, undefined]);
  });

  test("server with a key: gets it in every call", async () => {
    expect(await auths("k-1")).toEqual(["Bearer k-1", "Bearer k-1", "Bearer k-1"]);
  });

  test("failed job: is not charged at a server without a key, and may be charged at a server with one", async () => {
    const { adapter } = await adapterAgainst(
      createAdapter,
      jsonAnswer(200, { status: "failed", error: { code: "x" } }),
    );
    const poll = (apiKey: string) => adapter.poll({ endpoint: "m", id: "video_1" }, { ...wireCall(), apiKey });
    expect(await poll("")).toMatchObject({ failure: { charged: false } });
    expect(await poll("k")).toMatchObject({ failure: { charged: null } });
  });
});

describe("openai-videos: several servers", () => {
  const servers = { "gpu-a": { baseUrl: "http://10.0.0.5:8000/v1", apiKey: "key-a" } };

  test("model@server: is sent to that server, with its key", async () => {
    const seen: string[] = [];
    const { adapter } = await adapterAgainst(
      (origin) => createWith("http://127.0.0.1:1", { "gpu-a": { baseUrl: origin, apiKey: "key-a" } }),
      (request, response) => {
        seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
        jsonAnswer(200, { id: "video_1" })(request, response);
      },
    );
    const result = await adapter.submit({ ...text, endpoint: "wan-2.2@gpu-a" }, wireCall());
    expect(result).toEqual({ kind: "accepted", id: "video_1" });
    expect(seen).toEqual(["POST /videos Bearer key-a"]);
  });

  test("model at a server that is not in the file: is PROVIDER_NOT_CONFIGURED, and nothing is sent", async () => {
    const adapter = createWith("", servers);
    for (const endpoint of ["wan-2.2@gpu-b", "wan-2.2"]) {
      expect(await adapter.submit({ ...text, endpoint }, wireCall())).toMatchObject({
        kind: "rejected",
        failure: { code: "PROVIDER_NOT_CONFIGURED", charged: false },
      });
    }
  });

  test.each([
    {
      url: "http://10.0.0.5:8000/v1/videos/video_1/content",
      endpoint: "m@gpu-a",
      headers: { authorization: "Bearer key-a" },
    },
    { url: "http://10.0.0.6:8000/v1/videos/video_1/content", endpoint: "m@gpu-a", headers: {} },
    { url: "http://10.0.0.5:8000/v1/videos/video_1/content", endpoint: "m@gpu-b", headers: {} },
    { url: "no URL", endpoint: "m@gpu-a", headers: {} },
  ])("outputHeaders: the output $url of $endpoint gets $headers", ({ url, endpoint, headers }) => {
    const adapter = createWith("", servers);
    expect(adapter.outputHeaders?.(url, { endpoint, id: "video_1" }, wireCall())).toEqual(headers);
  });
});
