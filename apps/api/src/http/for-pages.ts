/** CORS of the file URLs: a page of any origin may read and draw the media. The signature in the URL is what counts. */
import { answer } from "./answer.js";
import type { Answer, Ctx } from "./route.js";

const SHOWN_HEADERS =
  "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Retry-After, X-Request-Id";

export function allowPages({ headers }: Answer): void {
  headers["Access-Control-Allow-Origin"] = "*";
  headers["Access-Control-Expose-Headers"] = SHOWN_HEADERS;
  // For pages that load nothing from other origins without their consent (Cross-Origin-Embedder-Policy).
  headers["Cross-Origin-Resource-Policy"] = "cross-origin";
}

/** Answers a browser that asks before it sends a Range. */
export function answerPreflight(c: Ctx): Answer {
  const methods = "GET, HEAD, OPTIONS";
  return answer(c, null, 204, {
    Allow: methods,
    "Access-Control-Allow-Methods": methods,
    "Access-Control-Allow-Headers": "If-None-Match, If-Range, Range, X-Request-Id",
    "Access-Control-Max-Age": "86400",
  });
}
