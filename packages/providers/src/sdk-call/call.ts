/** One call of an SDK. Its own error says less than what was really sent and answered. */

import type { Call, ImageFile } from "../port.js";
import { createOneShot, createOneShots, type OneShot, type Sent } from "./one-shot.js";

type Fetch = typeof fetch;

type Use = (send: Fetch) => Promise<unknown>;

/** A call that sends one request, at most. */
export async function callOnce(send: Fetch, use: Use): Promise<Sent> {
  return (await run(createOneShot(send), use)).sent;
}

/** A page of a list holds the inputs of a hundred jobs, images included. */
const MAX_PAGE_BYTES = 32 * 1024 * 1024;

/** The same for a page of a list, which may be long. */
export async function readPage(send: Fetch, use: Use): Promise<Sent> {
  return (await run(createOneShot(send, MAX_PAGE_BYTES), use)).sent;
}

/** A call of several requests, each sent once; the SDKs do not pass the signal on to all of them, so it is given to each. */
export function callInSteps<T>(send: Fetch, { signal }: Call, use: (send: Fetch) => Promise<T>) {
  const stoppable = ((url, init) => send(url, { ...init, signal })) as Fetch;
  return run(createOneShots(stoppable), use);
}

async function run<T>(shot: OneShot, use: (send: Fetch) => Promise<T>): Promise<{ sent: Sent; value: T | null }> {
  let cause = "nothing was sent";
  // An SDK may also throw at once, before there is a promise.
  const value = await Promise.resolve(shot.fetch)
    .then(use)
    .catch((error: unknown) => {
      if (error instanceof Error) cause = error.name;
      return null;
    });
  return { sent: shot.sent() ?? { kind: "not_sent", cause }, value };
}

export function fileOf({ bytes, contentType }: ImageFile): File {
  return new File([bytes], `image.${contentType.split("/")[1] ?? "bin"}`, { type: contentType });
}
