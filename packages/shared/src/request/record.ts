/** The durable record of one request. Every step reads it and changes it by compare-and-set. */
import type { Failure } from "../errors.js";
import type { Status } from "./state.js";

export type MediaType = "video" | "image";
export type Mode = "managed" | "byok";
/** Whose account at the provider pays: the server's, or one of which the organization or the caller gave the key. */
export type Account = "server" | "organization" | "caller";
export type ChargeState = "none" | "held" | "charged" | "released" | "unknown";
/** `provider`: billed by the provider. `catalogue`: our price. `caller`: settled by hand. */
export type CostSource = "provider" | "catalogue" | "caller";
/** `low`: after every normal request of the organization that waits for the same provider account. */
export const PRIORITIES = ["normal", "low"] as const;
export type Priority = (typeof PRIORITIES)[number];
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Where an input image, video or sound is: at a URL that the provider fetches, in a small data URI, or in the output store. */
export type ImageInput =
  | { kind: "url"; url: string }
  | { kind: "inline"; dataUri: string }
  | { kind: "stored"; key: string; contentType: string };

/** What an input is for. A record has the first image in `image`, and all else in `media`. */
export const INPUT_ROLES = ["first", "last", "reference", "video", "audio"] as const;
export type InputRole = (typeof INPUT_ROLES)[number];
export type MediaRole = Exclude<InputRole, "first">;

export interface MediaInput {
  role: MediaRole;
  source: ImageInput;
}

export interface PixelSize {
  width: number;
  height: number;
}

export interface RequestInput {
  prompt: string;
  image: ImageInput | null;
  /** The other inputs, in the caller's order. Absent when there are none. */
  media?: MediaInput[];
  /** Already mapped to a duration that the model allows; null for images. */
  durationSeconds: number | null;
  /** In pixels, already mapped to a size that the model makes; null when no size is sent to the provider. */
  size: PixelSize | null;
  /** How many outputs to make; null when the model always makes one and takes no number. */
  count: number | null;
  params: Record<string, JsonValue>;
}

/** An output at the provider. */
export interface ProviderOutput {
  url: string;
}

export interface StoredOutput {
  kind: "stored";
  key: string;
  contentType: string;
  bytes: number;
  sha256: string;
  /** Of its poster, which is stored beside it. Absent when it has none. */
  posterSha256?: string;
}

/** An output as a caller gets it: from the output store (`key`), or from the provider when it was not copied. */
export type Output = StoredOutput | { kind: "remote"; url: string };

/** A submit that is about to be made. It is written before the POST, so that the POST is never sent twice. */
export interface Intent {
  attempt: number;
  at: number;
  /** Names its writer. A write whose answer was lost is repeated, and must then recognise its own intent. */
  token: string;
  /** The lease of the worker process that makes the submit. After its end no process sends this submit any more. */
  leaseId: string;
  /** Where the provider keeps the image of this submit, if it was uploaded first; null when the body contains it. */
  uploadedUrl: string | null;
  /** The same for each of the record's `media`. Absent when it has none. */
  uploadedMedia?: (string | null)[];
}

/** The roles of everything that a request has as an input. */
export function rolesOf({ image, media = [] }: Pick<RequestInput, "image" | "media">): InputRole[] {
  return [...(image === null ? [] : ["first" as const]), ...media.map(({ role }) => role)];
}

/** The search for a submit whose outcome is not known. Times in ms since the epoch. */
export interface Search {
  since: number;
  until: number;
  /** True when the submitting process saw the submit end without an outcome; else it may still wait for the answer. */
  submitEnded: boolean;
}

/** The copy of one output into the output store. */
export interface Copy {
  /** Null until it is stored. */
  output: Output | null;
  /** Consecutive attempts that failed with a permanent error. */
  lastingFaults: number;
}

/** The result of the provider's job. */
export interface Rendered {
  outputs: ProviderOutput[];
  /** How many outputs the provider made but did not return, because its content filter caught them. */
  withheld: number;
  /** When a worker learned that the provider is done. */
  at: number;
  /** Counted when an attempt begins, so that an attempt in which the process dies counts too. */
  copyAttempts: number;
  /** By the index of the output; empty until the first attempt has ended. */
  copies: Copy[];
}

/** `use`: share the cached output. `refresh`: make a new one and cache it. `off`: neither read nor write the cache. */
export type CacheMode = "use" | "refresh" | "off";
export const CACHE_REASONS = ["exact", "joined", "refreshed", "off", "miss", "unsettled"] as const;
export type CacheReason = (typeof CACHE_REASONS)[number];

/**
 * A model to try when the one before has failed unpaid. It is planned when the request is accepted; prompt and image are
 * those of the request.
 */
export interface Alternative {
  model: string;
  endpoint: string;
  provider: string;
  account: Account;
  simulated: boolean;
  input: Omit<RequestInput, "prompt" | "image">;
  estimatedCostMicro: number | null;
}

