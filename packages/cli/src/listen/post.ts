/**
 * One POST with Node's own HTTP client, which skips interim answers (100 Continue, 103 Early Hints) that a receiver sends
 * unasked, as the gateway does. The global fetch takes a 100 for a broken connection.
 */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

export interface Message {
  url: string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

/** Resolves with the status of the answer. Redirects are not followed, and the body is not read. */
export function post({ url, headers, body, signal }: Message): Promise<number> {
  const open = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = open(url, { method: "POST", headers, signal });
    request.on("response", (response) => {
      resolve(response.statusCode ?? 0);
      response.on("error", () => {}).destroy();
    });
    request.on("error", reject);
    request.on("close", () => reject(new Error("The connection was closed without an answer.")));
    request.setHeader("content-length", Buffer.byteLength(body));
    request.end(body);
  });
}
