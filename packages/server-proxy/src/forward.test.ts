/** Status codes after a lost answer: a call that the gateway may have accepted is never answered with 429 or 5xx. */
import type { RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { deadUrl, type Listener, startListener } from "../../../tests/support/listeners.js";
import { proxyToVisgate } from "./proxy.js";

let gateway: Listener | null = null;
afterEach(() => gateway?.close());

interface Post {
  path?: string;
  headers?: Record<string, string>;
  baseUrl?: string;
}

async function post({ path = "videos/generate", headers = {}, baseUrl = gateway?.origin }: Post = {}) {
  const request = new Request(`http://app.test/api/visgate/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "fal-ai/veo3", prompt: "a sunset" }),
  });
  const answer = await proxyToVisgate(request, {
    ...{ pathSegments: path.split("/"), apiKey: "vg-key", baseUrl, timeoutMs: 200 },
  });
  return { status: answer.status, retryAfter: answer.headers.get("retry-after"), body: await answer.json() };
}

/** Ways in which the gateway gets the call and its answer is lost. */
const LOST: [string, number, RequestListener][] = [
  ["a connection that breaks", 503, (request) => void request.resume().on("end", () => request.socket.destroy())],
  ["a page of a proxy in between", 503, (_, response) => response.writeHead(500).end("<h1>500</h1>")],
  ["half an answer", 503, (_, response) => halfAnAnswer(response)],
  ["no answer in time", 504, () => {}],
];

function halfAnAnswer(response: Parameters<RequestListener>[1]) {
  response.writeHead(202, { "content-type": "application/json", "content-length": "100" }).write('{"request_id":');
  setImmediate(() => response.destroy());
}

describe.each(LOST)("%s", (_what, status, answer) => {
  it.each(["videos/generate", "images/generate", "generate"])("to %s without Idempotency-Key: 424", async (path) => {
    gateway = await startListener(answer);
    expect(await post({ path })).toMatchObject({ status: 424, retryAfter: null, body: { error: "UNAVAILABLE" } });
    expect(gateway.asked).toHaveLength(1);
  });

  it(`with Idempotency-Key: ${status}, because a repeated call is the same request`, async () => {
    gateway = await startListener(answer);
    const got = await post({ headers: { "idempotency-key": "order-1" } });
    expect(got).toMatchObject({ status, retryAfter: "2", body: { error: "UNAVAILABLE" } });
  });

  it(`to a cancel: ${status}, because a repeated cancel costs nothing`, async () => {
    gateway = await startListener(answer);
    expect(await post({ path: "requests/some-id/cancel" })).toMatchObject({ status, body: { error: "UNAVAILABLE" } });
  });
});

it("a refused connection: 503, also without Idempotency-Key, because nothing was sent", async () => {
  const got = await post({ baseUrl: await deadUrl() });
  expect(got).toMatchObject({ status: 503, retryAfter: "2", body: { error: "UNAVAILABLE" } });
});

it("a 424 of the gateway is passed on unchanged", async () => {
  const body = { error: "SUBMIT_UNKNOWN", message: "m", details: { request_id: "r", charge_state: "unknown" } };
  gateway = await startListener((_, response) =>
    response.writeHead(424, { "content-type": "application/json" }).end(JSON.stringify(body)),
  );
  expect(await post()).toEqual({ status: 424, retryAfter: null, body });
  expect(gateway.asked).toHaveLength(1);
});