/** A model that was tried before the one of the record, or skipped. It cost nothing. */
export interface Tried {
  model: string;
  provider: string;
  mode: Mode;
  durationSeconds: number | null;
  /** What it was to make, beside prompt, images, videos and sounds. Absent when an earlier version tried it. */
  input?: Omit<RequestInput, "prompt" | "image" | "media">;
  /** The number of its last submit. Its first one follows the last one of the model before. */
  lastAttempt: number;
  providerRequestId: string | null;
  failure: Failure;
  chargeState: ChargeState;
  at: number;
  /** It had failed for others just before, so it was not tried (docs/fallback.md). */
  skipped?: true;
}

/** The other models of a request. */
export interface Fallback {
  /** Those that are left, in the order in which they are tried. */
  alternatives: Alternative[];
  /** Those before the model of the record. */
  tried: Tried[];
  /** As the caller asked, before it was mapped to the first model. Absent when an earlier version accepted the request. */
  asked?: AskedSize;
}

export interface AskedSize {
  durationSeconds: number;
  /** `given`: by the caller, and not a default. */
  size: (PixelSize & { given: boolean }) | null;
}

/** Identifies equal calls. While the charge of a call is not settled, an equal call must not be paid for. */
export interface CallIdentity {
  /** Hash of the caller's fields and of the provider account. */
  hash: string;
  /** The call had an Idempotency-Key or asked for a new generation: it never gets another call's request. */
  isDeliberate: boolean;
  /**
   * Equal calls get this request while it is in flight, and after its end until its caller has asked for it: clients
   * that send no key repeat a call whose answer was lost. Absent: they get it only while its charge is not settled.
   */
  joinsRepeats?: true;
  /** It is the repetition of a request, whose caller asks for it by `GET /requests/{id}`. */
  isAgain?: true;
}

/** How a request uses the result cache. */
export interface CacheState {
  /** Hash of everything that decides the output; null when the request does not use the cache. */
  hash: string | null;
  reason: CacheReason;
  /** The request in flight whose output this request waits for; null when it waits for none. */
  leaderId: string | null;
  /** The request whose stored output this request shows; null when it made its own. */
  sharedFrom: RequestRef | null;
  avoidedCostMicro: number;
  /** The model that made the shared output, when it is an alternative of the one that was asked for. */
  madeBy?: MadeBy;
}

export interface MadeBy {
  model: string;
  provider: string;
}

/** All times are milliseconds since the epoch; all money is integer micro-USD. */
export interface RequestRecord {
  v: 1;
  id: string;
  organization: string;
  mediaType: MediaType;
  model: string;
  /** The provider's name for the model variant. */
  endpoint: string;
  provider: string;
  mode: Mode;
  account: Account;
  simulated: boolean;
  priority: Priority;
  input: RequestInput;
  /** Absent when the caller named no other models. Each change of the model moves its fields between here and above. */
  fallback?: Fallback;

  status: Status;
  createdAt: number;
  /** The day of `createdAt` in the time zone of the organization, as 2026-11-29: money and usage count on it. */
  day: string;
  /** The API key that submitted it; "" when an earlier version accepted it. */
  apiKeyId: string;
  /** The value of the organization's usage tag in `metadata`; "" without one. */
  tag: string;
  startedAt: number | null;
  completedAt: number | null;
  deadlineAt: number;

  attempts: number;
  intent: Intent | null;
  /** The search for the job at the provider, while nobody knows whether the submit arrived; else null. */
  search: Search | null;
  providerRequestId: string | null;
  /** The provider has a URL to report the end to, so polls are only a safety net. */
  awaitsReport: boolean;
  cancelRequestedAt: number | null;
  /** Since when the provider has answered that it does not know the request. */
  missingSince: number | null;
  progress: number | null;
  /** While it is pending: its place among those that wait for a slot; later, its place in the provider's queue. */
  queuePosition: number | null;
  rendered: Rendered | null;
  outputs: Output[];

  failure: Failure | null;
  chargeState: ChargeState;
  /** Null when the model's price is not known. */
  estimatedCostMicro: number | null;
  /** What is set aside for it of the organization's budgets. */
  heldMicro: number;
  costMicro: number;
  costSource: CostSource | null;
  /** The units that the provider billed, if it says so: seconds, images or megapixels, as the price of the model. */
  billedUnits?: number;

  copyOutput: boolean;
  /** The call allowed params that the catalogue does not know, and has some. */
  paramsUnchecked?: true;
  /** The hash of the Idempotency-Key of the call for many requests that made it. */
  bulkKeyHash?: string;
  call: CallIdentity;
  cache: CacheState;
  webhookUrl: string | null;
  /** The provider in whose words `webhookUrl` is told of the end, as the call came in them; absent: in ours. */
  webhookForm?: string;
  /** The span of its acceptance, in which later steps continue the trace; absent when that was not recorded. */
  traceparent?: string;
  callbackId: string | null;
  metadata: Record<string, string>;
}

/** Identifies a request or a delivery. A queue job carries nothing else. */
export interface RequestRef {
  organization: string;
  id: string;
}
