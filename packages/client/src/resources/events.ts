/** `client.events`: all that happens to the organization's requests, under consecutive numbers, without a gap. */
import type { VisgateError } from "../errors.js";
import type { Http } from "../http.js";
import type { Loose } from "../loose.js";
import { leavable } from "../on-exit.js";
import { createPatience } from "../patience.js";
import { openScope, reasonOf } from "../scope.js";
import type { FeedEvent, FeedPage, FeedQuery } from "../types.generated.js";
import { checkSignal } from "../wait-options.js";

export type EventType = FeedEvent["type"];

export interface EventQuery extends Loose<Omit<FeedQuery, "types">> {
  /** Only these; all unless given. */
  types?: readonly EventType[] | undefined;
}

export interface FollowOptions {
  /** The `sequence` of the last event that was dealt with; from the oldest that is kept unless given. */
  after?: number | undefined;
  types?: readonly EventType[] | undefined;
  signal?: AbortSignal | undefined;
}

export interface Events {
  /** One page of the feed; with `wait` (seconds, up to 60) held until there is something. */
  list(query?: EventQuery): Promise<FeedPage>;
  /** Event after event, without end: keep `sequence`, and hand it in as `after` to go on from there another time. */
  follow(options?: FollowOptions): AsyncGenerator<FeedEvent, void, undefined>;
}

const HOLD_SECONDS = 30;
/** Whoever has no event, and does not hold the answer until there is one, is not asked again at once. */
const POLL_INTERVAL_MS = 2000;
const PAGE = { events: "array", nextAfter: "number" };

type CallOptions = { signal?: AbortSignal; maxRetries?: number };

export function createEvents(http: Http): Events {
  return {
    list: (query = {}) => pageOf(http, query),
    follow: (options = {}) => leavable((left) => eventsOf(http, options, left)),
  };
}

function pageOf(http: Http, { types, ...rest }: EventQuery, call: CallOptions = {}): Promise<FeedPage> {
  const query = { ...rest, types: types?.join(",") };
  return http.json({ path: "/events", query, shape: PAGE, ...call });
}

async function* eventsOf(
  http: Http,
  { after, types, signal }: FollowOptions,
  left: AbortSignal,
): AsyncGenerator<FeedEvent, void, undefined> {
  checkSignal(signal);
  const { runtime, settings } = http;
  const scope = openScope([signal, left, http.closed]);
  const patience = createPatience(http);
  const wait = Math.max(1, Math.min(HOLD_SECONDS, Math.floor(settings.timeoutMs / 2000)));
  try {
    for (let position = after; ; ) {
      try {
        const askedAt = runtime.now();
        const page = await pageOf(http, { after: position, types, wait }, { signal: scope.signal, maxRetries: 0 });
        patience.heard();
        yield* page.events;
        if (page.nextAfter === position) {
          await runtime.sleep(Math.max(0, POLL_INTERVAL_MS - (runtime.now() - askedAt)), scope.signal);
        }
        position = page.nextAfter;
      } catch (thrown) {
        if (scope.signal.aborted) throw reasonOf(scope.signal);
        await patience.failed(thrown as VisgateError, scope.signal);
      }
    }
  } finally {
    scope.close();
  }
}
