/** Wrong calls are refused in OpenAI's words, and nothing is accepted. */
import { describe, expect, test } from "vitest";
import { expectNothingLeftBehind, useTestApi } from "../../../../../tests/support/api.js";

const { api } = useTestApi();
expectNothingLeftBehind(api);

const MODEL = "fal-ai/veo3.1/fast";
const VIDEOS = "http://gateway.test/openai/v1/videos";
const BOUNDARY = "boundary-of-the-test";
const FORM = { "content-type": `multipart/form-data; boundary=${BOUNDARY}` };

const part = (name: string, text: string, more = "") =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${text}\r\n`;
const END = `--${BOUNDARY}--\r\n`;
const WHOLE = part("model", MODEL) + part("prompt", "a bird");
const raw = (headers: string, text = "x") => `${WHOLE}--${BOUNDARY}\r\n${headers}\r\n\r\n${text}\r\n${END}`;

const post = (body: object | string | Uint8Array, headers: Record<string, string> = {}) =>
  api.call("POST", VIDEOS, { body, headers });

describe("forms that are not valid: 400", () => {
  test.each([
    { what: "empty", body: "" },
    { what: "no form", body: "model=x&prompt=y" },
    { what: "no end", body: WHOLE },
    { what: "cut in a header", body: `${WHOLE}--${BOUNDARY}\r\nContent-Dispo` },
    { what: "cut in a file", body: `${WHOLE}${part("input_reference", "abc", '; filename="a.png"').slice(0, -4)}` },
    { what: "lines that end with LF only", body: (WHOLE + END).replaceAll("\r\n", "\n") },
    { what: "a part without Content-Disposition", body: raw("Content-Type: text/plain") },
    { what: "a part without headers", body: raw("") },
    { what: "a part without a name", body: raw("Content-Disposition: form-data") },
    { what: "a part with an empty name", body: raw('Content-Disposition: form-data; name=""') },
    { what: "a file without a name", body: raw('Content-Disposition: form-data; filename="a.png"') },
    { what: "an attachment", body: raw('Content-Disposition: attachment; name="seed"', "1") },
    { what: "a header without a colon", body: raw("Content-Disposition form-data") },
    { what: "a field twice", body: WHOLE + part("prompt", "two") + END, says: "prompt is given twice" },
    { what: "a file and a field of one name", body: WHOLE + part("prompt", "x", '; filename="a"') + END },
    { what: "101 parts", body: WHOLE + part("a", "").repeat(99) + END, says: "at most 100 parts" },
    {
      what: "bytes that are not UTF-8",
      body: Buffer.concat([
        Buffer.from(WHOLE + part("negative_prompt", "A").slice(0, -3)),
        Buffer.of(0xff, 13, 10),
        Buffer.from(END),
      ]),
      says: "UTF-8",
    },
  ])("$what", async ({ body, says = "" }) => {
    const answer = await post(body, FORM);
    const error = { type: "invalid_request_error", code: "bad_request", message: expect.stringContaining(says) };
    expect([answer.status, answer.body]).toEqual([400, { error: { ...error, param: null } }]);
  });

  test.each([
    "multipart/form-data",
    "multipart/form-data; boundary=",
    `multipart/form-data; boundary="${"x".repeat(71)}"`,
  ])("%s: needs a boundary", async (type) => {
    const answer = await post(WHOLE + END, { "content-type": type });
    expect([answer.status, answer.body.error.message]).toEqual([400, expect.stringContaining("boundary")]);
  });

  test("a boundary that the body does not use", async () => {
    expect((await post(WHOLE + END, { "content-type": "multipart/form-data; boundary=other" })).status).toBe(400);
  });
});

describe("size limit: 413", () => {
  const MAX = 8 * 1024 * 1024;
  const large = WHOLE + part("input_reference", "x".repeat(MAX), '; filename="a.png"') + END;

  test.each([
    { what: "announced", headers: { "content-length": String(large.length) } },
    { what: "not announced", headers: {} },
    { what: "announced and chunked", headers: { "content-length": "10", "transfer-encoding": "chunked" } },
    { what: "announced too small", headers: { "content-length": "10" } },
  ])("$what", async ({ headers }) => {
    const answer = await post(large, { ...FORM, ...headers });
    expect([answer.status, answer.body.error.code]).toEqual([413, "payload_too_large"]);
  });
});

const json = { model: MODEL, prompt: "a bird" };

describe("wrong fields: their names, and what they take", () => {
  test.each([
    { field: "prompt", value: "" },
    { field: "prompt", value: " \n" },
    { field: "prompt", value: "a\0b" },
    { field: "prompt", value: "x".repeat(10_001) },
    { field: "seconds", value: "four" },
    { field: "seconds", value: "-4" },
    { field: "seconds", value: "4.5" },
    { field: "seconds", value: "12", says: "at most 8" },
    { field: "size", value: "large", says: "1280x720" },
    { field: "size", value: "720x720", says: "1280x720, 1920x1080, 720x1280, 1080x1920" },
    { field: "size", value: "0x720" },
    { field: "seed", value: "many", says: "a whole number" },
    { field: "seed", value: "" },
    { field: "generate_audio", value: "yes", says: "true or false" },
    { field: "resolution", value: "4k", says: "720p, 1080p" },
    { field: "quality", value: "high", says: "not a parameter of this model" },
    { field: "input_reference", value: "not an image", says: "input_reference" },
    { field: "input_reference", value: "http://127.0.0.1/a.png" },
    { field: "input_reference", value: "data:image/png;base64,AAAA" },
  ])("form and JSON: $field: $value", async ({ field, value, says = field }) => {
    const fields: Record<string, string> = { ...json, [field]: value };
    const form = Object.entries(fields).map(([name, text]) => part(name, text));
    for (const answer of [await post(form.join("") + END, FORM), await post(fields)]) {
      const error = { type: "invalid_request_error", code: "invalid_value", param: field };
      expect([answer.status, answer.body.error]).toMatchObject([
        422,
        { ...error, message: expect.stringContaining(says) },
      ]);
    }
  });

  test.each([
    { what: "no field", form: "", param: "prompt" },
    { what: "no prompt", form: part("model", MODEL), param: "prompt" },
    { what: "an empty model", form: part("model", "") + part("prompt", "x"), param: "model" },
    {
      what: "a model that makes images",
      form: part("model", "fal-ai/flux/schnell") + part("prompt", "x"),
      param: "model",
    },
    {
      what: "a size and a shape",
      form: WHOLE + part("size", "720x1280") + part("aspect_ratio", "9:16"),
      param: "size",
    },
    { what: "a param twice", form: WHOLE + part("seed", "1") + part("params[seed]", "2"), param: "seed" },
    { what: "params twice", form: WHOLE + part("params", "{}") + part("params[seed]", "2"), param: "params" },
    { what: "a nested param", form: WHOLE + part("params[a][b]", "2"), param: "params[a][b]" },
    { what: "an unknown param", form: WHOLE + part("params[steps]", "2"), param: "steps" },
    { what: "__proto__", form: WHOLE + part("__proto__", "2"), param: "__proto__" },
    { what: "__proto__ in params", form: WHOLE + part("params[__proto__]", "2"), param: "__proto__" },
    { what: "constructor", form: WHOLE + part("constructor", "2"), param: "constructor" },
    { what: "another file", form: WHOLE + part("video", "x", '; filename="a.mp4"'), param: "video" },
    { what: "a file as prompt", form: part("model", MODEL) + part("prompt", "x", '; filename="a"'), param: "prompt" },
    {
      what: "an empty file",
      form: WHOLE + part("input_reference", "", '; filename="a.png"'),
      param: "input_reference",
    },
    {
      what: "a file of text",
      form: WHOLE + part("input_reference", "x", '; filename="a.png"'),
      param: "input_reference",
    },
    {
      what: "a file and a URL",
      form:
        WHOLE +
        part("input_reference", "x", '; filename="a.png"') +
        part("input_reference[image_url]", "https://a.example"),
      param: "input_reference",
    },
    {
      what: "the id of a file",
      form: WHOLE + part("input_reference[file_id]", "file-1"),
      param: "input_reference.file_id",
    },
  ])("form: $what", async ({ form, param }) => {
    const answer = await post(form + END, FORM);
    expect([answer.status, answer.body.error]).toMatchObject([422, { code: "invalid_value", param }]);
  });

  test.each([
    { what: "a list", body: [], status: 422, param: "body" },
    { what: "a number as prompt", body: { ...json, prompt: 5 }, status: 422, param: "prompt" },
    { what: "a list as size", body: { ...json, size: [720] }, status: 422, param: "size" },
    { what: "a list as seconds", body: { ...json, seconds: [4] }, status: 422, param: "seconds" },
    { what: "a number as image", body: { ...json, input_reference: 5 }, status: 422, param: "input_reference" },
    { what: "an empty image", body: { ...json, input_reference: {} }, status: 422, param: "input_reference.image_url" },
    { what: "text as params", body: { ...json, params: "seed" }, status: 422, param: "params" },
    { what: "a text as seed", body: { ...json, seed: "7" }, status: 422, param: "seed" },
    { what: "text that is not JSON", body: "{", status: 400, param: null },
    { what: "an unknown model", body: { ...json, model: "sora-3" }, status: 404, param: "model" },
  ])("JSON: $what", async ({ body, status, param }) => {
    const answer = await post(body);
    expect([answer.status, answer.body.error.param]).toEqual([status, param]);
  });

  test("another content type: 415", async () => {
    const answer = await post("a=b", { "content-type": "application/x-www-form-urlencoded" });
    expect([answer.status, answer.body.error.code]).toEqual([415, "unsupported_media_type"]);
  });
});

describe("other calls", () => {
  const ID = "01993b1e-0000-7000-8000-000000000000";

  test.each([
    ["GET", `/${ID}`, 404, "request_not_found"],
    ["GET", "/not-an-id", 404, "request_not_found"],
    ["GET", `/${ID}/content`, 404, "request_not_found"],
    ["GET", `/${ID}/content?variant=spritesheet`, 422, "invalid_value"],
    ["DELETE", `/${ID}`, 404, "request_not_found"],
    ["POST", `/${ID}/remix`, 400, "bad_request"],
    ["POST", "/edits", 400, "bad_request"],
    ["POST", "/extensions", 400, "bad_request"],
    ["POST", "/characters", 404, "not_found"],
    ["GET", "?limit=0", 422, "invalid_value"],
    ["GET", "?limit=101", 422, "invalid_value"],
    ["GET", "?order=up", 422, "invalid_value"],
    ["GET", "?after=last", 422, "invalid_value"],
    ["GET", "?limit=1&limit=2", 422, "invalid_value"],
  ])("%s /videos%s: %i", async (method, path, status, code) => {
    const answer = await api.call(method, VIDEOS + path);
    expect([answer.status, answer.body.error]).toMatchObject([status, { type: "invalid_request_error", code }]);
  });

  test("without a key, and with a wrong one: 401", async () => {
    for (const key of [null, "vg-0123456789abcdef0"]) {
      const answer = await api.call("GET", VIDEOS, { key });
      expect([answer.status, answer.body.error]).toMatchObject([
        401,
        { type: "authentication_error", code: "invalid_api_key" },
      ]);
    }
  });
});
