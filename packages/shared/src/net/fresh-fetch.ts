/**
 * A fetch that opens a connection for each call. For submits: a kept-alive connection that the other side closes just
 * then fails with the request perhaps sent, and what may have been sent is never sent again.
 */
import { Agent, fetch } from "undici";

export function createFreshFetch(): { fetch: typeof globalThis.fetch; close(): Promise<void> } {
  const dispatcher = new Agent({ pipelining: 0 });
  const fresh = (url: string, init: object) => fetch(url, { ...init, dispatcher });
  return { fetch: fresh as unknown as typeof globalThis.fetch, close: () => dispatcher.destroy() };
}
