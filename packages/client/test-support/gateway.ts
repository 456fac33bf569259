/** A client whose `fetch` is answered by the test, and a record of the calls that it made. */
import { expect } from "vitest";
import { Client } from "../src/client.js";
import type { ClientOptions } from "../src/client-options.js";

export interface Seen {
  /** Below the API's base URL, with its query. */
  path: string;
  method: string;
  headers: Headers;
  /** The text of the body; empty when the call had none. */
  body: string;
  redirect: RequestInit["redirect"];
}

export type Answer = (seen: Seen) => Response | Promise<Response>;

/** Like a real `fetch`, this one rejects when its signal is aborted. */
export function clientOf(answer: Answer, options: ClientOptions = {}) {
  const seen: Seen[] = [];
  const fetch = (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const { method = "GET", headers, body, redirect, signal } = init;
    const path = String(input).replace(/^.*\/api\/v1/, "");
    const call = { path, method, headers: new Headers(headers), body: String(body ?? ""), redirect };
    seen.push(call);
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      Promise.resolve(call).then(answer).then(resolve, reject);
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

/** Accepts every generation, whose request has then completed. The answer to a POST also serves as an image result. */
export const gateway: Answer = ({ method }) =>
  method === "POST" ? Response.json({ ...statusBody("pending"), images: [OUTPUT] }) : status("completed");

export const eventText = (data: string) => `event: status\nid: 1\ndata: ${data}\n\n`;

/** An event stream that stays open unless `end`; `state.isCancelled` once its reader has cancelled it. */
export function streamOf(text: string, { end = false, type = "text/event-stream" } = {}) {
  const state = { isCancelled: false };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      if (end) controller.close();
    },
    cancel() {
      state.isCancelled = true;
    },
  });
  return { response: new Response(body, { headers: { "content-type": type } }), state };
}

export const never = () => new Promise<never>(() => {});

export const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.fail("the call did not fail"),
    (error: unknown) => error,
  );

export const firstOf = <T>(items: AsyncIterable<T>) => items[Symbol.asyncIterator]().next();
