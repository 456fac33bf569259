/** Formats and examples that several schemas share, in the words of JSON Schema. Those of texts check nothing. */
import { z } from "zod";

export const uri = z.string().meta({ format: "uri" });

/** The schemas do not check it: an operator may allow http for private addresses. */
export const HTTPS = "^https://";

/** A number in a query. An empty text is an error, and not 0. */
export const numberAsked = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((text) => (text === "" ? Number.NaN : text), schema);

export const requestId = z.string().meta({ format: "uuid", example: "019a7c1e-6f80-7cc3-9f1b-3c5d8e2a4b60" });

export const modelId = z.string().meta({ example: "fal-ai/veo3.1/fast" });

export const time = z.iso.datetime({ precision: 3 }).meta({ example: "2026-01-31T12:00:00.000Z" });

/** A time in a query or in a filter. */
export const timeFilter = () =>
  z.iso.datetime({ offset: true, error: "must be an ISO 8601 time, such as 2026-01-31T12:00:00Z" });
