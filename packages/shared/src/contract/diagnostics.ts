/** GET /diagnostics: what `visgate doctor` looks at. No address, no user name, no password, no key is in it. */
import { z } from "zod";
import type { ProviderNames } from "./provider.js";

const count = z.int().nonnegative();

export const diagnostics = (providers: ProviderNames) =>
  z.object({
    version: z.string(),
    time: z.iso.datetime({ precision: 3 }).describe("This server's clock when it answered."),
    accepting: z.boolean().describe("False while it drains, or Redis is so full that generations are answered 503."),
    redis: z.object({
      version: z.string().nullable().describe("Null when Redis does not tell."),
      settings: z
        .object({ append_only: z.string(), append_fsync: z.string(), eviction_policy: z.string() })
        .nullable()
        .describe("Null when Redis does not tell."),
      safe: z.boolean().describe("False when these settings can lose accepted requests."),
      message: z.string().describe("What a 202 means with these settings, or what to change."),
      clock_ahead_ms: z.int().nullable().describe("Redis's clock minus this server's. Null when Redis does not tell."),
    }),
    queues: z.record(
      z.string(),
      z.object({
        waiting: count,
        active: count,
        delayed: count.describe("Asleep until their next look or attempt."),
        workers: count
          .nullable()
          .describe("Worker processes that take jobs of this queue. Null when Redis does not tell."),
      }),
    ),
    providers: z.array(
      z.object({
        provider: z.enum(providers),
        configured: z.boolean().describe("This server has a key of its own for it."),
        simulated: z.boolean().describe("The simulator stands in for it: nothing is paid, nothing is real."),
      }),
    ),
  });
export type Diagnostics = z.infer<ReturnType<typeof diagnostics>>;
