/** Calls an SDK and returns what was sent and answered, because the SDK's own errors say less. */
import type { Call, MediaFile } from "../port.js";
import { createOneShot, createOneShots, type OneShot, type Sent } from "./one-shot.js";

type Fetch = typeof fetch;

type Use = (send: Fetch) => Promise<unknown>;

/** Runs an SDK call that sends one request at most. */
export async function callOnce(send: Fetch, use: Use): Promise<Sent> {
  return (await run(createOneShot(send), use)).sent;
}

/** A page of a list may contain the inputs of 100 jobs with their images. */
const MAX_PAGE_BYTES = 32 * 1024 * 1024;

/** Like callOnce, for a page of a list, which may be large. */
export async function readPage(send: Fetch, use: Use): Promise<Sent> {
  return (await run(createOneShot(send, MAX_PAGE_BYTES), use)).sent;
}

/**
 * Runs an SDK call that sends several requests, each of them once. Every request gets the signal here, because the SDKs
 * do not pass it to all requests.
 */
export function callInSteps<T>(send: Fetch, { signal }: Call, use: (send: Fetch) => Promise<T>) {
  const withSignal = ((url, init) => send(url, { ...init, signal })) as Fetch;
  return run(createOneShots(withSignal), use);
}

async function run<T>(shot: OneShot, use: (send: Fetch) => Promise<T>): Promise<{ sent: Sent; value: T | null }> {
  let cause = "nothing was sent";
  // Called in `then`, because an SDK may throw before it returns a promise.
  const value = await Promise.resolve(shot.fetch)
    .then(use)
    .catch((error: unknown) => {
      if (error instanceof Error) cause = error.name;
      return null;
    });
  return { sent: shot.sent() ?? { kind: "not_sent", cause }, value };
}

export function fileOf({ bytes, contentType }: MediaFile): File {
  return new File([bytes], `input.${contentType.split("/")[1] ?? "bin"}`, { type: contentType });
}
