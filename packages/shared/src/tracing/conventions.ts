/** Names of OpenTelemetry's semantic conventions for HTTP and messaging, and of our own attributes (`visgate.…`). */
import type { Attributes, Span } from "./tracing.js";

/** `operation`: what we call it. `type`: one of the operations that the conventions know. */
export interface Messaging {
  operation: string;
  type: "send" | "process";
  queue: string;
  /** The id of the request or delivery, which is the id of its job. */
  id?: string;
}

export function messagingAttributes({ operation, type, queue, id }: Messaging): Attributes {
  return {
    "messaging.system": "bullmq",
    "messaging.operation.name": operation,
    "messaging.operation.type": type,
    "messaging.destination.name": queue,
    ...(id === undefined ? {} : { "messaging.message.id": id }),
  };
}

const DEFAULT_PORTS: Record<string, number> = { "http:": 80, "https:": 443 };

/** Of a call to another server. The path is left out, because the path of a receiver or an output may be its secret. */
export function callAttributes(method: string, { protocol, hostname, port }: URL): Attributes {
  return {
    "http.request.method": method,
    "server.address": hostname,
    "server.port": port === "" ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port),
  };
}

const FIRST_CLIENT_ERROR = 400;
const FIRST_SERVER_ERROR = 500;

/** A caller of another server counts every 4xx and 5xx as an error, a server only its own faults. */
export function setStatus(span: Span, status: number, side: "client" | "server"): void {
  span.set({ "http.response.status_code": status });
  if (status >= (side === "client" ? FIRST_CLIENT_ERROR : FIRST_SERVER_ERROR)) span.fail(String(status));
}
