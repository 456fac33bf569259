/** The port every provider stands behind. An adapter holds no state: any worker on any machine can go on with a job. */
import type { PollRhythm } from "@visgate/shared/domain/backoff";
import type { Failure } from "@visgate/shared/domain/errors";
import type { ProviderOutput } from "@visgate/shared/domain/request";

export interface SubmitInput {
  /** The provider's name of the model. */
  endpoint: string;
  /** In the provider's own words and types. */
  body: Record<string, unknown>;
}

export interface ProviderJob {
  endpoint: string;
  id: string;
}

export interface Call {
  apiKey: string;
  signal: AbortSignal;
}

/**
 * `accepted`: the provider has it, and bills it. `rejected`: proof that it was not taken, so it may be sent again when
 * the failure is retryable. `unknown`: it may have been taken; it must never be sent again.
 */
export type SubmitResult =
  | { kind: "accepted"; id: string }
  | { kind: "rejected"; failure: Failure; retryAfterMs: number | null }
  | { kind: "unknown"; cause: string };

/**
 * `unavailable`: no answer that can be understood; look again later. `missing`: the provider does not know the job.
 * `billedUnits`: the provider's own count of price units, when it tells.
 */
export type PollResult =
  | { kind: "queued"; position: number | null }
  | { kind: "running"; progress: number | null }
  | { kind: "succeeded"; outputs: ProviderOutput[]; billedUnits: number | null }
  | { kind: "failed"; failure: Failure }
  | { kind: "missing" }
  | { kind: "unavailable"; cause: string; retryAfterMs: number | null };

/** `cancelled`: it never ran. `requested`: asked to stop, may still finish. `too_late`: it had ended before. */
export type CancelResult = "cancelled" | "requested" | "too_late" | "unsupported";

export interface ProviderAdapter {
  name: string;
  rhythm: PollRhythm;
  submit(input: SubmitInput, call: Call): Promise<SubmitResult>;
  poll(job: ProviderJob, call: Call): Promise<PollResult>;
  /** Throws when the provider could not be asked. */
  cancel(job: ProviderJob, call: Call): Promise<CancelResult>;
}

export interface AdapterOptions {
  baseUrl: string;
  fetch: typeof fetch;
  /** For submits: opens a connection for each. */
  freshFetch: typeof fetch;
  now: () => number;
}
