/**
 * Searches the list of videos, which has the newest first. It shows model, prompt, seconds and size of each video. A
 * request with other inputs, or without one of these, cannot be compared and is not searched for. A candidate is never
 * certain.
 */
import { z } from "zod";
import type { Candidate, LocateResult, LostSubmit } from "../port.js";
import {
  type CannotTell,
  cannotTell,
  earliest,
  isSameInput,
  notReadable,
  type Page,
  searchPages,
} from "../sdk-call/list-search.js";
import { okAnswer, type Sent } from "../sdk-call/one-shot.js";

const SHOWN = ["prompt", "seconds", "size"];

const pageBody = z.object({ data: z.array(z.unknown()), has_more: z.boolean().nullish() });
const listed = z.object({
  id: z.string().min(1),
  /** Seconds since the epoch, rounded down. */
  created_at: z.number(),
  model: z.string(),
  prompt: z.string().nullish(),
  seconds: z.coerce.string(),
  size: z.string(),
});
type Listed = z.infer<typeof listed>;

const HIDDEN: CannotTell = {
  ...{ kind: "cannot_tell", cause: "the list does not show all inputs", isFinal: true, retryAfterMs: null },
};

export interface ListCalls {
  /** Sends one GET for the page after the video with this id. */
  page(after: string | null): Promise<Sent>;
  now: () => number;
}

export async function locateInList(model: string, lost: LostSubmit, calls: ListCalls): Promise<LocateResult> {
  if (Object.keys(lost.body).toSorted().join() !== SHOWN.join()) return HIDDEN;
  return searchPages(async (after) => {
    const sent = await calls.page(after);
    const { data: page } = pageBody.safeParse(okAnswer(sent)?.body);
    if (page === undefined) return cannotTell(sent, calls.now());
    const videos = page.data.flatMap((one) => listed.safeParse(one).data ?? []);
    // The list is reversed, because two videos of the same second are then in the order of their creation.
    const candidates = videos.toReversed().flatMap((one) => candidateIn(one, model, lost));
    const isBehind = videos.some((one) => endOfSecond(one) < earliest(lost));
    if (isBehind || !page.has_more) return { candidates, next: null } satisfies Page;
    const last = videos.at(-1);
    return last === undefined ? notReadable("a page without a video") : { candidates, next: last.id };
  });
}

function candidateIn(one: Listed, model: string, lost: LostSubmit): Candidate[] {
  const { prompt, seconds, size } = one;
  if (endOfSecond(one) < earliest(lost) || one.model !== model) return [];
  if (!isSameInput(lost.body, { prompt, seconds, size })) return [];
  return [{ id: one.id, createdAt: one.created_at * 1000, isCertain: false }];
}

const endOfSecond = ({ created_at }: Listed): number => created_at * 1000 + 999;
