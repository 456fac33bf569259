/** A client whose `fetch` answers as a test tells it, and what went through it. */
import { expect } from "vitest";
import { Client } from "../src/client.js";
import type { ClientOptions } from "../src/options.js";

export interface Seen {
  /** Below the API's base, with its query. */
  path: string;
  method: string;
  headers: Headers;
  /** The text that was sent; empty when there was none. */
  body: string;
}

export type Answer = (seen: Seen) => Response | Promise<Response>;

/** Answers like `fetch`: the signal ends it. */
export function clientOf(answer: Answer, options: ClientOptions = {}) {
  const seen: Seen[] = [];
  const fetch = (input: unknown, { method = "GET", headers, body, signal }: RequestInit = {}): Promise<Response> => {
    const path = String(input).replace(/^.*\/api\/v1/, "");
    const one = { path, method, headers: new Headers(headers), body: String(body ?? "") };
    seen.push(one);
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      Promise.resolve(one).then(answer).then(resolve, reject);
    });
  };
  return { client: new Client({ apiKey: "vg-key", baseUrl: "http://gateway.test", fetch, ...options }), seen };
}

export const OUTPUT = "http://gateway.test/files/1";

export const statusBody = (status: string, more: object = {}) => ({
  ...{ request_id: "r", id: "r", status, output_url: OUTPUT, output_urls: [OUTPUT] },
  ...more,
});
export const status = (name: string, more?: object) => Response.json(statusBody(name, more));
export const acknowledged = (requestId = "r") =>
  Response.json({ request_id: requestId, id: requestId, created_at: new Date().toISOString() }, { status: 202 });
export const refusal = (code: number, error: string, details: object = {}) =>
  Response.json({ error, message: "m", details }, { status: code });

/** Accepts, and is done: acknowledgement and image in one for the replay. */
export const gateway: Answer = ({ method }) =>
  method === "POST" ? Response.json({ ...statusBody("pending"), images: [OUTPUT] }) : status("completed");

export const eventText = (data: string) => `event: status\nid: 1\ndata: ${data}\n\n`;

/** An event stream that stays open, unless it ends; `left` when nobody reads it any more. */
export function streamOf(text: string, { end = false, type = "text/event-stream" } = {}) {
  const state = { left: false };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      if (end) controller.close();
    },
    cancel() {
      state.left = true;
    },
  });
  return { response: new Response(body, { headers: { "content-type": type } }), state };
}

export const never = () => new Promise<never>(() => {});

export const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.fail("did not fail"),
    (error: unknown) => error,
  );
