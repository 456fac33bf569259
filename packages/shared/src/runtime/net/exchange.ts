/**
 * One request and its answer over node:http, whose parser reports what it cannot read as an error. Every error has a
 * listener from the start and for good: an error without a listener would end the process.
 */
import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Agents } from "./agents.js";

export interface Sending {
  method: string;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  /** Ends the wait for the connection, for the answer and for the end of its body. */
  signal: AbortSignal | null;
  agents: Agents;
  /**
   * Sends the request a second time, with these agents, when the kept connection turns out to be closed. Only for
   * requests that may arrive twice, since the first may have arrived.
   */
  freshAgents?: Agents;
}

/** Resolves with the answer's head; its body is read or destroyed by the caller. */
export function exchange(url: URL, sending: Sending): Promise<IncomingMessage> {
  const { signal, body, freshAgents } = sending;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = openRequest(url, sending);
    const bytesRead = freshAgents === undefined ? () => 0 : countBytesRead(request);
    let answer: IncomingMessage | null = null;
    const abort = () => {
      const reason = asError(signal?.reason);
      (answer ?? request).destroy(reason);
      reject(reason);
    };
    const settle = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);

    request.on("error", (error) => {
      // A body that ends with its connection is complete for Node even when the connection was reset.
      if (answer !== null) return void (answer.complete || answer.destroy(error));
      settle();
      if (freshAgents === undefined || !isStale(request, error) || bytesRead() > 0) return reject(error);
      resolve(exchange(url, { method: sending.method, headers: sending.headers, body, signal, agents: freshAgents }));
    });
    request.on("response", (response) => {
      // Node 20 to 24 emit a body's error only when there is a listener. With this one we do not depend on it.
      answer = response.on("error", () => {}).on("close", settle);
      resolve(response);
    });
    request.on("close", () => {
      if (answer === null) reject(new Error("The connection was closed without an answer."));
    });
    request.end(body);
  });
}

function openRequest(url: URL, { method, headers, body, agents }: Sending): ClientRequest {
  const isPlain = url.protocol === "http:";
  if (!isPlain && url.protocol !== "https:") throw new Error("Only http and https URLs are asked.");
  const options: RequestOptions = {
    method,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port,
    path: url.pathname + url.search,
    headers: body === null ? headers : { ...headers, "content-length": String(Buffer.byteLength(body)) },
  };
  return isPlain ? requestHttp({ ...options, agent: agents.http }) : requestHttps({ ...options, agent: agents.https });
}

const isStale = ({ reusedSocket }: ClientRequest, error: NodeJS.ErrnoException): boolean =>
  reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");

/** How many bytes came since this request was given its connection. */
function countBytesRead(request: ClientRequest): () => number {
  let before = 0;
  request.on("socket", (socket) => {
    before = socket.bytesRead;
  });
  return () => (request.socket?.bytesRead ?? 0) - before;
}

const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error("The call was stopped.", { cause: reason });
