/** What looking for a lost submit in a provider's list has in common: reading pages, comparing inputs, the result. */
import { isDeepStrictEqual } from "node:util";
import type { Sent } from "./one-shot.js";
import type { Candidate, LocateResult, LostSubmit } from "./port.js";
import { unavailable } from "./results.js";

export type CannotTell = Extract<LocateResult, { kind: "cannot_tell" }>;

/** `next`: what the page after it is asked for with; null when nothing further back can be the job. */
export interface Page {
  candidates: Candidate[];
  next: string | null;
}

/** The provider's clock may be behind ours by as much. */
const CLOCK_TOLERANCE_MS = 10_000;
/** Of a hundred jobs each. */
const MAX_PAGES = 20;

/** No job from before this moment can be the one. */
export const earliest = ({ sentAt }: LostSubmit): number => sentAt - CLOCK_TOLERANCE_MS;

/** When a listed job was created, in ms; null for one that is too old, or that does not say. */
export function createdSince(lost: LostSubmit, text: string): number | null {
  const createdAt = Date.parse(text);
  return createdAt >= earliest(lost) ? createdAt : null;
}

/**
 * Equal as JSON, whatever the order of keys. One key more makes it another job, such as one with a seed of its own:
 * a provider that added defaults, or shortened a data URI, hides the job from us, and that is better than a wrong claim.
 */
export function isSameInput(sent: Record<string, unknown>, listed: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(sent)), listed);
}

/** Reads page after page. A list that was not read to its end proves nothing, except by a certain candidate. */
export async function searchPages(read: (cursor: string | null) => Promise<Page | CannotTell>): Promise<LocateResult> {
  const found = new Map<string, Candidate>();
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page: Page | CannotTell = await read(cursor);
    if ("kind" in page) return page;
    for (const candidate of page.candidates) found.set(candidate.id, candidate);
    cursor = page.next;
    if (cursor === null || page.candidates.some(({ isCertain }) => isCertain)) return located([...found.values()]);
  }
  return notReadable("the list is too long");
}

function located(candidates: Candidate[]): LocateResult {
  if (candidates.length === 0) return { kind: "absent" };
  const inOrder = (a: Candidate, b: Candidate) =>
    Number(b.isCertain) - Number(a.isCertain) || a.createdAt - b.createdAt;
  return { kind: "found", candidates: candidates.toSorted(inOrder) };
}

export function notReadable(cause: string): CannotTell {
  return { kind: "cannot_tell", cause, isFinal: false, retryAfterMs: null };
}

/** Statuses below 500 that may be another at the next try. */
const PASSING: readonly number[] = [408, 425, 429];

/** From a call that gave no page. A redirect is not followed, so it is as final as a refusal. */
export function cannotTell(sent: Sent, now: number): CannotTell {
  const { cause, retryAfterMs } = unavailable(sent, now);
  const status = sent.kind === "answered" ? sent.answer.status : 0;
  return {
    kind: "cannot_tell",
    cause,
    isFinal: status >= 300 && status < 500 && !PASSING.includes(status),
    retryAfterMs,
  };
}
