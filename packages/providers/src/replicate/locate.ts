/** Replicate's list of predictions, the newest first: ours carries our webhook URL, or else our model and input. */
import { z } from "zod";
import type { Candidate, LocateResult, LostSubmit } from "../port.js";
import {
  type CannotTell,
  cannotTell,
  createdSince,
  earliest,
  isSameInput,
  notReadable,
  type Page,
  searchPages,
} from "../sdk-call/list-search.js";
import { okAnswer, type Sent } from "../sdk-call/one-shot.js";

/** How many predictions are looked at one by one, when the list does not show their inputs. */
const MAX_LOOKS = 20;

const pageBody = z.object({ next: z.string().nullish(), results: z.array(z.unknown()) });
const text = z.string().nullish().catch(null);
const listed = z.object({
  id: z.string().min(1),
  created_at: z.string(),
  model: text,
  version: text,
  input: z.unknown().optional(),
  webhook: text,
  /** Its input is no longer kept, an hour after its end. */
  data_removed: z.boolean().catch(false),
});
type Listed = z.infer<typeof listed>;

/** Each sends one GET. */
export interface ListCalls {
  page(cursor: string | null): Promise<Sent>;
  prediction(id: string): Promise<Sent>;
  now: () => number;
}

export function locateAtReplicate(lost: LostSubmit, calls: ListCalls): Promise<LocateResult> {
  const look = createLook(calls);
  return searchPages(async (cursor) => {
    const sent = await calls.page(cursor);
    const { data } = pageBody.safeParse(okAnswer(sent)?.body);
    return data === undefined ? cannotTell(sent, calls.now()) : pageOf(data, lost, look);
  });
}

type Look = (item: Listed) => Promise<Listed | CannotTell | null>;

/** A prediction in full; null when it was deleted. */
function createLook({ prediction, now }: ListCalls): Look {
  let looks = 0;
  return async (item) => {
    if (item.input !== undefined || item.data_removed) return item;
    looks += 1;
    if (looks > MAX_LOOKS) return notReadable("too many predictions to look at");
    const sent = await prediction(item.id);
    if (sent.kind === "answered" && sent.answer.status === 404) return null;
    return listed.safeParse(okAnswer(sent)?.body).data ?? cannotTell(sent, now());
  };
}

async function pageOf(page: z.infer<typeof pageBody>, lost: LostSubmit, look: Look): Promise<Page | CannotTell> {
  const items = page.results.flatMap((item) => listed.safeParse(item).data ?? []);
  const candidates: Candidate[] = [];
  for (const item of items) {
    const createdAt = createdSince(lost, item.created_at);
    if (createdAt === null || !(isReportedToUs(lost, item) || isSameModel(lost, item))) continue;
    const seen = await look(item);
    if (seen === null) continue;
    if ("kind" in seen) return seen;
    if (isOurs(lost, seen)) candidates.push({ id: seen.id, createdAt, isCertain: isReportedToUs(lost, seen) });
  }
  const isBehind = items.some(({ created_at }) => Date.parse(created_at) < earliest(lost));
  if (isBehind || page.next == null) return { candidates, next: null };
  const cursor = cursorIn(page.next);
  return cursor === null ? notReadable("a next page without a cursor") : { candidates, next: cursor };
}

function cursorIn(next: string): string | null {
  return URL.canParse(next, "http://x") ? new URL(next, "http://x").searchParams.get("cursor") : null;
}

/** An endpoint is `owner/name`, or `owner/name:version`. */
function isSameModel({ endpoint }: LostSubmit, { model, version }: Listed): boolean {
  const [name, wanted] = endpoint.split(":");
  return wanted === undefined ? model === name : version === wanted;
}

function isReportedToUs({ webhookUrl }: LostSubmit, { webhook }: Listed): boolean {
  return webhookUrl !== null && webhook === webhookUrl;
}

/** A prediction with another webhook URL is not ours, even when its input is equal. */
function isOurs(lost: LostSubmit, item: Listed): boolean {
  if (isReportedToUs(lost, item)) return true;
  return item.webhook == null && !item.data_removed && isSameInput(lost.body, item.input);
}
