/** Searches Replicate's list of predictions for one with our webhook URL, or with the same model and input. */
import { parseUrl } from "@visgate/shared/parse-url";
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

/** How many predictions are read one by one when the list does not show their inputs. */
const MAX_READS = 20;

const pageBody = z.object({ next: z.string().nullish(), results: z.array(z.unknown()) });
const text = z.string().nullish().catch(null);
const listed = z.object({
  id: z.string().min(1),
  created_at: z.string(),
  model: text,
  version: text,
  input: z.unknown().optional(),
  webhook: text,
  /** Replicate deletes the input an hour after the end. */
  data_removed: z.boolean().catch(false),
});
type Listed = z.infer<typeof listed>;

/** Each function sends one GET. */
export interface ListCalls {
  page(cursor: string | null): Promise<Sent>;
  prediction(id: string): Promise<Sent>;
  now: () => number;
}

export function locateAtReplicate(lost: LostSubmit, calls: ListCalls): Promise<LocateResult> {
  const readFull = createReader(calls);
  return searchPages(async (cursor) => {
    const sent = await calls.page(cursor);
    const { data } = pageBody.safeParse(okAnswer(sent)?.body);
    return data === undefined ? cannotTell(sent, calls.now()) : pageOf(data, lost, readFull);
  });
}

type ReadFull = (item: Listed) => Promise<Listed | CannotTell | null>;

/** Reads predictions with their inputs. Null when the prediction was deleted. */
function createReader({ prediction, now }: ListCalls): ReadFull {
  let reads = 0;
  return async (item) => {
    if (item.input !== undefined || item.data_removed) return item;
    reads += 1;
    if (reads > MAX_READS) return notReadable("too many predictions to read");
    const sent = await prediction(item.id);
    if (sent.kind === "answered" && sent.answer.status === 404) return null;
    return listed.safeParse(okAnswer(sent)?.body).data ?? cannotTell(sent, now());
  };
}

async function pageOf(
  page: z.infer<typeof pageBody>,
  lost: LostSubmit,
  readFull: ReadFull,
): Promise<Page | CannotTell> {
  const items = page.results.flatMap((item) => listed.safeParse(item).data ?? []);
  const candidates: Candidate[] = [];
  for (const item of items) {
    const createdAt = createdSince(lost, item.created_at);
    if (createdAt === null || !(isReportedToUs(lost, item) || isSameModel(lost, item))) continue;
    const full = await readFull(item);
    if (full === null) continue;
    if ("kind" in full) return full;
    if (isOurs(lost, full)) candidates.push({ id: full.id, createdAt, isCertain: isReportedToUs(lost, full) });
  }
  const hasOlder = items.some(({ created_at }) => Date.parse(created_at) < earliest(lost));
  if (hasOlder || page.next == null) return { candidates, next: null };
  const cursor = cursorIn(page.next);
  return cursor === null ? notReadable("a next page without a cursor") : { candidates, next: cursor };
}

function cursorIn(next: string): string | null {
  return parseUrl(next, "http://x")?.searchParams.get("cursor") ?? null;
}

/** An endpoint is `owner/name`, or `owner/name:version`. */
function isSameModel({ endpoint }: LostSubmit, { model, version }: Listed): boolean {
  const [name, ourVersion] = endpoint.split(":");
  return ourVersion === undefined ? model === name : version === ourVersion;
}

function isReportedToUs({ reportUrl }: LostSubmit, { webhook }: Listed): boolean {
  return reportUrl !== null && webhook === reportUrl;
}

/** A prediction with another webhook URL is not ours, even when its input is equal. */
function isOurs(lost: LostSubmit, item: Listed): boolean {
  if (isReportedToUs(lost, item)) return true;
  return item.webhook == null && !item.data_removed && isSameInput(lost.body, item.input);
}
