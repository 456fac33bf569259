/** The durable record of one request: the truth that every step reads and changes by compare-and-set. */
import type { Failure } from "../errors.js";
import type { Status } from "./state.js";

export type MediaType = "video" | "image";
export type Mode = "managed" | "byok";
export type ChargeState = "none" | "held" | "charged" | "released" | "unknown";
export type CostSource = "provider" | "catalogue";
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Where the input image is: a URL the provider fetches, a small data URI, or a file in the output store. */
export type ImageInput =
  | { kind: "url"; url: string }
  | { kind: "inline"; dataUri: string }
  | { kind: "stored"; key: string; contentType: string };

export interface PixelSize {
  width: number;
  height: number;
}

export interface RequestInput {
  prompt: string;
  image: ImageInput | null;
  /** Seconds, already mapped to one the model allows; null for images. */
  durationSeconds: number | null;
  /** Pixels, already mapped to a size the model makes; null when it is not told one. */
  size: PixelSize | null;
  /** Outputs asked for; null when the model makes one and is not told. */
  count: number | null;
  params: Record<string, JsonValue>;
}

/** Media as the provider hands it out. */
export interface ProviderOutput {
  url: string;
}

/** Media as a caller gets it: in the output store (`key`), or at the provider's own URL when it was not copied. */
export type Output =
  | { kind: "stored"; key: string; contentType: string; bytes: number; sha256: string }
  | { kind: "remote"; url: string };

/** The record of a submit about to be made: written before the POST, so that it is never sent twice. */
export interface Intent {
  attempt: number;
  at: number;
  /** Whose it is: a write whose answer was lost is sent again, and then its own first run looks like somebody else's. */
  token: string;
  /** The lease of the worker process that makes the submit: when it has run out, no process sends any more. */
  leaseId: string;
  /** Where the provider keeps the image of this submit, when it was uploaded first; null when it travelled inside. */
  uploadedUrl: string | null;
}

/** The search for a submit whose outcome is not known. Times in ms since the epoch. */
export interface Search {
  since: number;
  until: number;
  /** Its own process saw the submit end without an outcome; else that process may still be waiting for the answer. */
  submitEnded: boolean;
}

/** One output of the provider on its way into the output store. */
export interface Copy {
  /** Null until it is stored. */
  output: Output | null;
  /** Consecutive attempts that failed with a permanent error. */
  lastingFaults: number;
}

/** What the provider made. */
export interface Rendered {
  outputs: ProviderOutput[];
  /** Outputs that the provider made and does not hand out, as its filter caught them. */
  withheld: number;
  /** When the provider was seen to be done. */
  at: number;
  /** Copy attempts, counted when they begin, so that one in which the process dies counts too. */
  copyAttempts: number;
  /** By the index of the output; empty before the first try has ended. */
  copies: Copy[];
}

/** Use what the cache has; make anew and replace it; or neither. */
export type CacheMode = "use" | "refresh" | "off";
export const CACHE_REASONS = ["exact", "joined", "refreshed", "off", "miss", "unsettled"] as const;
export type CacheReason = (typeof CACHE_REASONS)[number];

/** What makes two calls equal: the second must not be paid for while the charge of the first is not settled. */
export interface CallIdentity {
  /** Hash of the caller's fields and of the provider account. */
  hash: string;
  /** It came with an Idempotency-Key, or asked for a new generation: it never shares another request. */
  isDeliberate: boolean;
}

/** What the result cache has to do with a request. */
export interface CacheState {
  /** Of all that decides what is made; null when the cache has nothing to do with it. */
  hash: string | null;
  reason: CacheReason;
  /** The request in flight whose output it waits for; null when it waits for none. */
  leaderId: string | null;
  /** The request whose stored output it shows; null when it made its own. */
  sharedFrom: RequestRef | null;
  avoidedCostMicro: number;
}

/** All times are milliseconds since the epoch, all money integer micro-USD. */
export interface RequestRecord {
  v: 1;
  id: string;
  organization: string;
  mediaType: MediaType;
  model: string;
  /** The provider's own name of what is called. */
  endpoint: string;
  provider: string;
  mode: Mode;
  simulated: boolean;
  input: RequestInput;

  status: Status;
  createdAt: number;
  startedAt: number | null;
  completedAt: number | null;
  deadlineAt: number;

  attempts: number;
  intent: Intent | null;
  /** Null while the outcome of its submit is known. */
  search: Search | null;
  providerRequestId: string | null;
  /** The provider was told where to report the end, so polls are but a safety net. */
  awaitsWebhook: boolean;
  cancelRequestedAt: number | null;
  /** Since when the provider says that it does not know the request. */
  missingSince: number | null;
  progress: number | null;
  queuePosition: number | null;
  rendered: Rendered | null;
  outputs: Output[];

  failure: Failure | null;
  chargeState: ChargeState;
  /** Null when the price of its model is not known. */
  estimatedCostMicro: number | null;
  costMicro: number;
  costSource: CostSource | null;

  copyOutput: boolean;
  call: CallIdentity;
  cache: CacheState;
  webhookUrl: string | null;
  callbackId: string | null;
  metadata: Record<string, string>;
}

/** A request's place: which organization's, and its id. It is all that a queue job carries. */
export interface RequestRef {
  organization: string;
  id: string;
}
