/**
 * What a provider's own API says about a request. The dialects of the API answer in these words, and the workers send
 * webhooks in them. Everything here is made from the record alone, so a delivery has the same body on every attempt.
 */
import type { Catalogue } from "@visgate/shared/catalogue";
import type { OutputUrls, RequestRecord } from "@visgate/shared/request";

export interface WordsContext {
  fileUrls: OutputUrls;
  /** The URL of this server, without a slash at its end. */
  publicBase: string;
  catalogue: Pick<Catalogue, "get">;
}

export interface WebhookMessage {
  record: RequestRecord;
  body: string;
  at: Date;
}

/** The webhook of a request that was submitted in the words of a provider's API. */
export interface WebhookForm {
  /** `record`: of a request that has ended. */
  bodyOf(record: RequestRecord, context: WordsContext): object;
  /** The headers by which its receivers verify it, beside those of Standard Webhooks. `sign`: with Ed25519. */
  headersOf?(message: WebhookMessage, sign: (text: string) => Buffer): Record<string, string>;
}
