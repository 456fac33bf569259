/** The version of an answer, which callers send back to ask whether theirs is still the current one. */
import type { Ctx } from "./route.js";

/** Whether the caller has this version already, so that a 304 is enough. */
export const hasVersion = (c: Ctx, etag: string): boolean =>
  (c.req.header("if-none-match") ?? "").split(",").some((one) => one.trim().replace(/^W\//, "") === etag);

/**
 * Whether the caller wants its Range for this version. One that has a part of another version gets the whole file, as
 * does one that names its version by a date, because files have none here.
 */
export const isForVersion = (c: Ctx, etag: string): boolean => [undefined, etag].includes(c.req.header("if-range"));
