/** `client.events`: the feed of the organization's events, numbered without gaps. */
import { abortErrorOf, openAbortScope } from "../abort-scope.js";
import { closableGenerator } from "../closable-generator.js";
import type { VisgateError } from "../errors.js";
import type { Http } from "../http.js";
import { createWaitRetries } from "../retry.js";
import type { FeedEvent, FeedPage, FeedQuery } from "../types.generated.js";
import { checkSignal } from "../wait-options.js";
import type { OptionalFields } from "../wire-format.js";

export type EventType = FeedEvent["type"];

export interface EventQuery extends OptionalFields<Omit<FeedQuery, "types">> {
  /** Only events of these types; all types unless given. */
  types?: readonly EventType[] | undefined;
}

export interface FollowOptions {
  /** The `sequence` of the last event that you have processed; unless given, from the oldest event that is kept. */
  after?: number | undefined;
  /** Only events of these types; all types unless given. */
  types?: readonly EventType[] | undefined;
  /** Ends the feed with an AbortError when it is aborted. */
  signal?: AbortSignal | undefined;
}

export interface Events {
  /** One page of the feed. With `wait` (seconds, at most 60), the gateway answers when there is an event. */
  list(query?: EventQuery): Promise<FeedPage>;
  /**
   * Event after event, without end. To continue later, store the `sequence` of the last event and pass it as `after`.
   * `break` ends it at once.
   */
  follow(options?: FollowOptions): AsyncGenerator<FeedEvent, void, undefined>;
}

const MAX_LONG_POLL_SECONDS = 30;
/** The least time between two polls that return nothing, for a server that does not hold them. */
const POLL_INTERVAL_MS = 2000;
const PAGE = { events: "array", nextAfter: "number" };

type CallOptions = { signal?: AbortSignal; maxRetries?: number };

export function createEvents(http: Http): Events {
  return {
    list: (query = {}) => getPage(http, query),
    follow: (options = {}) => closableGenerator((closed) => followFeed(http, options, closed)),
  };
}

function getPage(http: Http, { types, ...rest }: EventQuery, call: CallOptions = {}): Promise<FeedPage> {
  const query = { ...rest, types: types?.join(",") };
  return http.json({ path: "/events", query, expected: PAGE, ...call });
}

async function* followFeed(
  http: Http,
  { after, types, signal }: FollowOptions,
  closed: AbortSignal,
): AsyncGenerator<FeedEvent, void, undefined> {
  checkSignal(signal);
  const { runtime, settings } = http;
  const scope = openAbortScope([signal, closed, http.closed]);
  const retries = createWaitRetries(runtime, settings.timeoutMs);
  const wait = Math.max(1, Math.min(MAX_LONG_POLL_SECONDS, Math.floor(settings.timeoutMs / 2000)));
  try {
    for (let position = after; ; ) {
      try {
        const askedAt = runtime.now();
        const page = await getPage(http, { after: position, types, wait }, { signal: scope.signal, maxRetries: 0 });
        retries.reset();
        yield* page.events;
        if (page.nextAfter === position) {
          await runtime.sleep(Math.max(0, POLL_INTERVAL_MS - (runtime.now() - askedAt)), scope.signal);
        }
        position = page.nextAfter;
      } catch (thrown) {
        if (scope.signal.aborted) throw abortErrorOf(scope.signal);
        await retries.sleepAfter(thrown as VisgateError, scope.signal);
      }
    }
  } finally {
    scope.close();
  }
}
