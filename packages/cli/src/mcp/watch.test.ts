/** The wait of a tool call: how long it is, and what it tells the client of the protocol meanwhile. */
import type { Client, RequestStatus, WaitOptions } from "@visgate_ai/client";
import { expect, it } from "vitest";
import { testIo } from "../../test-support/io.js";
import { openSession } from "../session.js";
import type { Call } from "./tool.js";
import { watchRequest } from "./watch.js";

const STATUS = { requestId: "id", status: "processing", progress: null, queuePosition: null } as RequestStatus;
interface Sent {
  params: { progress: number; total: number; message: string; progressToken: string };
}

/** `wait`: in place of the wait at the gateway. */
function createCall(wait: (options: WaitOptions) => Promise<RequestStatus>, progressToken?: string) {
  const sent: Sent["params"][] = [];
  const sleeps: ((value?: unknown) => void)[] = [];
  const sleep = () => new Promise<void>((resolve) => sleeps.push(resolve as () => void));
  const session = openSession(testIo({ now: () => 0, sleep }), { color: false });
  const requests = { wait: (_id: string, options: WaitOptions) => wait(options), get: async () => STATUS };
  const notify = async ({ params }: Sent) => void sent.push(params);
  const { signal } = new AbortController();
  const mcp = { id: 1, _meta: progressToken === undefined ? {} : { progressToken }, notify };
  const call = { session, signal, mcp, client: { requests } as unknown as Client } as unknown as Call;
  return { call, sent, sleeps };
}

it.each([
  { name: "without progress it ends before the client gives up", token: undefined, given: undefined, timeout: 50_000 },
  { name: "with progress it lasts to the end", token: "p", given: undefined, timeout: undefined },
  { name: "the caller's limit counts in both cases", token: "p", given: 7, timeout: 7000 },
])("watchRequest: $name", async ({ token, given, timeout }) => {
  const seen: WaitOptions[] = [];
  const { call } = createCall(async (options) => {
    seen.push(options);
    return STATUS;
  }, token);
  await watchRequest(call, "id", given);
  expect(seen.map((options) => options.timeout)).toEqual([timeout]);
  expect(seen[0]?.onProgress === undefined).toBe(token === undefined);
});

it("watchRequest: repeats the progress while nothing changes, each time a little larger, and stops at the end", async () => {
  let finish: (status: RequestStatus) => void = () => {};
  const { call, sent, sleeps } = createCall(async ({ onProgress }) => {
    await onProgress?.({ ...STATUS, progress: 1 });
    return new Promise((resolve) => {
      finish = resolve;
    });
  }, "token");
  const watching = watchRequest(call, "id");
  for (const beats of [2, 3]) {
    await expect.poll(() => sleeps.length).toBe(beats - 1);
    sleeps.at(-1)?.();
    await expect.poll(() => sent.length).toBe(beats);
  }
  finish({ ...STATUS, status: "completed" });
  expect((await watching).status).toBe("completed");
  expect(sent.map(({ progressToken, total }) => [progressToken, total])).toEqual(sent.map(() => ["token", 1]));
  const shares = sent.map(({ progress }) => progress);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(new Set(shares).size).toBe(3);
  expect(shares.every((share) => share < 1)).toBe(true);
});
