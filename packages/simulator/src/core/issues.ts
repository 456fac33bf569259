import type { z } from "zod";

/** One thing that is wrong with an input, before a provider puts it into its own words. */
export type Issue = z.core.$ZodIssue;

/** What the caller gave at the place an issue is about. */
export const valueAt = (body: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], body);
