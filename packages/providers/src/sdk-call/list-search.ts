/** The common part of searching a provider's list for a lost submit: reading pages, comparing inputs, the result. */
import { isDeepStrictEqual } from "node:util";
import type { Candidate, LocateResult, LostSubmit } from "../port.js";
import type { Sent } from "./one-shot.js";
import { unavailable } from "./results.js";

export type CannotTell = Extract<LocateResult, { kind: "cannot_tell" }>;

/** `next`: the cursor of the next page; null when no older entry can be the job. */
export interface Page {
  candidates: Candidate[];
  next: string | null;
}

/** The provider's clock may be behind ours by as much. */
const CLOCK_TOLERANCE_MS = 10_000;
/** Of a hundred jobs each. */
const MAX_PAGES = 20;

/** Jobs created before this moment are not the one. */
export const earliest = ({ sentAt }: LostSubmit): number => sentAt - CLOCK_TOLERANCE_MS;

/** When a listed job was created, in ms; null for one that is too old, or that does not say. */
export function createdSince(lost: LostSubmit, text: string): number | null {
  const createdAt = Date.parse(text);
  return createdAt >= earliest(lost) ? createdAt : null;
}

/**
 * Equal as JSON, in any order of keys. An additional key makes it another job, for example a seed. When a provider adds
 * defaults or shortens a data URI, the job is not found; that is better than a wrong claim.
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

/** Statuses below 500 that may change at the next attempt. */
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
