/** One call of an SDK. Its own error says less than what was really sent and answered. */
import { createOneShot, createOneShots, type OneShot, type Sent } from "./one-shot.js";
import type { Call, ImageFile } from "./port.js";

type Fetch = typeof fetch;

/** A call that sends one request, at most. */
export async function callOnce(send: Fetch, use: (send: Fetch) => Promise<unknown>): Promise<Sent> {
  return (await run(createOneShot(send), use)).sent;
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
