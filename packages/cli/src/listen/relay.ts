/** Forwards the feed's events in order, and sends each one until the receiver has taken it. */
import { type Client, ConnectionError, type EventType, type FeedEvent, VisgateError } from "@visgate_ai/client";
import type { Io } from "../screen/io.js";
import type { Forward } from "./forward.js";
import type { ListenLog } from "./log.js";

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;

export interface RelayOptions {
  client: Client;
  types: EventType[];
  /** The sequence number after which to start. */
  after: number;
  forward: Forward;
  log: ListenLog;
  sleep: Io["sleep"];
  /** Aborted to stop. */
  signal: AbortSignal;
}

/** Runs until the signal is aborted. Resolves with the sequence number of the last event that is done. */
export async function relay(options: RelayOptions): Promise<number> {
  const { client, types, log, sleep, signal } = options;
  let position = options.after;
  while (!signal.aborted) {
    try {
      for await (const event of client.events.follow({ after: position, types, signal })) {
        if (!(await forwardUntilTaken(event, options))) break;
        position = event.sequence;
      }
    } catch (error) {
      if (signal.aborted) break;
      if (!isGatewayAway(error)) throw error;
      log.gatewayAway(error);
      await sleep(MAX_PAUSE_MS, signal).catch(() => {});
    }
  }
  return position;
}

/** The client has tried for minutes by then, but the listener may wait for as long as a repair takes. */
function isGatewayAway(error: unknown): error is VisgateError {
  return error instanceof ConnectionError || (error instanceof VisgateError && error.retryable);
}

/** True when the event is done: taken, refused with 410, or erased. False when the signal was aborted before. */
async function forwardUntilTaken(event: FeedEvent, { forward, log, sleep, signal }: RelayOptions): Promise<boolean> {
  if (event.data === null) {
    log.erased(event);
    return true;
  }
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const result = await forward(event, signal);
    if (signal.aborted) return isTaken(result.httpStatus);
    const isDone = isTaken(result.httpStatus) || result.httpStatus === 410;
    const nextInMs = isDone ? null : Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
    log.attempt(event, { ...result, nextInMs });
    if (nextInMs === null) return true;
    await sleep(nextInMs, signal).catch(() => {});
  }
  return false;
}

const isTaken = (status: number | null): boolean => status !== null && status >= 200 && status < 300;
