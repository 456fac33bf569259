/** The headers of answers, as the OpenAPI document describes them. */

const header = (description: string, schema: object, example?: unknown) => ({
  description,
  schema: { ...schema, ...(example === undefined ? {} : { example }) },
});
const text = { type: "string" };

export const HEADERS = {
  "X-Request-Id": header("The id of this HTTP call, for the operator's log. A call may bring its own.", text),
  Location: header("The path of the request's status.", { type: "string", format: "uri-reference" }),
  "Preference-Applied": header("The part of Prefer that was followed.", text, "respond-async"),
  "Idempotency-Replayed": header("The Idempotency-Key was used before: this is the same request.", { const: "true" }),
  "Retry-After": header("After how many seconds to send the same call again.", text, "2"),
  "RateLimit-Policy": header(
    "The rate limits that the call is under: q generations in w seconds. Not sent without any. A structured field of " +
      "draft-ietf-httpapi-ratelimit-headers-10.",
    text,
    '"api_key";q=60;w=60, "organization";q=600;w=60',
  ),
  RateLimit: header(
    "What is left of these limits: r generations, and in t seconds the whole limit again. A limit that was not asked, " +
      "because the one before it refused the call, is left out.",
    text,
    '"api_key";r=59;t=60, "organization";r=412;t=37',
  ),
  Allow: header("With 405: the methods of this path.", text, "GET, POST"),
  "Accept-Ranges": header("A part can be asked for with Range.", { const: "bytes" }),
  "Content-Range": header("Which bytes these are, and of how many.", text, "bytes 0-1023/482113"),
  "Content-Disposition": header("A file name.", text),
  ETag: header("The version of the answer. Send it as If-None-Match: 304 says that nothing has changed.", text),
  "Cache-Control": header("How long the answer may be kept.", text),
};
export type HeaderName = keyof typeof HEADERS;

/** Of submits that are under a rate limit. */
export const RATE_HEADERS = ["RateLimit-Policy", "RateLimit"] as const satisfies HeaderName[];

/** References to the descriptions, for a response. */
export function headers(...names: HeaderName[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
