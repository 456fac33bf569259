/** Health, identity, the webhook secret, errors and diagnostics. */
import { z } from "zod";
import { ERROR_STATUS, type ErrorCode } from "../errors.js";
import { SCOPES } from "../organization/api-key.js";
import { time } from "./formats.js";
import type { ProviderNames } from "./provider.js";

export const health = z.object({
  status: z.enum(["ok", "degraded"]),
  reason: z.string().optional().describe("Why this server accepts no generations now. Absent when it is ok."),
  version: z.string(),
  database: z.enum(["ok", "unavailable"]),
  cache: z.enum(["ok", "unavailable"]),
  queues: z.record(z.string(), z.record(z.string(), z.int())),
});

export const identity = z.object({
  organization: z.object({ id: z.string(), name: z.string() }),
  role: z.literal("api-key"),
  key: z.object({ id: z.string(), name: z.string(), scopes: z.array(z.enum(SCOPES)) }),
});

export const webhookSecret = z.object({ key: z.string().describe("whsec_…") });

// The body of every error.

const codes = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]];

export const errorBody = z.object({
  error: z.enum(codes),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
});

// GET /diagnostics, for `visgate doctor`. It contains no address, no user name, no password and no key.

const count = z.int().nonnegative();
const delayed = count.describe("Sleeping until their next poll or attempt.");

export const diagnostics = (providers: ProviderNames) =>
  z.object({
    version: z.string(),
    time: time.describe("The clock of this server at its answer."),
    accepting: z.boolean().describe("False while generations are answered 503; GET /health says why."),
    redis: z.object({
      version: z.string().nullable().describe("Null when Redis does not show it."),
      settings: z
        .object({ append_only: z.string(), append_fsync: z.string(), eviction_policy: z.string() })
        .nullable()
        .describe("Null when Redis does not show it."),
      safe: z.boolean().describe("False when these settings can lose accepted requests."),
      message: z.string().describe("What a 202 means with these settings, or what to change."),
      clock_ahead_ms: z
        .int()
        .nullable()
        .describe("Redis's clock minus the server's clock. Null when Redis does not show it."),
    }),
    queues: z.record(
      z.string(),
      z.object({
        waiting: count,
        active: count,
        delayed,
        workers: count
          .nullable()
          .describe("Worker processes that take jobs of this queue. Null when Redis does not show it."),
        oldest_due_age_ms: count.describe("How long ago the oldest overdue job became due; 0 when none is overdue."),
      }),
    ),
    workers: z
      .array(
        z.object({
          id: z.string().describe("The id of its lease."),
          host: z.string(),
          version: z.string(),
          started_at: time,
          queues: z.array(z.string()).describe("Those that it takes jobs from."),
          in_flight: count.describe(
            "Steps and deliveries that it runs now. A request that renders is not counted: its job sleeps.",
          ),
          shards: z.array(z.string()).optional().describe("The shards of its queues; only when a queue has several."),
        }),
      )
      .describe("The worker processes that are alive, the oldest first, with figures of the last seconds."),
    providers: z.array(
      z.object({
        provider: z.enum(providers),
        configured: z.boolean().describe("The server has its own key for the provider."),
        simulated: z
          .boolean()
          .describe("The simulator takes the place of the provider: nothing is paid, and no output is real."),
      }),
    ),
  });
export type Diagnostics = z.infer<ReturnType<typeof diagnostics>>;

// GET /admin/shards, for `visgate admin shards`.

export const shardsReport = z.object({
  shards: z.int().positive().describe("QUEUE_SHARDS of this server: how many shards new jobs of a queue go to."),
  other_numbers: z
    .array(z.int().positive())
    .describe("Other numbers with which a process has run in the last day. Their shards are read too."),
  queues: z.record(
    z.string(),
    z
      .array(z.object({ shard: z.string(), waiting: count, active: count, delayed }))
      .describe("Every shard that is read."),
  ),
});
export type ShardsReport = z.infer<typeof shardsReport>;
