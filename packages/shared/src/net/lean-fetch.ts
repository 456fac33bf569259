/**
 * A fetch for short calls, of which a worker makes a thousand a second: without the streams and redirects of the real
 * one it costs about half. Follows no redirect; the answer is read whole.
 */
import { Agent, request } from "undici";

/** A page of a provider's list holds the inputs of a hundred jobs, images included. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

export interface LeanFetch {
  fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

/**
 * `freshConnections`: one for each call, for submits: a kept-alive connection that the other side closes just then fails
 * with the request perhaps sent, and what may have been sent is never sent again.
 */
export function createLeanFetch({ freshConnections }: { freshConnections: boolean }): LeanFetch {
  const dispatcher = new Agent(freshConnections ? { pipelining: 0 } : {});

  const lean: typeof globalThis.fetch = async (url, init = {}) => {
    const { body, signal } = init;
    // Forms and streams (uploads) are rare, and know their own headers.
    if (url instanceof Request || (body != null && typeof body !== "string")) return globalThis.fetch(url, init);
    const answer = await request(url, {
      method: (init.method ?? "GET") as "GET",
      headers: { ...Object.fromEntries(new Headers(init.headers)), "accept-encoding": "identity" },
      body: body ?? null,
      signal: signal ?? null,
      dispatcher,
    });
    const text = await readAll(answer.body);
    return new Response(canHaveBody(answer.statusCode) ? text : null, {
      status: answer.statusCode,
      headers: plainHeaders(answer.headers),
    });
  };

  return { fetch: lean, close: () => dispatcher.destroy() };
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new Error("answer too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const canHaveBody = (status: number): boolean => status !== 204 && status !== 205 && status !== 304;

function plainHeaders(headers: Record<string, string | string[] | undefined>): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => [name, one] as [string, string]),
  );
}
