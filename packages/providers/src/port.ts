/** The port every provider stands behind. An adapter holds no state: any worker on any machine can go on with a job. */

import type { Failure } from "@visgate/shared/errors";
import type { ProviderOutput } from "@visgate/shared/request";
import type { PollRhythm } from "./rhythm.js";

export interface SubmitInput {
  /** The provider's name of the model. */
  endpoint: string;
  /** In the provider's own words and types. */
  body: Record<string, unknown>;
  /** Where the provider may tell that the job has ended; null to be polled only. */
  webhookUrl: string | null;
}

/** An image too large to travel inside a submit. */
export interface ImageFile {
  bytes: Uint8Array<ArrayBuffer>;
  contentType: string;
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

/** What the provider itself says it bills: price units of the catalogue, or money in micro-USD. */
export type Bill = { units: number } | { micro: number };

/**
 * `unavailable`: no answer that can be understood; look again later. `missing`: the provider does not know the job.
 * `bill`: null when the provider does not tell. `withheld`: how many outputs the provider says it filtered or blanked;
 * they are not among `outputs`.
 */
export type PollResult =
  | { kind: "queued"; position: number | null }
  | { kind: "running"; progress: number | null }
  | { kind: "succeeded"; outputs: ProviderOutput[]; withheld: number; bill: Bill | null }
  | { kind: "failed"; failure: Failure; bill: Bill | null }
  | { kind: "missing" }
  | { kind: "unavailable"; cause: string; retryAfterMs: number | null };

/** `cancelled`: it never ran. `requested`: asked to stop, may still finish. `too_late`: it had ended before. */
export type CancelResult = "cancelled" | "requested" | "too_late" | "unsupported";

/** A submit whose outcome is not known: what it sent, and when. */
export interface LostSubmit {
  endpoint: string;
  body: Record<string, unknown>;
  webhookUrl: string | null;
  /** When it was about to be sent (ms since the epoch). */
  sentAt: number;
}

/**
 * A job at the provider that may be the one. `isCertain`: it carries the webhook URL of this very request; otherwise its
 * model and its input are equal. `createdAt`: by the provider's clock, in ms since the epoch.
 */
export interface Candidate {
  id: string;
  createdAt: number;
  isCertain: boolean;
}

/**
 * `candidates`: the certain ones first, then the oldest first. `isFinal`: asking again cannot help, since there is no
 * list or no access to it; otherwise the list could not be read just now.
 */
export type LocateResult =
  | { kind: "found"; candidates: Candidate[] }
  | { kind: "absent" }
  | { kind: "cannot_tell"; cause: string; isFinal: boolean; retryAfterMs: number | null };

/** `url`: what the submit's image field takes instead of the bytes. */
export type UploadResult =
  | { kind: "uploaded"; url: string }
  | { kind: "rejected"; failure: Failure }
  | { kind: "unavailable"; cause: string; retryAfterMs: number | null };

/** In the provider's own currency: "USD", or "credits". */
export interface Balance {
  remaining: number;
  limit: number | null;
  currency: string;
}

/** `balance`: null when the provider has no way to ask for it. */
export type AccountResult =
  | { kind: "valid"; balance: Balance | null }
  | { kind: "refused" }
  | { kind: "unavailable"; cause: string };

export interface ProviderAdapter {
  name: string;
  rhythm: PollRhythm;
  /** The longest `data:` URI a submit may hold, in characters; a longer one is uploaded first. */
  maxDataUriLength: number;
  submit(input: SubmitInput, call: Call): Promise<SubmitResult>;
  /** Looks a lost submit up in the provider's list of jobs. It only reads; it never submits. */
  locate(lost: LostSubmit, call: Call): Promise<LocateResult>;
  poll(job: ProviderJob, call: Call): Promise<PollResult>;
  /** Throws when the provider could not be asked. */
  cancel(job: ProviderJob, call: Call): Promise<CancelResult>;
  /** Hands over an image through the provider's own file API; nothing is billed and it may be repeated. */
  upload(image: ImageFile, call: Call): Promise<UploadResult>;
  /** Is the key accepted, and what is left on the account? Nothing is billed. */
  account(call: Call): Promise<AccountResult>;
  /** What fetching an output takes, for providers that keep outputs behind the key. */
  outputHeaders?(url: string, job: ProviderJob, call: Call): Record<string, string>;
}

export interface AdapterOptions {
  /** "" for a provider that is set up by its settings alone. */
  baseUrl: string;
  /** Other addresses of the provider, by what they are for (`provider.json`); null where the key must not be sent. */
  urls: Readonly<Record<string, string | null>>;
  /** What the provider's own `readSettings` made of the environment. */
  settings: unknown;
  fetch: typeof fetch;
  /** For submits: opens a connection for each. */
  freshFetch: typeof fetch;
  now: () => number;
}
