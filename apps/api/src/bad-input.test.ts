import { describe, expect, test } from "vitest";
import { HARMLESS_HOSTS, INTERNAL_HOSTS } from "../../../tests/support/addresses.js";
import { ASYNC, expectNothingLeftBehind, KEY, useTestApi, VEO } from "../../../tests/support/api.js";

const MEGABYTE = 1024 * 1024;
const { api } = useTestApi();
expectNothingLeftBehind(api);

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const without = (key: "model" | "prompt") => Object.fromEntries(Object.entries(VEO).filter(([name]) => name !== key));
const post = (body: object | string | Uint8Array, headers: Record<string, string> = {}) =>
  api.call("POST", "/videos/generate", { body, headers: { ...ASYNC, ...headers } });

const VEO_PARAMS = [
  "aspect_ratio",
  "resolution",
  "generate_audio",
  "negative_prompt",
  "seed",
  "auto_fix",
  "safety_tolerance",
];

interface Row {
  what: string;
  body: object | string;
  field: string;
  allowed?: unknown;
}
const rows: Row[] = [
  // missing
  { what: "no model", body: without("model"), field: "model", allowed: "string" },
  { what: "no prompt", body: without("prompt"), field: "prompt", allowed: "string" },
  { what: "an empty object", body: {}, field: "model", allowed: "string" },
  { what: "a list", body: [], field: "body", allowed: "object" },
  { what: "null", body: "null", field: "body", allowed: "object" },
  { what: "a text", body: '"model"', field: "body", allowed: "object" },
  // wrong types
  { what: "a number as model", body: { ...VEO, model: 3 }, field: "model", allowed: "string" },
  { what: "null as prompt", body: { ...VEO, prompt: null }, field: "prompt", allowed: "string" },
  { what: "a list as prompt", body: { ...VEO, prompt: ["a"] }, field: "prompt", allowed: "string" },
  {
    what: "a space before the image's URL",
    body: { ...VEO, image_url: " https://images.example.com/a.png" },
    field: "image_url",
    allowed: ["https URL", "data: URI"],
  },
  { what: "a text as deadline", body: { ...VEO, deadline_seconds: "5" }, field: "deadline_seconds", allowed: "number" },
  { what: "a text as duration", body: { ...VEO, duration_seconds: "5" }, field: "duration_seconds", allowed: "number" },
  {
    what: "1e999 as duration",
    body: JSON.stringify({ ...VEO, duration_seconds: 7 }).replace("7", "1e999"),
    field: "duration_seconds",
  },
  { what: "a text as params", body: { ...VEO, params: "seed=1" }, field: "params", allowed: "record" },
  { what: "a list as params", body: { ...VEO, params: [1] }, field: "params", allowed: "record" },
  { what: "a number as image_url", body: { ...VEO, image_url: 1 }, field: "image_url", allowed: "string" },
  { what: "an object as webhook_url", body: { ...VEO, webhook_url: {} }, field: "webhook_url", allowed: "string" },
  { what: "a number as callback_id", body: { ...VEO, callback_id: 7 }, field: "callback_id", allowed: "string" },
  {
    what: "a number in metadata",
    body: { ...VEO, metadata: { order: 7 } },
    field: "metadata.order",
    allowed: "string",
  },
  { what: "nested metadata", body: { ...VEO, metadata: { a: { b: "c" } } }, field: "metadata.a", allowed: "string" },
  { what: "another cache mode", body: { ...VEO, cache: "maybe" }, field: "cache", allowed: ["use", "refresh", "off"] },
  { what: "another priority", body: { ...VEO, priority: "high" }, field: "priority", allowed: ["normal", "low"] },
  { what: "a text as flag", body: { ...VEO, skip_gcs_upload: "yes" }, field: "skip_gcs_upload", allowed: "boolean" },
  // limits
  { what: "an empty prompt", body: { ...VEO, prompt: "" }, field: "prompt", allowed: { minimum: 1, exclusive: false } },
  { what: "a blank prompt", body: { ...VEO, prompt: " \n\t" }, field: "prompt" },
  {
    what: "10,001 characters",
    body: { ...VEO, prompt: "x".repeat(10_001) },
    field: "prompt",
    allowed: { maximum: 10_000 },
  },
  { what: "NUL in the prompt", body: { ...VEO, prompt: "a\0b" }, field: "prompt" },
  { what: "half a surrogate pair", body: `{"model":"fal-ai/veo3","prompt":"\\ud83c"}`, field: "prompt" },
  {
    what: "256 characters of callback_id",
    body: { ...VEO, callback_id: "x".repeat(256) },
    field: "callback_id",
    allowed: { maximum: 255 },
  },
  { what: "metadata above 4 KB", body: { ...VEO, metadata: { a: "ü".repeat(2100) } }, field: "metadata" },
  {
    what: "duration 0",
    body: { ...VEO, duration_seconds: 0 },
    field: "duration_seconds",
    allowed: { minimum: 0, exclusive: true },
  },
  {
    what: "a negative duration",
    body: { ...VEO, duration_seconds: -1 },
    field: "duration_seconds",
    allowed: { minimum: 0, exclusive: true },
  },
  {
    what: "a duration above the model's",
    body: { ...VEO, duration_seconds: 9 },
    field: "duration_seconds",
    allowed: [4, 6, 8],
  },
  // params
  { what: "an unknown param at the top", body: { ...VEO, sparkle: true }, field: "sparkle", allowed: VEO_PARAMS },
  {
    what: "an unknown param in params",
    body: { ...VEO, params: { sparkle: true } },
    field: "params.sparkle",
    allowed: VEO_PARAMS,
  },
  {
    what: "a param with a value it does not take",
    body: { ...VEO, resolution: "4k" },
    field: "resolution",
    allowed: ["720p", "1080p"],
  },
  {
    what: "a param of the wrong type",
    body: { ...VEO, params: { seed: "7" } },
    field: "params.seed",
    allowed: { minimum: 0, maximum: 2 ** 32 - 1 },
  },
  { what: "a param given twice", body: { ...VEO, seed: 1, params: { seed: 1 } }, field: "seed" },
  {
    what: "the provider's name for the duration",
    body: { ...VEO, duration: "8s" },
    field: "duration",
    allowed: VEO_PARAMS,
  },
  { what: "constructor as param", body: { ...VEO, constructor: 1 }, field: "constructor", allowed: VEO_PARAMS },
  {
    what: "toString as param",
    body: { ...VEO, params: { toString: 1 } },
    field: "params.toString",
    allowed: VEO_PARAMS,
  },
  {
    what: "__proto__ as param",
    body: `{"model":"fal-ai/veo3","prompt":"x","__proto__":{"seed":1}}`,
    field: "__proto__",
  },
  {
    what: "__proto__ in params",
    body: `{"model":"fal-ai/veo3","prompt":"x","params":{"__proto__":1}}`,
    field: "__proto__",
  },
  // models
  { what: "an image model", body: { ...VEO, model: "fal-ai/flux/schnell" }, field: "model" },
  {
    what: "an image model that needs an image",
    body: { ...VEO, model: "fal-ai/veo3/image-to-video" },
    field: "image_url",
    allowed: "required",
  },
  {
    what: "an image for a text model",
    body: { ...VEO, model: "fal-ai/kling-video/v2.5-turbo/pro/text-to-video", image_url: "https://example.com/a.jpg" },
    field: "image_url",
    allowed: "none",
  },
];

