/**
 * A fetch for short calls, of which a worker makes a thousand a second. It has no streams, follows no redirect and
 * repeats nothing; it reads the whole answer.
 */
import type { IncomingMessage } from "node:http";
import { createAgents } from "./agents.js";
import { canHaveBody, decodedBody, readWhole } from "./bodies.js";
import { exchange, type Sending } from "./exchange.js";

/** A page of a provider's list contains the inputs of a hundred jobs, with images. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

export interface LeanFetch {
  fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

export interface LeanFetchOptions {
  /**
   * One connection per call, for submits: when the other side closes a kept connection at the same moment, the call
   * fails and the submit may have been sent, so it could not be sent again.
   */
  freshConnections: boolean;
  connectTimeoutMs?: number;
}

type Message = Pick<Sending, "method" | "headers" | "body">;

export function createLeanFetch({ freshConnections, ...limits }: LeanFetchOptions): LeanFetch {
  const agents = createAgents({ keepAlive: !freshConnections, ...limits });

  const lean: typeof globalThis.fetch = async (input, init = {}) => {
    const { body, signal } = init;
    const isPlain = !(input instanceof Request) && (body == null || typeof body === "string");
    const message = isPlain ? plainMessage(init, body ?? null) : await encodedMessage(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    message.headers["accept-encoding"] = "identity";
    const answer = await exchange(url, { ...message, agents, signal: signal ?? null });
    return responseOf(answer, await readWhole(decodedBody(answer), MAX_BODY_BYTES));
  };

  return { fetch: lean, close: async () => agents.destroy() };
}

function plainMessage({ method = "GET", headers }: RequestInit, body: string | null): Message {
  return { method, headers: Object.fromEntries(new Headers(headers)), body };
}

/** Forms, blobs and streams (uploads): Node's Request encodes them, and makes their headers. */
async function encodedMessage(input: string | URL | Request, init: RequestInit): Promise<Message> {
  const request = new Request(input, { ...init, duplex: "half" } as RequestInit);
  const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer());
  return { method: request.method, headers: Object.fromEntries(request.headers), body };
}

function responseOf({ statusCode = 0, rawHeaders }: IncomingMessage, body: Buffer): Response {
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
  return new Response(canHaveBody(statusCode) ? body : null, { status: statusCode, headers });
}
