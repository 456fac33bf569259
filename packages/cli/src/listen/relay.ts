/** From the feed to the receiver: in order, each event until it is taken. */
import { type Client, ConnectionError, type EventType, type FeedEvent, VisgateError } from "@visgate_ai/client";
import type { Io } from "../screen/io.js";
import type { Forward } from "./forward.js";
import type { Reports } from "./reports.js";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

export interface RelayOptions {
  client: Client;
  types: EventType[];
  /** The sequence of the last event that is not wanted. */
  after: number;
  forward: Forward;
  reports: Reports;
  sleep: Io["sleep"];
  /** Ends it. */
  signal: AbortSignal;
}

/** Resolves with the sequence of the last event that was dealt with, when the signal is aborted. */
export async function relay(options: RelayOptions): Promise<number> {
  const { client, types, forward, reports, sleep, signal } = options;
  let position = options.after;
  while (!signal.aborted) {
    try {
      for await (const event of client.events.follow({ after: position, types, signal })) {
        if (!(await deliver(event, { forward, reports, sleep, signal }))) break;
        position = event.sequence;
      }
    } catch (error) {
      if (signal.aborted) break;
      if (!isAway(error)) throw error;
      reports.away(error);
      await sleep(LONGEST_PAUSE_MS, signal).catch(() => {});
    }
  }
  return position;
}

/** The client has tried for minutes by then; a listener can wait for as long as a gateway is being mended. */
function isAway(error: unknown): error is VisgateError {
  return error instanceof ConnectionError || (error instanceof VisgateError && error.retryable);
}

type Delivering = Pick<RelayOptions, "forward" | "reports" | "sleep" | "signal">;

/** True once the receiver has taken it, or wants no more of it (410); false when it ended before. */
async function deliver(event: FeedEvent, { forward, reports, sleep, signal }: Delivering): Promise<boolean> {
  if (event.data === null) {
    reports.erased(event);
    return true;
  }
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const result = await forward(event, signal);
    if (signal.aborted) return isTaken(result.httpStatus);
    const isOver = isTaken(result.httpStatus) || result.httpStatus === 410;
    const againInMs = isOver ? null : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
    reports.attempt(event, { ...result, againInMs });
    if (againInMs === null) return true;
    await sleep(againInMs, signal).catch(() => {});
  }
  return false;
}

const isTaken = (status: number | null): boolean => status !== null && status >= 200 && status < 300;
