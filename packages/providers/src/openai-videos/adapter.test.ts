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
  return { endpoint, body: { prompt, seconds: "4", size: "1280x720", ...fields }, webhookUrl: null };
};
const text = input("a bird flying over the sea");
const fail = (type: string) => ({ name: "fail", type });

describe("the openai-videos adapter against the simulator", () => {
  adapterConformance({
    createAdapter,
    mountPath: "/openai-videos/v1",
    text,
    prompted: input,
    otherModel: "sim-video-pro",
    locates: "likely",
    listHidesInputs: true,
    listStepMs: 1000,
    forgetsCancelled: true,
    ownAddresses: true,
    flagged: null,
    textOnTheWire: text.body,
    image: (input_reference) => input("the bird turns its head", { input_reference }),
    pictures: null,
    unknownEndpoint: input("x", {}, "no-such-model"),
    bill: null,
    tellsProgress: true,
    cancelledRunning: "requested",
    uploads: false,
    currency: null,
    failures: [
      {
        title: "a prompt that was refused",
        input: input("a content policy test"),
        failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: null },
        bill: null,
      },
      {
        title: "an output that was refused when it was done",
        disaster: { name: "late_moderation" },
        failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: null },
      },
      {
        title: "an input that cannot be used",
        disaster: fail("invalid_image"),
        failure: { code: "VALIDATION_ERROR", retryable: false, charged: null },
      },
      {
        title: "a model error",
        disaster: fail("internal_error"),
        failure: { code: "PROVIDER_ERROR", retryable: true, charged: null },
      },
    ],
  });
});

describe("the openai-videos adapter on the wire", () => {
  wireConformance({
    createAdapter,
    input: text,
    accepted: { object: "video", status: "queued" },
    idField: "id",
    lists: true,
  });
});

describe("openai-videos: what only these servers answer", () => {
  const against = (answer: RequestListener) => adapterAgainst(createAdapter, answer);
  const job = { endpoint: "sim-video", id: "video_1" };

  test.each([
    { status: "cancelled", is: { kind: "failed", failure: { code: "CANCELLED" } } },
    { status: "in_progress", is: { kind: "running", progress: 0.42 } },
    { status: "queued", is: { kind: "queued", position: null } },
  ])("poll: $status", async ({ status, is }) => {
    const { adapter } = await against(jsonAnswer(200, { id: "video_1", status, progress: 42 }));
    expect(await adapter.poll(job, wireCall())).toMatchObject(is);
  });

  test.each([
    { progress: 250, is: 1 },
    { progress: -5, is: 0 },
    { progress: "half", is: null },
  ])("poll: a progress of $progress is shown as $is", async ({ progress, is }) => {
    const { adapter } = await against(jsonAnswer(200, { status: "in_progress", progress }));
    expect(await adapter.poll(job, wireCall())).toEqual({ kind: "running", progress: is });
  });

  test.each([400, 405, 409, 501])(
    "cancel: a DELETE refused by %i is unsupported, and the job runs on",
    async (status) => {
      const { adapter } = await against((request, response) => {
        if (request.method === "DELETE") return jsonAnswer(status, {})(request, response);
        jsonAnswer(200, { status: "in_progress" })(request, response);
      });
      expect(await adapter.cancel(job, wireCall())).toBe("unsupported");
    },
  );

  test("cancel: nothing is deleted that is done", async () => {
    const { adapter, asked } = await against(jsonAnswer(200, { status: "completed" }));
    expect(await adapter.cancel(job, wireCall())).toBe("too_late");
    expect(asked).toEqual([expect.stringMatching(/^GET /)]);
  });

  test("submit: the refused field is named, and no text of the server", async () => {
    const error = { message: "internals", code: "invalid_value", param: "seconds" };
    const { adapter } = await against(jsonAnswer(400, { error }));
    const failure = {
      code: "VALIDATION_ERROR",
      message: "The video server refused an input of this request (seconds).",
    };
    expect(await adapter.submit(text, wireCall())).toMatchObject({ kind: "rejected", failure });
  });

  test("submit: a refusal by the content policy is one", async () => {
    const { adapter } = await against(jsonAnswer(400, { error: { code: "moderation_blocked" } }));
    const failure = { code: "CONTENT_POLICY_VIOLATION", charged: false };
    expect(await adapter.submit(text, wireCall())).toMatchObject({ kind: "rejected", failure });
  });

  test("submit: a URL of an image is handed over as a URL", async () => {
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

  test("a server without keys gets none", async () => {
    expect(await auths("")).toEqual([undefined, undefined, undefined]);
  });

  test("a server with a key gets it", async () => {
    expect(await auths("k-1")).toEqual(["Bearer k-1", "Bearer k-1", "Bearer k-1"]);
  });

  test("a failed job costs nothing where there is no key, and may cost where there is one", async () => {
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

  test("a model that names a server goes there, with the key of that server", async () => {
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

  test("a server that is not in the file is not configured, and nothing is sent", async () => {
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
  ])("output $url of $endpoint is fetched with $headers", ({ url, endpoint, headers }) => {
    const adapter = createWith("", servers);
    expect(adapter.outputHeaders?.(url, { endpoint, id: "video_1" }, wireCall())).toEqual(headers);
  });
});
