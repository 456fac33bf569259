import type { RequestListener } from "node:http";
import { createFreshFetch } from "@visgate/shared/net/fresh-fetch";
import sharp from "sharp";
import { describe, expect, onTestFinished, test } from "vitest";
import { adapterConformance } from "../../../tests/support/adapter-conformance.js";
import { startListener } from "../../../tests/support/listeners.js";
import { createBell } from "../../../tests/support/signals.js";
import { createFalAdapter } from "./fal.js";

const now = () => 1_767_225_600_000;
const createAdapter = (baseUrl: string) =>
  createFalAdapter({ baseUrl, fetch, freshFetch: createFreshFetch().fetch, now });
const VEO = "fal-ai/veo3";

const input = (prompt: string, fields: object = {}, endpoint = VEO) => ({
  endpoint,
  body: { prompt, duration: "4s", ...fields },
});
const picture = await sharp({ create: { width: 96, height: 54, channels: 3, background: "teal" } })
  .jpeg()
  .toBuffer();
const pictureUri = `data:image/jpeg;base64,${picture.toString("base64")}`;
const fail = (status: number, type: string) => ({ name: "fail", status, type });

describe("the fal adapter against the simulator", () => {
  adapterConformance({
    createAdapter,
    mountPath: "/fal",
    text: input("a bird flying over the sea"),
    image: input("the bird turns its head", { image_url: pictureUri }, `${VEO}/image-to-video`),
    textUnits: 4,
    unknownEndpoint: input("x", {}, "fal-ai/no-such-model"),
    failures: [
      {
        title: "a policy hit: nobody can tell whether it is billed",
        input: input("a content policy test"),
        failure: { code: "CONTENT_POLICY_VIOLATION", retryable: false, charged: null },
      },
      {
        title: "a refused input is not billed",
        input: input("x", { duration: "5s" }),
        failure: { code: "VALIDATION_ERROR", retryable: false, charged: false },
      },
      {
        title: "an image that cannot be read",
        disaster: fail(422, "image_load_error"),
        failure: { code: "VALIDATION_ERROR", retryable: false, charged: false },
      },
      {
        title: "a model error",
        disaster: fail(500, "internal_server_error"),
        failure: { code: "PROVIDER_ERROR", retryable: true, charged: false },
      },
      {
        title: "a runner that was lost",
        disaster: fail(503, "runner_disconnected"),
        failure: { code: "PROVIDER_ERROR", retryable: true },
      },
      {
        title: "a bad request is no reason to try again",
        disaster: fail(400, "bad_request"),
        failure: { retryable: false },
      },
      {
        title: "a render that took the model too long",
        disaster: fail(504, "generation_timeout"),
        failure: { code: "PROVIDER_TIMEOUT", retryable: true },
      },
      {
        title: "a request that waited too long",
        disaster: fail(504, "request_timeout"),
        failure: { code: "PROVIDER_TIMEOUT", retryable: true },
      },
      {
        title: "nothing was made",
        disaster: fail(422, "no_media_generated"),
        failure: { code: "PROVIDER_ERROR", retryable: false },
      },
      {
        title: "success without an output, which fal bills",
        disaster: { name: "output_missing" },
        failure: { code: "PROVIDER_ERROR", charged: true },
      },
    ],
  });
});

