/**
 * One request and its answer over node:http, whose parser reports unreadable answers as errors. Every error has a
 * listener from the start to the end: an error without a listener would end the process.
 */
import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { type Agents, connectTimeout, isConnecting } from "./agents.js";

export interface Sending {
  method: string;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  /** Stops the call: while it connects, waits for the answer, or reads the body. */
  signal: AbortSignal | null;
  agents: Agents;
  /**
   * Sends the request a second time, with these agents, if the kept connection turns out to be closed. Only for
   * requests that may arrive twice, since the first may have arrived.
   */
  freshAgents?: Agents;
}

/** Resolves with the head of the answer. The caller must read or destroy its body. */
export function exchange(url: URL, sending: Sending): Promise<IncomingMessage> {
  const { signal, body, freshAgents } = sending;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = openRequest(url, sending);
    const bytesRead = freshAgents === undefined ? () => 0 : countBytesRead(request);
    let answer: IncomingMessage | null = null;
    const abort = () => {
      const reason = stopReason(request, signal?.reason);
      (answer ?? request).destroy(reason);
      reject(reason);
    };
    const settle = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);

    request.on("error", (error) => {
      // For Node, a body that ends with its connection is complete even if the connection was reset.
      if (answer !== null) return void (answer.complete || answer.destroy(error));
      settle();
      if (freshAgents === undefined || !isStale(request, error) || bytesRead() > 0) return reject(error);
      resolve(exchange(url, { method: sending.method, headers: sending.headers, body, signal, agents: freshAgents }));
    });
    request.on("response", (response) => {
      // Node 20 to 24 emit an error of the body only if it has a listener. This listener makes that irrelevant.
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
  if (!isPlain && url.protocol !== "https:") throw new Error("Only http and https URLs are allowed.");
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

/** How many bytes were received since this request got its connection. */
function countBytesRead(request: ClientRequest): () => number {
  let before = 0;
  request.on("socket", (socket) => {
    before = socket.bytesRead;
  });
  return () => (request.socket?.bytesRead ?? 0) - before;
}

/**
 * A call that is stopped while it connects has sent nothing, so a submit may be repeated. The reason alone would not say so,
 * and SDKs replace it by their own.
 */
function stopReason({ socket }: ClientRequest, reason: unknown): Error {
  const hasConnection = socket !== null && !isConnecting(socket);
  return hasConnection ? asError(reason) : connectTimeout("the time of the call");
}

const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error("The call was stopped.", { cause: reason });
