/**
 * One wide log line per HTTP request, in pino's format and to pino's destination, flushed once per turn of the event
 * loop. Its fields are fixed and hold no secrets, so none have to be redacted: through the logger, a line would cost as
 * much as the rest of a status poll (docs/performance.md).
 */
import type { DestinationStream } from "@visgate/shared/runtime";

export interface Exchange {
  method: string;
  /** Without the query, which may hold a signature. */
  path: string;
  status: number;
  ms: number;
  httpRequestId: string;
  organization: string | undefined;
  requestId: string | undefined;
  /** Undefined without tracing. */
  traceId?: string | undefined;
}
export type AccessLog = (exchange: Exchange) => void;

export interface AccessLogOptions {
  level: string;
  service: string;
  pid: number;
  destination: DestinationStream;
  now: () => number;
}

const INFO_LEVELS = new Set(["info", "debug", "trace"]);

export function createAccessLog({ level, service, pid, destination, now }: AccessLogOptions): AccessLog {
  if (!INFO_LEVELS.has(level)) return () => {};
  const origin = `"service":${JSON.stringify(service)},"pid":${pid}`;
  let lines = "";
  const flush = () => {
    destination.write(lines);
    lines = "";
  };

  return (exchange) => {
    if (lines === "") setImmediate(flush);
    lines += `{"level":30,"time":"${new Date(now()).toISOString()}",${origin},${fieldsOf(exchange)},"msg":"http"}\n`;
  };
}

function fieldsOf({ method, path, status, ms, httpRequestId, ...ids }: Exchange): string {
  const { organization, requestId, traceId } = ids;
  const first = `"httpRequestId":"${httpRequestId}","method":"${method}","path":${JSON.stringify(path)}`;
  const last = `"status":${status},"ms":${Math.round(ms * 100) / 100}`;
  const who = organization === undefined ? "" : `,"organization":${JSON.stringify(organization)}`;
  const what = requestId === undefined ? "" : `,"requestId":${JSON.stringify(requestId)}`;
  return `${first},${last}${who}${what}${traceId === undefined ? "" : `,"trace_id":"${traceId}"`}`;
}
