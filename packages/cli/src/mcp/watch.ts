/** Waits for the end of a request, and tells the client of the protocol how far it is. */
import { AbortError, type RequestStatus, TimeoutError } from "@visgate_ai/client";
import { estimatedShare } from "../screen/progress.js";
import { progressText } from "./request-answer.js";
import type { Call } from "./tool.js";

/** Below the 60 s after which clients of the protocol give up by default. */
const DEFAULT_WAIT_SECONDS = 50;
/** Also without news, so that a client that counts from the last progress keeps waiting. */
const HEARTBEAT_MS = 10_000;
/** Each progress must be larger than the one before it. */
const SMALLEST_STEP = 1e-6;
/** A provider that reports 1 has not delivered yet. */
const LAST_BEFORE_END = 0.99;

type Report = (status: RequestStatus) => Promise<void>;

/** The status after `waitSeconds`, or at the end if it is earlier. */
export async function watchRequest(call: Call, requestId: string, waitSeconds?: number): Promise<RequestStatus> {
  const { client, signal, mcp, session } = call;
  if (waitSeconds === 0) return client.requests.get(requestId);
  const report = mcp._meta?.progressToken === undefined ? null : createReport(call, requestId);
  const limit = waitSeconds ?? (report === null ? DEFAULT_WAIT_SECONDS : null);
  const progress = report === null ? null : startProgress(call, report);
  try {
    const timeout = limit === null ? {} : { timeout: limit * 1000 };
    const onProgress = progress === null ? {} : { onProgress: progress.show };
    return await client.requests.wait(requestId, { signal, ...timeout, ...onProgress });
  } catch (error) {
    if (error instanceof TimeoutError) return await client.requests.get(requestId);
    // A cancelled call has no answer, so the client can learn the id from its last progress, and the user from stderr.
    if (error instanceof AbortError)
      session.out.say(`The assistant stopped waiting for request ${requestId}, which continues at the gateway.`);
    throw error;
  } finally {
    progress?.stop();
  }
}

/** Shows every change, and repeats the last one from time to time. */
function startProgress({ session }: Call, report: Report) {
  const stopped = new AbortController();
  let last: RequestStatus | null = null;
  async function beat(): Promise<void> {
    for (;;) {
      await session.io.sleep(HEARTBEAT_MS, stopped.signal);
      if (last !== null) await report(last);
    }
  }
  // Ends when the sleep is stopped, or when the connection is closed.
  beat().catch(() => {});
  return {
    show(status: RequestStatus) {
      last = status;
      return report(status);
    },
    stop: () => stopped.abort(),
  };
}

function createReport({ mcp, session }: Call, requestId: string): Report {
  const startedMs = session.io.now();
  const progressToken = mcp._meta?.progressToken;
  let reported = -SMALLEST_STEP;
  return async (status) => {
    const seconds = (session.io.now() - startedMs) / 1000;
    const share = status.status === "completed" ? 1 : LAST_BEFORE_END * estimatedShare(status, seconds);
    reported = Math.max(share, reported + SMALLEST_STEP);
    const message = `${progressText(status)}, ${Math.floor(seconds)} s, request ${requestId}`;
    const params = { progressToken, progress: reported, total: 1, message };
    await mcp.notify({ method: "notifications/progress", params }).catch(() => {});
  };
}
