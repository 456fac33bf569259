/** `client.events`: all that happens to the organization's requests, under consecutive numbers, without a gap. */
import type { VisgateError } from "../errors.js";
import type { Http } from "../http.js";
import type { Loose } from "../loose.js";
import { createPatience } from "../patience.js";
import { openScope, reasonOf } from "../scope.js";
import type { FeedEvent, FeedPage, FeedQuery } from "../types.generated.js";

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

export function createEvents(http: Http): Events {
  const list = ({ types, ...query }: EventQuery, call: { signal?: AbortSignal; maxRetries?: number } = {}) =>
    http.json<FeedPage>({ method: "GET", path: "/events", query: { ...query, types: types?.join(",") }, ...call });

  async function* follow({ after, types, signal }: FollowOptions = {}): AsyncGenerator<FeedEvent, void, undefined> {
    const scope = openScope([signal, http.closed]);
    const patience = createPatience(http);
    const hold = Math.max(1, Math.min(HOLD_SECONDS, Math.floor(http.settings.timeoutMs / 2000)));
    try {
      for (let position = after; ; ) {
        const query = {
          ...(position === undefined ? {} : { after: position }),
          ...(types ? { types } : {}),
          wait: hold,
        };
        try {
          const page = await list(query, { signal: scope.signal, maxRetries: 0 });
          patience.heard();
          yield* page.events;
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
  return { list: (query = {}) => list(query), follow };
}
