import { request } from "node:http";
import { expect, test } from "vitest";
import { FLUX, SHORT, start, until, VEO } from "../../test-support/harness.js";
import { startReceiver } from "../../test-support/receiver.js";
import * as replicate from "../../test-support/replicate.js";
import * as runway from "../../test-support/runway.js";
import { baseUrl } from "./base-url.js";

const OWN = "http://127.0.0.1:8790";
const PUBLIC = "https://simulator.example.com/mounted/";

test.each([
  { host: "localhost:8790", is: "http://localhost:8790" },
  { host: "LocalHost:19999", is: "http://localhost:19999" },
  { host: "localhost", is: "http://localhost" },
  { host: "127.0.0.1:19999", is: "http://127.0.0.1:19999" },
  { host: "127.8.9.10:1", is: "http://127.8.9.10:1" },
  { host: "[::1]:8790", is: "http://[::1]:8790" },
  { host: "simulator.example.com", is: "https://simulator.example.com/mounted" },
  { host: "SIMULATOR.example.com", is: "https://simulator.example.com/mounted" },
  ...["simulator.example.com:81", "example.com", "localhost.example.com", "localhost:8790, example.com"].map(other),
  ...["[127.0.0.1]:8790", "[localhost]", "localhost:99999", "127.999.0.1"].map(other),
  ...["evil@localhost:8790", "localhost:8790/x", "localhost:", "::1", "10.0.0.1:8790", "0.0.0.0", "", undefined].map(
    other,
  ),
])("Host $host: URLs begin with $is", ({ host, is }) => {
  expect(baseUrl(host, { url: OWN, publicUrl: PUBLIC })).toBe(is);
});

function other(host: string | undefined) {
  return { host, is: OWN };
}

/** The answer to one call that names `host`, which `fetch` does not allow. */
function askAs(host: string, url: string) {
  return (path: string, init: { method?: string; headers?: object; body?: string } = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      const { body, ...options } = init;
      const headers = { authorization: "Key id:secret", ...options.headers, host };
      const call = request(new URL(path, url), { ...options, headers, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve(text));
      });
      call.on("error", reject).end(body);
    });
}

const post = (headers: object, body: object) => ({ method: "POST", headers, body: JSON.stringify(body) });
const FORM = { "content-type": "multipart/form-data; boundary=x" };
const FILE = '--x\r\ncontent-disposition: form-data; name="content"; filename="a.png"\r\n\r\npng\r\n--x--\r\n';

type Ask = ReturnType<typeof askAs>;

/** The answers of fal to one render, from the submit to its place in the list of requests. */
async function falAnswers(ask: Ask, hook: string): Promise<string[]> {
  const submitted = await ask(`/fal/${FLUX}?fal_webhook=${encodeURIComponent(hook)}`, post({}, { prompt: "a bird" }));
  const path = `/fal/fal-ai/flux/requests/${JSON.parse(submitted).request_id}`;
  const streamed = await ask(`${path}/status/stream`);
  const listed = `/fal/platform/v1/models/requests/by-endpoint?endpoint_id=${FLUX}&expand=payloads`;
  const upload = await ask("/fal/storage/upload/initiate", post({}, { file_name: "a.png" }));
  return [submitted, streamed, await ask(`${path}/status`), await ask(path), await ask(listed), upload];
}

async function replicateAnswers(ask: Ask, webhook: string): Promise<string[]> {
  const path = "/replicate/v1/predictions";
  const headers = { ...replicate.HEADERS, prefer: "wait" };
  const body = {
    version: replicate.SCHNELL,
    input: { prompt: "a bird" },
    webhook,
    webhook_events_filter: ["completed"],
  };
  const created = await ask(path, post(headers, body));
  const got = await ask(`${path}/${JSON.parse(created).id}`, { headers });
  const listed = await ask(path, { headers });
  const uploaded = await ask("/replicate/v1/files", { method: "POST", headers: { ...headers, ...FORM }, body: FILE });
  return [created, got, listed, uploaded, await ask(`/replicate/v1/files/${JSON.parse(uploaded).id}`, { headers })];
}

async function runwayAnswers(ask: Ask): Promise<string[]> {
  const { HEADERS: headers, TEXT } = runway;
  const created = await ask("/runway/v1/text_to_video", post(headers, TEXT));
  const done = await until(async () => {
    const task = await ask(`/runway/v1/tasks/${JSON.parse(created).id}`, { headers });
    return JSON.parse(task).status === "SUCCEEDED" && task;
  });
  return [done, await ask("/runway/v1/uploads", post(headers, { filename: "a.png", type: "ephemeral" }))];
}

/** The origins of all URLs in the answers, except that of the receiver. */
function originsIn(texts: string[], receiver: string): Set<string> {
  const origins = texts.flatMap((text) => text.match(/https?:\/\/[^"/\\]+/g) ?? []);
  return new Set(origins.filter((origin) => !receiver.startsWith(origin)));
}

test.each([
  { host: "localhost:19999", is: "http://localhost:19999" },
  { host: "simulator.example.com", is: "https://simulator.example.com" },
  { host: "other.example.com", is: null },
])(
  "Host $host: every URL in an answer or in a webhook begins with its address, or else with the listening one",
  async (given) => {
    const { url } = await start({ publicUrl: PUBLIC });
    const ask = askAs(given.host, url);
    const receiver = await startReceiver();
    const fal = await falAnswers(ask, receiver.url);
    const predictions = await replicateAnswers(ask, receiver.url);
    const tasks = await runwayAnswers(ask);
    const hooks = (await receiver.received(2)).map(({ raw }) => raw);
    for (const answers of [fal, predictions, tasks, hooks])
      expect(originsIn(answers, receiver.url)).toEqual(new Set([given.is ?? url]));
  },
);

test("list of predictions: the link to the next page begins with the caller's address", async () => {
  const { url, settings } = await start();
  await settings({ disasters: [{ name: "fail" }] });
  const ask = askAs("localhost:19999", url);
  const { HEADERS: headers, VEO: model, INPUT: input } = replicate;
  const submit = () => ask(`/replicate/v1/models/${model}/predictions`, post(headers, { input }));
  await Promise.all(Array.from({ length: 101 }, submit));
  const page = JSON.parse(await ask("/replicate/v1/predictions", { headers })) as { next: string };
  expect(page.next).toMatch(/^http:\/\/localhost:19999\/replicate\/v1\/predictions\?cursor=/);
  const next = JSON.parse(await ask(new URL(page.next).pathname + new URL(page.next).search, { headers }));
  expect(next).toMatchObject({ results: [{}], previous: expect.stringMatching(/^http:\/\/localhost:19999\//) });
});

test("upload under one name of this machine: is found under another, and by a submit", async () => {
  const { url, http, requests, finished } = await start();
  const ask = askAs("localhost:19999", url);
  const { file_url: file } = JSON.parse(await ask("/fal/storage/upload/initiate", post({}, { file_name: "a.png" })));
  const { pathname } = new URL(file);
  await ask(pathname, { method: "PUT", headers: { "content-type": "image/png" }, body: "not a picture" });
  expect(await (await http(pathname)).text()).toBe("not a picture");
  const body = { ...SHORT, image_url: file };
  const submitted = JSON.parse(await ask(`/fal/${VEO}/image-to-video`, post({}, body)));
  await finished(VEO, submitted.request_id);
  // Read from the upload and not from the address, where nothing listens.
  const result = await http(`/fal/${VEO}/requests/${submitted.request_id}`);
  expect(await result.json()).toMatchObject({ detail: [{ type: "image_load_error" }] });
  expect(await requests()).toHaveLength(1);
});