describe("answers the simulator does not give", () => {
  /** An adapter for a server that answers like this, and what that server was asked. */
  async function against(answer: RequestListener) {
    const listener = await startListener(answer);
    onTestFinished(listener.close);
    return { adapter: createAdapter(listener.origin), asked: listener.asked };
  }
  const call = () => ({ apiKey: "id:secret", signal: AbortSignal.timeout(5000) });
  const jsonAnswer =
    (status: number, body: unknown, headers = {}): RequestListener =>
    (_request, response) => {
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    };
  /** COMPLETED, and this for the result. */
  const completedWith =
    (result: RequestListener): RequestListener =>
    (request, response) =>
      request.url?.includes("/status")
        ? jsonAnswer(200, { status: "COMPLETED" })(request, response)
        : result(request, response);
  const job = { endpoint: "fal-ai/veo3/image-to-video", id: "job-1" };

  test.each([400, 401, 402, 403, 404, 405, 409, 413, 422, 429])(
    "a submit answered %i was not taken",
    async (status) => {
      const { adapter, asked } = await against(jsonAnswer(status, { detail: "no" }));
      expect(await adapter.submit(input("x"), call())).toMatchObject({ kind: "rejected", failure: { charged: false } });
      expect(asked).toHaveLength(1);
    },
  );

  test.each([408, 500, 502, 503, 504])("a submit answered %i may have been taken", async (status) => {
    const { adapter, asked } = await against(jsonAnswer(status, { detail: "no", request_id: "x" }));
    expect((await adapter.submit(input("x"), call())).kind).toBe("unknown");
    expect(asked).toHaveLength(1);
  });

  test("a redirect of a submit is not followed", async () => {
    const { adapter, asked } = await against((_request, response) =>
      response.writeHead(307, { location: "/elsewhere" }).end(),
    );
    expect((await adapter.submit(input("x"), call())).kind).toBe("rejected");
    expect(asked).toHaveLength(1);
  });

  test.each([{}, { request_id: "" }, { request_id: 7 }, [], "text", null])(
    "a submit accepted with %j has no id, so its outcome is unknown",
    async (body) => {
      const { adapter, asked } = await against(jsonAnswer(200, body));
      expect((await adapter.submit(input("x"), call())).kind).toBe("unknown");
      expect(asked).toHaveLength(1);
    },
  );

  test("a submit whose answer breaks off is unknown", async () => {
    const { adapter, asked } = await against((_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write('{"request_id":"', () => response.destroy());
    });
    expect((await adapter.submit(input("x"), call())).kind).toBe("unknown");
    expect(asked).toHaveLength(1);
  });

  test("a job is asked for under the first two segments of its endpoint", async () => {
    const { adapter, asked } = await against(jsonAnswer(200, { status: "IN_QUEUE", queue_position: 2 }));
    expect(await adapter.poll(job, call())).toEqual({ kind: "queued", position: 2 });
    expect(asked[0]).toMatch(/^GET \/fal-ai\/veo3\/requests\/job-1\/status/);
  });

  test.each([
    { what: "a gateway's 503", status: 503, body: { detail: "Service unavailable" } },
    { what: "a gateway's 502", status: 502, body: "<html>" },
    { what: "a limit", status: 429, body: { detail: "slow down" } },
    { what: "a result that is not ready after all", status: 400, body: { detail: "Request is still in progress" } },
    { what: "a refused key", status: 401, body: { detail: "invalid key credentials" } },
  ])("$what instead of a finished render's result is no failure of the render", async ({ status, body }) => {
    const { adapter } = await against(completedWith(jsonAnswer(status, body)));
    expect((await adapter.poll(job, call())).kind).toBe("unavailable");
  });

  test("Retry-After of a poll is kept, in seconds or as a date", async () => {
    let header = "7";
    const { adapter } = await against((request, response) =>
      jsonAnswer(429, {}, { "retry-after": header })(request, response),
    );
    expect(await adapter.poll(job, call())).toMatchObject({ kind: "unavailable", retryAfterMs: 7000 });
    header = new Date(now() + 30_000).toUTCString();
    expect(await adapter.poll(job, call())).toMatchObject({ kind: "unavailable", retryAfterMs: 30_000 });
  });

  test.each([
    { what: "no units", headers: {}, units: null },
    { what: "some", headers: { "x-fal-billable-units": "6" }, units: 6 },
    { what: "none billed", headers: { "x-fal-billable-units": "0" }, units: 0 },
    { what: "nonsense", headers: { "x-fal-billable-units": "many" }, units: null },
    { what: "less than nothing", headers: { "x-fal-billable-units": "-3" }, units: null },
  ])("a bill of $what", async ({ headers, units }) => {
    const body = { video: { url: "https://v3.fal.media/a.mp4" } };
    const { adapter } = await against(completedWith(jsonAnswer(200, body, headers)));
    const outputs = [{ url: "https://v3.fal.media/a.mp4" }];
    expect(await adapter.poll(job, call())).toEqual({ kind: "succeeded", outputs, billedUnits: units });
  });

  test.each(["javascript:alert(1)", "file:///etc/passwd", "ftp://x/y", "", 7])(
    "an output at %s is none",
    async (url) => {
      const { adapter } = await against(completedWith(jsonAnswer(200, { video: { url } })));
      expect((await adapter.poll(job, call())).kind).toBe("failed");
    },
  );

  test("an endless answer is cut, not swallowed", async () => {
    const closed = createBell();
    const { adapter } = await against((_request, response) => {
      response.once("close", closed.ring);
      response.writeHead(200, { "content-type": "application/json" });
      const chunk = Buffer.alloc(256 * 1024, " ");
      const more = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect((await adapter.poll(job, call())).kind).toBe("unavailable");
    await closed.rung(1);
  });
});
