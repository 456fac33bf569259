/** Lists the videos of an organization, also those that other calls than this dialect's made. */
import { requestTime } from "@visgate/shared/ids";
import type { RequestRecord } from "@visgate/shared/request";
import { z } from "zod";
import type { Deps } from "../../deps.js";
import { readQuery } from "../../http/query.js";
import type { Ctx } from "../../http/route.js";
import { cursorBehind, listRequests } from "../../use-cases/list-requests.js";
import { NO_FILTERS, type RequestFilters } from "../../use-cases/request-filters.js";

const DEFAULT_PAGE = 20;
const MAX_PAGE = 100;
/** The SDKs take an empty page for the end, so the search goes on behind images, for so many reads. */
const MAX_READS = 10;
const VIDEOS: RequestFilters = { ...NO_FILTERS, mediaType: "video" };

const query = z.strictObject({
  after: z.uuid("must be the id of a video").optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  order: z.enum(["asc", "desc"]).default("desc"),
});

export async function listVideos(deps: Deps, c: Ctx): Promise<{ records: RequestRecord[]; hasMore: boolean }> {
  const { after, limit, order } = readQuery(c, query);
  const { organization } = c.get("apiKey");
  const listed = { filters: VIDEOS, limit, order: order === "asc" ? "oldest-first" : "newest-first" } as const;
  let cursor = after === undefined ? null : await cursorAfter(deps, organization, after);
  for (let reads = 1; ; reads += 1) {
    const { records, nextCursor } = await listRequests(deps, organization, { ...listed, cursor });
    if (records.length > 0 || nextCursor === null || reads === MAX_READS)
      return { records, hasMore: nextCursor !== null };
    cursor = nextCursor;
  }
}

/** The video may be deleted: callers delete page by page. */
async function cursorAfter({ store }: Deps, organization: string, id: string): Promise<string> {
  const createdAt = (await store.requests.get({ organization, id }))?.doc.createdAt ?? requestTime(id);
  return cursorBehind(organization, VIDEOS, { createdAt, id });
}
