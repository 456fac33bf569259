/** The interface of a provider's adapter. An adapter has no state, so any worker on any machine can continue a job. */

import type { PriceUnit } from "@visgate/shared/catalogue";
import type { Failure } from "@visgate/shared/errors";
import type { ProviderOutput } from "@visgate/shared/request";
import type { PollRhythm } from "./rhythm.js";

export interface SubmitInput {
  /** The provider's name of the model. */
  endpoint: string;
  /** The input with the provider's own field names and types. */
  body: Record<string, unknown>;
  /** Where the provider reports that the job has ended; null when it is only polled. */
  reportUrl: string | null;
}

/** An image, a video or a sound that is too large to be sent inside a submit. */
export interface MediaFile {
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
 * `accepted`: the provider has the job, and bills it; `estimate`: at most so much, if it says so. `rejected`: it is proven that the provider did not accept it, so
 * it may be sent again when the failure is retryable. `unknown`: it may be accepted, so it must never be sent again.
 */
export type SubmitResult =
  | { kind: "accepted"; id: string; estimate?: Bill | null }
  | { kind: "rejected"; failure: Failure; retryAfterMs: number | null }
  | { kind: "unknown"; cause: string };

/**
 * What the provider says it bills: `units` of the model's price in the catalogue; `micro`, money in micro-USD; or
 * `counts` in several units, of which the one of the model's price is billed.
 */
export type Bill = { units: number } | { micro: number } | { counts: Partial<Record<PriceUnit, number>> };

/**
 * `unavailable`: no answer that can be understood; poll again later. `missing`: the provider does not know the job.
 * `bill`: null when the provider does not report it. `withheld`: how many outputs the provider's filter removed or
 * blanked; they are not in `outputs`.
 */
export type PollResult =
  | { kind: "queued"; position: number | null }
  | { kind: "running"; progress: number | null }
  | { kind: "succeeded"; outputs: ProviderOutput[]; withheld: number; bill: Bill | null }
  | { kind: "failed"; failure: Failure; bill: Bill | null }
  | { kind: "missing" }
  | { kind: "unavailable"; cause: string; retryAfterMs: number | null };

/** `cancelled`: it never ran. `requested`: it may still finish. `too_late`: it had already ended. */
export type CancelResult = "cancelled" | "requested" | "too_late" | "unsupported";

/** A submit whose outcome is not known: what was sent, and when. */
export interface LostSubmit {
  endpoint: string;
  body: Record<string, unknown>;
  reportUrl: string | null;
  /** The time just before it was sent, in ms since the epoch. */
  sentAt: number;
}

/**
 * A job in the provider's list that may belong to the lost submit. `isCertain`: it has the webhook URL of this request;
 * otherwise its model and its input are equal. `createdAt`: by the provider's clock, in ms since the epoch.
 */
export interface Candidate {
  id: string;
  createdAt: number;
  isCertain: boolean;
}

/**
 * `candidates`: the certain ones first, then the oldest first. `isFinal`: a retry does not help, because there is no
 * list or no access to it; otherwise the list could not be read this time.
 */
export type LocateResult =
  | { kind: "found"; candidates: Candidate[] }
  | { kind: "absent" }
  | { kind: "cannot_tell"; cause: string; isFinal: boolean; retryAfterMs: number | null };

/** `url`: the value for the field of the submit. */
export type UploadResult =
  | { kind: "uploaded"; url: string }
  | { kind: "rejected"; failure: Failure }
  | { kind: "unavailable"; cause: string; retryAfterMs: number | null };

/** Amounts in the provider's own currency: "USD" or "credits". */
export interface Balance {
  remaining: number;
  limit: number | null;
  currency: string;
}

/** `balance`: null when the provider has no call for it. */
export type AccountResult =
  | { kind: "valid"; balance: Balance | null }
  | { kind: "refused" }
  | { kind: "unavailable"; cause: string };

/** A price in the provider's own list. */
export interface ListedPrice {
  endpoint: string;
  /** For one unit, in micro-USD. Null in another currency. */
  micro: number | null;
  /** The unit as the provider calls it. */
  unit: string;
  /** The same price by a unit of the catalogue; null when the catalogue has no such unit. */
  price: { unit: PriceUnit; micro: number } | null;
}

/** `listed`: without endpoints that the provider does not know. */
export type PricesResult =
  | { kind: "listed"; prices: ListedPrice[] }
  | { kind: "refused" }
  | { kind: "unavailable"; cause: string };

export interface ProviderAdapter {
  name: string;
  rhythm: PollRhythm;
  /** The longest `data:` URI in a submit, in characters. A longer file is uploaded first. */
  maxDataUriLength: number;
  submit(input: SubmitInput, call: Call): Promise<SubmitResult>;
  /** Searches the provider's list of jobs for a lost submit. It only reads and never submits. */
  locate(lost: LostSubmit, call: Call): Promise<LocateResult>;
  poll(job: ProviderJob, call: Call): Promise<PollResult>;
  /** @throws Error when the provider could not be asked to cancel */
  cancel(job: ProviderJob, call: Call): Promise<CancelResult>;
  /** Uploads a file with the provider's own file API. It is not billed and may be repeated. */
  upload(image: MediaFile, call: Call): Promise<UploadResult>;
  /** Asks whether the key is accepted, and for the balance. It is not billed. */
  account(call: Call): Promise<AccountResult>;
  /** Reads the provider's own prices. It is not billed. Only for providers that have a call for it. */
  prices?(endpoints: readonly string[], call: Call): Promise<PricesResult>;
  /** The headers for a download of an output. For providers whose outputs need the key. */
  outputHeaders?(url: string, job: ProviderJob, call: Call): Record<string, string>;
}

export interface AdapterOptions {
  /** "" for a provider that is configured only by its settings. */
  baseUrl: string;
  /** Other URLs of the provider, by their names in `provider.json`; null where the key must not be sent. */
  urls: Readonly<Record<string, string | null>>;
  /** The settings that the provider's own `readSettings` read from the environment. */
  settings: unknown;
  fetch: typeof fetch;
  /** For submits: opens a new connection for each call. */
  freshFetch: typeof fetch;
  now: () => number;
}
