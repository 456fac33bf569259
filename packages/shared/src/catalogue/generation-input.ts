/** What a caller asks for, in one form for all generation routes: their bodies become this, and a plan is made of it. */
import type { CacheMode, MediaType } from "../request/record.js";
import type { GivenParams } from "./params.js";
import type { RequestedSize } from "./sizes.js";

export interface GenerationInput {
  mediaType: MediaType;
  model: string;
  prompt: string;
  /** A URL or a `data:` URI, as the caller gave it. */
  imageUrl: string | null;
  durationSeconds: number;
  size: RequestedSize | null;
  count: number;
  params: GivenParams;
  webhookUrl: string | null;
  callbackId: string | null;
  metadata: Record<string, string>;
  /** Null for the media type's own. */
  deadlineSeconds: number | null;
  cache: CacheMode;
  /** False: hand out the provider's own URL. */
  copyOutput: boolean;
}
