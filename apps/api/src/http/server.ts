/**
 * The HTTP server under the app. It answers the calls that never reach the app because they are not valid HTTP, with
 * the error body of every other answer. Node's own server would answer them without a body.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { VisgateError } from "@visgate/shared/errors";
import type { AccessLog } from "./access-log.js";
import { toErrorBody } from "./errors.js";
import { createHotRoutes, type HotRoute } from "./hot-routes.js";
import { requestIdOf } from "./request-id.js";

/** How slowly and how much a caller may send, so that a few of them cannot occupy the server. */
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16_384,
};
/** How long the body of an upload may take: 100 MB at 1.4 Mbit/s. */
const UPLOAD_MS = 600_000;
/** Clients and proxies send fewer than 50. Node would silently drop every header after the 1000th. */
const MAX_HEADERS = 200;
/** After an error, what the caller still sends is read for this long: a closed port would make it lose the answer. */
const LINGER_MS = 1000;

export interface ServerOptions {
  fetch: Parameters<typeof getRequestListener>[0];
  /** Default: none, every call goes through `fetch`. */
  hotRoutes?: readonly HotRoute[];
  /** The beginnings of the paths to which large files are sent. */
  longUploads?: readonly string[];
  accessLog: AccessLog;
  /** How long a connection may rest between two calls. */
  keepAliveMs: number;
  /** Tests shorten them. */
  limits?: Partial<typeof LIMITS>;
}

export function createApiServer({
  fetch,
  hotRoutes = [],
  longUploads = [],
  accessLog,
  keepAliveMs,
  limits,
}: ServerOptions): Server {
  const answerHot = createHotRoutes(hotRoutes);
  const lastResponses = new WeakMap<Duplex, ServerResponse>();
  const record = (error: VisgateError, request: IncomingMessage | null): Refusal => {
    const refusal = refusalOf(error, request);
    accessLog({ ...refusal.exchange, ms: 0, organization: undefined, requestId: undefined });
    return refusal;
  };
  const refuse = (error: VisgateError, request: IncomingMessage, response: ServerResponse) => {
    const { exchange, headers, body } = record(error, request);
    response.writeHead(exchange.status, headers).end(body);
  };
  const answerApp = getRequestListener(fetch, {
    hostname: "localhost",
    errorHandler() {
      const { exchange, headers, body } = record(UNREADABLE, null);
      return new Response(body, { status: exchange.status, headers });
    },
  });

  const { requestTimeout, ...others } = { ...LIMITS, ...limits };
  // Node has one limit for all bodies. So it is that of uploads, and `limitTime` has the one of other calls.
  const nodeLimits = { ...others, requestTimeout: Math.max(requestTimeout, UPLOAD_MS) };
  const options = { ...nodeLimits, keepAliveTimeout: keepAliveMs, requireHostHeader: false };
  const isUpload = ({ url = "" }: IncomingMessage) => longUploads.some((path) => url.startsWith(path));
  const server = createServer(options, (request, response) => {
    lastResponses.set(request.socket, response);
    if (hasBody(request) && !isUpload(request)) limitTime(server, request, requestTimeout);
    const fault = faultOf(request);
    if (fault !== null) refuse(fault, request, response);
    else if (!answerHot(request, response)) void answerApp(request, response);
  });
  server.on("checkExpectation", (request, response) => refuse(EXPECTATION, request, response));
  server.on("connect", (request, socket) => answerRaw(socket, record(CONNECT, request)));
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!mayAnswer(socket, lastResponses.get(socket))) socket.destroy();
    else if (!socket.writableEnded) answerRaw(socket, record(parserError(error.code), null));
  });
  return server;
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/** As Node does it when its own limit is over. */
function limitTime(server: Server, request: IncomingMessage, ms: number): void {
  const timer = setTimeout(() => {
    if (request.complete) return;
    const error = Object.assign(new Error("Request timeout"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
    server.emit("clientError", error, request.socket);
  }, ms);
  request.once("close", () => clearTimeout(timer));
}

const bad = (message: string, status = 400) => new VisgateError("BAD_REQUEST", message, {}, status);
/** For getRequestListener: the app itself answers every other error. */
const UNREADABLE = bad("The URL or the header Host is not valid.");
const EXPECTATION = bad("This server knows only Expect: 100-continue.", 417);
const CONNECT = new VisgateError("METHOD_NOT_ALLOWED", "This server is not a proxy.");

/** More than one Host could mean one server for a proxy and another one for us (RFC 9112, 3.2). */
function faultOf({ rawHeaders, httpVersion }: IncomingMessage): VisgateError | null {
  if (rawHeaders.length > 2 * MAX_HEADERS) return bad(`A call may have at most ${MAX_HEADERS} headers.`, 431);
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === "host") hosts += 1;
  if (hosts === 1 || (hosts === 0 && httpVersion === "1.0")) return null;
  return bad(hosts === 0 ? "Send the header Host." : "Send one header Host, not several.");
}

function parserError(code: string | undefined): VisgateError {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return bad(`The headers may have at most ${LIMITS.maxHeaderSize} bytes together.`, 431);
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return bad("The call was not sent in time; send it again.", 408);
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new VisgateError("PAYLOAD_TOO_LARGE", "The chunks of the body have too many extensions.");
    default:
      return bad("This is not valid HTTP.");
  }
}

interface Refusal {
  exchange: { method: string; path: string; status: number; httpRequestId: string };
  headers: Record<string, string>;
  body: string;
}

function refusalOf(error: VisgateError, request: IncomingMessage | null): Refusal {
  const given = request?.headers["x-request-id"];
  const httpRequestId = requestIdOf(Array.isArray(given) ? undefined : given);
  const body = JSON.stringify(toErrorBody(error));
  const path = request?.url?.startsWith("/") ? (request.url.split("?")[0] ?? "-") : "-";
  return {
    exchange: { method: request?.method ?? "-", path, status: error.status, httpRequestId },
    headers: {
      ...{ "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(body)) },
      ...{ "X-Request-Id": httpRequestId, Connection: "close" },
      ...(error.code === "METHOD_NOT_ALLOWED" ? { Allow: "GET, HEAD, POST, PATCH, DELETE, OPTIONS" } : {}),
    },
    body,
  };
}

/** Not while an answer is under way on this connection: it would be cut in the middle, or get the wrong error. */
function mayAnswer(socket: Duplex, last: ServerResponse | undefined): boolean {
  const isFree = last === undefined || last.writableFinished || (!last.headersSent && last.socket !== null);
  // A connection that never sent anything was opened for later; an answer would be taken for that of its first call.
  const isUnused = "bytesRead" in socket && socket.bytesRead === 0;
  return socket.writable && isFree && !isUnused;
}

function answerRaw(socket: Duplex, { exchange: { status }, headers, body }: Refusal): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on("error", () => {});
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}
