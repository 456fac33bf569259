/** The header `traceparent` of W3C Trace Context, level 1: version, trace id, id of the span, flags. */

/** Zeros are not valid ids. A later version may have more fields; this one must not. */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const SAMPLED = 1;

export interface TraceParent {
  traceId: string;
  spanId: string;
  isSampled: boolean;
}

/** Null when it is not valid: a new trace begins then. */
export function parseTraceparent(text: string): TraceParent | null {
  const [, version, traceId = "", spanId = "", flags = "", more] = TRACEPARENT.exec(text) ?? [];
  if (version === undefined || (version === "00" && more !== undefined)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** Of a span that is recorded. */
export const formatTraceparent = ({ traceId, spanId }: Pick<TraceParent, "traceId" | "spanId">): string =>
  `00-${traceId}-${spanId}-01`;
