/**
 * Connections to URLs of others (webhook receivers, outputs). The address of the connection itself is checked: an IP
 * address before connecting, a host name in its lookup, and the peer after connecting. So no redirect, odd notation or
 * DNS rebinding leads to an internal address.
 */
import { lookup as dnsLookup } from "node:dns";
import type { IncomingMessage } from "node:http";
import type { LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { type AddressGuard, type Agents, createAgents } from "./agents.js";
import { decodedBody, isCompressed } from "./bodies.js";
import { exchange } from "./exchange.js";
import { isBlockedAddress, type UrlPolicy } from "./urls.js";

const MAX_REDIRECTS = 3;

/** A URL that every attempt refuses: it has another scheme, or a redirect that must not be followed. */
export class RefusedUrlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RefusedUrlError";
  }
}

export class BlockedAddressError extends Error {
  constructor() {
    super("The address is private, internal or reserved.");
    this.name = "BlockedAddressError";
  }
}

export interface GuardedInit {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** `follow` (the default): only for GET and HEAD, and at most three times. */
  redirect?: "follow" | "manual" | "error";
  /** Stops the call: while it connects, waits for the answer, or reads the body. */
  signal?: AbortSignal;
}

export interface GuardedResponse {
  status: number;
  /** 2xx. */
  ok: boolean;
  headers: { get(name: string): string | null };
  /** The URL that answered, after redirects. */
  url: string;
  /** Decompressed; empty without a body. Read it to its end or its error, or call `destroy()`. */
  body: Readable;
}

export type GuardedFetch = (url: string, init: GuardedInit) => Promise<GuardedResponse>;

interface Connections {
  kept: Agents;
  fresh: Agents;
  /** With a colon, as `https:`. */
  schemes: readonly string[];
}

const SECURE = ["https:"];
const ANY_SCHEME = ["http:", "https:"];

/**
 * A `fetch` with a policy: over https only, redirects included. An allowed origin is connected to without the guard and
 * also over http, so redirects from it are refused. `schemes` and `isBlocked` are for tests of the guard itself.
 */
export function createGuardedFetch(
  { allowPrivate, allowedOrigins }: UrlPolicy,
  { isBlocked = isBlockedAddress, schemes = SECURE } = {},
): { fetch: GuardedFetch; close(): Promise<void> } {
  const guarded = createConnections(schemes, createGuard(isBlocked));
  const open = createConnections(ANY_SCHEME);
  return {
    async fetch(text, init) {
      const url = new URL(text);
      if (allowPrivate) return follow(url, init, open);
      if (!allowedOrigins.has(url.origin)) return follow(url, init, guarded);
      return follow(url, { ...init, redirect: init.redirect === "manual" ? "manual" : "error" }, open);
    },
    async close() {
      for (const agents of [guarded, open]) for (const each of [agents.kept, agents.fresh]) each.destroy();
    },
  };
}

function createConnections(schemes: readonly string[], guard?: AddressGuard): Connections {
  const common = guard === undefined ? {} : { guard };
  const kept = createAgents({ keepAlive: true, ...common });
  return { schemes, kept, fresh: createAgents({ keepAlive: false, ...common }) };
}

function createGuard(isBlocked: (address: string) => boolean): AddressGuard {
  const lookup: LookupFunction = (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "", 0);
      if (addresses.length === 0 || addresses.some(({ address }) => isBlocked(address))) {
        return callback(new BlockedAddressError(), "", 0);
      }
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? "", first?.family ?? 4);
    });
  };
  return { lookup, faultOf: (address) => (isBlocked(address) ? new BlockedAddressError() : null) };
}

/** Every redirect uses the connections of the first URL: a guarded URL cannot redirect past the guard. */
async function follow(first: URL, init: GuardedInit, connections: Connections): Promise<GuardedResponse> {
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await send(url, headersFor(url, first, init), init, connections);
    const to = redirectOf(answer);
    if (to === null || init.redirect === "manual") return responseOf(answer, url);
    answer.destroy();
    if (init.redirect === "error" || !isRepeatable(init)) throw new RefusedUrlError("The answer is a redirect.");
    if (redirects === MAX_REDIRECTS) throw new RefusedUrlError(`There are more than ${MAX_REDIRECTS} redirects.`);
    url = new URL(to, url);
  }
}

function send(url: URL, headers: Record<string, string>, init: GuardedInit, connections: Connections) {
  const { kept, fresh, schemes } = connections;
  if (url.username !== "" || url.password !== "")
    throw new RefusedUrlError("The URL contains a user name or password.");
  if (!schemes.includes(url.protocol)) throw new RefusedUrlError(refusedScheme(url, schemes));
  const { method = "GET", body = null, signal = null } = init;
  return exchange(url, { method, headers, body, signal, agents: kept, freshAgents: fresh });
}

function refusedScheme({ protocol }: URL, schemes: readonly string[]): string {
  const allowed = schemes.map((scheme) => scheme.slice(0, -1)).join(" and ");
  return `The URL begins with ${protocol}//, and only ${allowed} is allowed.`;
}

const isRepeatable = ({ method = "GET" }: GuardedInit): boolean => method === "GET" || method === "HEAD";

const DEFAULT_HEADERS = { accept: "*/*", "user-agent": "Visgate/1" };
const OWN_TO_AN_ORIGIN: readonly string[] = ["authorization", "cookie"];

function headersFor(url: URL, first: URL, { headers = {} }: GuardedInit): Record<string, string> {
  const given = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => url.origin === first.origin || !OWN_TO_AN_ORIGIN.includes(name));
  return { ...DEFAULT_HEADERS, ...Object.fromEntries(given), "accept-encoding": "identity" };
}

const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

/** The target of a redirect; null for other answers. Its bytes are UTF-8, which Node reads as Latin-1. */
function redirectOf({ statusCode, headers }: IncomingMessage): string | null {
  if (!REDIRECTS.has(statusCode) || headers.location === undefined) return null;
  return Buffer.from(headers.location, "latin1").toString("utf8");
}

function responseOf(answer: IncomingMessage, url: URL): GuardedResponse {
  const { statusCode: status = 0, headers } = answer;
  const outdated = isCompressed(answer) ? ["content-encoding", "content-length"] : [];
  const get = (name: string): string | null => {
    const key = name.toLowerCase();
    const value = Object.hasOwn(headers, key) && !outdated.includes(key) ? headers[key] : undefined;
    return Array.isArray(value) ? value.join(", ") : (value ?? null);
  };
  const ok = status >= 200 && status < 300;
  return { status, ok, headers: { get }, url: url.href, body: decodedBody(answer) };
}

/** The cause of a failed fetch, in words that reveal nothing about our network. */
export function fetchFault(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof BlockedAddressError) return cause.message;
  if (!(cause instanceof Error)) return "failed";
  if (cause.name === "TimeoutError" || /TIMEOUT|TIMEDOUT/.test(codeOf(cause))) return "timed out";
  return codeOf(cause) || cause.message;
}

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : "");