describe("POST /videos/generate: a bad field is a 422 that names the field", () => {
  test.each(rows)("$what: $field", async ({ body, field, allowed }) => {
    const answer = await post(body);
    expect(answer.status).toBe(422);
    expect(answer.body.error).toBe("VALIDATION_ERROR");
    expect(answer.body.details.field).toBe(field);
    expect(answer.body.message).toContain(field);
    expect(answer.body.message).not.toMatch(/function|native code|\[object/);
    if (allowed !== undefined) expect(answer.body.details.allowed).toEqual(allowed);
  });

  test("a provider's own name for a generic field is answered with the generic name", async () => {
    const { body } = await post({ ...VEO, duration: "8s" });
    expect(body.message).toContain("duration_seconds");
  });
});

const BAD_URLS = [
  "",
  "not a url",
  "//example.com/x",
  "ftp://example.com/x",
  "javascript:alert(1)",
  "file:///etc/passwd",
  "http://example.com/x",
  "https://user:pass@example.com/x",
  `https://example.com/${"x".repeat(2048)}`,
  "https:\\\\127.0.0.1\\x",
  "https://example.com@127.0.0.1/x",
  ...[...HARMLESS_HOSTS, ...INTERNAL_HOSTS].map((host) => `https://${host}/x`),
];

describe("POST /videos/generate: a bad or private URL is a 422", () => {
  test.each(BAD_URLS)("webhook_url %s", async (url) => {
    const { status, body } = await post({ ...VEO, webhook_url: url });
    expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", "webhook_url"]);
  });

  test.each(BAD_URLS)("image_url %s", async (url) => {
    const { status, body } = await post({ ...VEO, image_url: url });
    expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", "image_url"]);
  });

  test.each(BAD_URLS)("tail_image_url %s", async (url) => {
    const model = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video";
    const image_url = "https://images.example.com/a.png";
    const { status, body } = await post({ ...VEO, model, image_url, tail_image_url: url });
    expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", "tail_image_url"]);
  });

  const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
  test.each([
    { what: "text", uri: "data:text/plain;base64,aGVsbG8=" },
    { what: "text declared as a JPEG", uri: "data:image/jpeg;base64,aGVsbG8gd29ybGQ=" },
    { what: "a GIF", uri: `data:image/gif;base64,${Buffer.from("GIF89a........").toString("base64")}` },
    { what: "nothing", uri: "data:image/png;base64," },
    { what: "not base64", uri: "data:image/png,abc" },
    {
      what: "more than 5 MB",
      uri: `data:image/png;base64,${Buffer.concat([png, Buffer.alloc(5 * MEGABYTE)]).toString("base64")}`,
    },
    { what: "padding in the middle", uri: `data:image/png;base64,iVBORw0KGgo==AAANSUhEUg==` },
    { what: "junk in the middle", uri: `data:image/png;base64,iVBORw0KGgo!!!AAANSUhEUg==` },
    { what: "an image that is cut off", uri: `data:image/png;base64,${Buffer.concat([png, png]).toString("base64")}` },
  ])("image_url with a data: URI of $what", async ({ uri }) => {
    const { status, body } = await post({ ...VEO, image_url: uri });
    expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", "image_url"]);
    expect(body.details.allowed).toBeDefined();
  });
});

describe("POST /videos/generate: a body that cannot be read", () => {
  test.each([
    { what: "nothing", body: "" },
    { what: "half an object", body: '{"model":' },
    { what: "two objects", body: "{}{}" },
    { what: "a comment", body: "{} // x" },
    { what: "33 levels", body: nested(33) },
    { what: "33 levels in params", body: `{"params":${nested(32)}}` },
    { what: "3,000 levels", body: nested(3000) },
    { what: "50,000 levels", body: nested(50_000) },
    { what: "broken UTF-8", body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) },
  ])("$what is a 400", async ({ body }) => {
    const answer = await post(body);
    expect([answer.status, answer.body.error]).toEqual([400, "BAD_REQUEST"]);
  });

  test("a body with 32 levels is read", async () => {
    expect((await post(`{"params":${nested(31)}}`)).status).toBe(422);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
    "",
  ])("content type %s is a 415", async (type) => {
    const answer = await post(JSON.stringify(VEO), { "content-type": type });
    expect([answer.status, answer.body.error]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
    expect(answer.body.message).toContain("application/json");
  });

  const tooLong = `{"model":"fal-ai/veo3","prompt":"x"}${" ".repeat(8 * MEGABYTE)}`.slice(0, 8 * MEGABYTE + 1);
  test.each([
    { how: "with its length announced", headers: { "content-length": String(tooLong.length) } },
    { how: "without an announced length", headers: {} },
    {
      how: "announced as shorter and sent in chunks",
      headers: { "content-length": "10", "transfer-encoding": "chunked" },
    },
  ])("a body of 8 MB and one byte, $how, is a 413", async ({ headers }) => {
    const answer = await post(tooLong, headers as Record<string, string>);
    expect([answer.status, answer.body.error]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(answer.body.details.max_bytes).toBe(8 * MEGABYTE);
  });

  test("a body of 8 MB is read", async () => {
    expect((await post(tooLong.slice(0, -1).replace("x", "\0"))).status).toBe(400);
  });
});

describe("POST /videos/generate: bad headers, models and ids", () => {
  test.each([
    { what: "no key", headers: { authorization: "" } },
    { what: "a wrong key", headers: { authorization: "Bearer vg-0123456789abcdef0123" } },
    { what: "another scheme", headers: { authorization: `Basic ${KEY}` } },
    { what: "a key without a scheme", headers: { authorization: KEY } },
    { what: "two words", headers: { authorization: `Bearer ${KEY} x` } },
  ])("$what is a 401, before the body is read", async ({ headers }) => {
    const answer = await post("{", headers);
    expect([answer.status, answer.body.error]).toEqual([401, "AUTHENTICATION_ERROR"]);
    expect(JSON.stringify(answer.body)).not.toContain(KEY);
  });

  test.each(["fal-ai/no-such-model", "x", "__proto__", "constructor"])("model %s is a 404", async (model) => {
    const { status, body } = await post({ ...VEO, model });
    expect([status, body.error, body.details.field]).toEqual([404, "MODEL_NOT_FOUND", "model"]);
  });

  test("a provider without a key is a 400 that names the header", async () => {
    const { status, body } = await post({ model: "runway/gen4.5", prompt: "x" });
    expect([status, body.error]).toEqual([400, "PROVIDER_NOT_CONFIGURED"]);
    expect(body.message).toContain("X-Runway-Key");
  });

  test("a provider key that no header can hold is a 422, not a submit of unknown outcome", async () => {
    const { status, body } = await post(VEO, { "x-fal-key": "two words" });
    expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", "x-fal-key"]);
    expect(JSON.stringify(body)).not.toContain("two words");
  });

  test.each(["wait", "wait=", "wait=-1", "wait=soon", "wait=1.5", "respond-async, wait=x", "wait=99999999"])(
    "Prefer: %s is a 422",
    async (prefer) => {
      const { status, body } = await post(VEO, { prefer });
      expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", "Prefer"]);
    },
  );

  test.each([
    { what: "empty", key: "" },
    { what: "too long", key: "x".repeat(256) },
  ])("an Idempotency-Key that is $what is a 422", async ({ key }) => {
    const { status, body } = await post(VEO, { "idempotency-key": key });
    expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", "Idempotency-Key"]);
  });

  test.each([
    ["/usage?period=day&period=month", "period", "is given 2 times"],
    ["/usage/logs?limit=5&limit=5", "limit", "is given 2 times"],
    ["/requests?status=failed&status=completed", "status", "is given 2 times"],
    ["/events?after=1&after=2&after=3", "after", "is given 3 times"],
    ["/models?provider=fal&provider=fal", "provider", "is given 2 times"],
    ["/requests/018f0000-0000-7000-8000-000000000000?wait=1&wait=60", "wait", "is given 2 times"],
    ["/usage/logs?offset=", "offset", "must be a number"],
    ["/events?after=", "after", "must be a number"],
  ])("GET %s is a 422 that names %s", async (path, field, why) => {
    const { status, body } = await api.call("GET", path);
    expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", field]);
    expect(body.message).toContain(why);
  });

  test.each(["nope", "0", "018f0000-0000-7000-8000-000000000000", "../default", "%00", "a".repeat(3000)])(
    "request id %s is a 404 for status, wait and cancel",
    async (id) => {
      const answers = [
        await api.call("GET", `/requests/${id}`),
        await api.call("GET", `/requests/${id}?wait=30`),
        await api.call("POST", `/requests/${id}/cancel`),
      ];
      for (const { status, body } of answers) {
        expect(status).toBe(404);
        expect(["REQUEST_NOT_FOUND", "NOT_FOUND"]).toContain(body.error);
      }
    },
  );
});
