/** How a client is set up, and what is taken from the environment. */
import { ValidationError } from "./errors.js";
import { KEY_HEADERS, type ProviderKeys } from "./providers.generated.js";

const API_PATH = "/api/v1";
const DEFAULT_BASE_URL = "http://127.0.0.1:8787";
const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_MAX_RETRIES = 2;
/** What a header can carry. */
const KEY = /^[\x21-\x7e]+$/;

export interface ClientOptions extends ProviderKeys {
  /** The gateway's key, `vg-…`; else the environment variable `VISGATE_API_KEY`. Keep it out of browsers: `proxyUrl`. */
  apiKey?: string | undefined;
  /** Where the gateway is; else `VISGATE_BASE_URL`, else `http://127.0.0.1:8787`. With or without `/api/v1`. */
  baseUrl?: string | undefined;
  /** The longest that one HTTP request may take, in milliseconds; 120,000 unless given. Generations take longer: see `GenerateOptions.timeout`. */
  timeout?: number | undefined;
  /** How often a call is tried again after 408, 429, 5xx or no answer; 2 unless given. */
  maxRetries?: number | undefined;
  /** Where `@visgate_ai/server-proxy` listens, as `/api/visgate`. Calls go there instead, and no key is sent: it takes none beside it. */
  proxyUrl?: string | undefined;
  /** Asked before every HTTP request for the bearer token to send, instead of `apiKey`: one that expires, or that your proxy wants. */
  getToken?: (() => string | Promise<string>) | undefined;
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

export const isHeaderSafe = (text: unknown): boolean => typeof text === "string" && KEY.test(text);

export interface Settings {
  /** Without a slash at the end; relative in a browser, with a proxy. */
  base: string;
  token: () => string | null | Promise<string>;
  providerKeys: Record<string, string>;
  timeoutMs: number;
  maxRetries: number;
  fetch: typeof fetch;
}

export function resolveOptions(options: ClientOptions): Settings {
  const { proxyUrl, getToken, fetch, maxRetries = DEFAULT_MAX_RETRIES, timeout = DEFAULT_TIMEOUT_MS } = options;
  if (!Number.isFinite(timeout) || timeout <= 0) throw wrong("timeout", "milliseconds above 0");
  if (!Number.isInteger(maxRetries) || maxRetries < 0) throw wrong("maxRetries", "a whole number from 0");
  const apiKey = proxyUrl === undefined ? (options.apiKey ?? environment("VISGATE_API_KEY")) : undefined;
  const ownKeys = (Object.keys(KEY_HEADERS) as (keyof ProviderKeys)[]).map((field) => [field, options[field]] as const);
  for (const [field, key] of [["apiKey", apiKey] as const, ...ownKeys]) {
    if (key && !KEY.test(key)) throw wrong(field, "printable ASCII without spaces or line ends");
    if (key && proxyUrl !== undefined) throw wrong(field, "nothing beside proxyUrl: no key is sent there");
  }
  for (const [field, given] of Object.entries({ getToken, fetch })) {
    if (given !== undefined && typeof given !== "function") throw wrong(field, "a function");
  }
  return {
    base: proxyUrl === undefined ? apiBase(options.baseUrl) : proxyBase(proxyUrl),
    token: getToken ?? (() => apiKey || null),
    providerKeys: headersOf(ownKeys),
    timeoutMs: timeout,
    maxRetries,
    fetch: fetch ?? ((input, init) => globalThis.fetch(input, init)),
  };
}

function apiBase(baseUrl = environment("VISGATE_BASE_URL") ?? DEFAULT_BASE_URL): string {
  const base = plainUrl(baseUrl);
  if (base === null) throw wrong("baseUrl", "an http or https URL without user, query and fragment");
  return base.endsWith(API_PATH) ? base : base + API_PATH;
}

function proxyBase(proxyUrl: string): string {
  const base = /^\/[^?#\s\\]*$/.test(proxyUrl) ? trimSlashes(proxyUrl) : plainUrl(proxyUrl);
  if (base === null)
    throw wrong("proxyUrl", "a path from /, or an http or https URL; without user, query and fragment");
  return base;
}

/** Paths are put behind it as text: a query or a fragment, even an empty one, would swallow them. */
function plainUrl(text: string): string | null {
  if (/[?#\s]/.test(text) || !URL.canParse(text)) return null;
  const { protocol, username, password, href } = new URL(text);
  return /^https?:$/.test(protocol) && username + password === "" ? trimSlashes(href) : null;
}

function trimSlashes(url: string): string {
  return url.replace(/\/+$/, "");
}

function headersOf(ownKeys: readonly (readonly [keyof ProviderKeys, string | undefined])[]): Record<string, string> {
  return Object.fromEntries(ownKeys.flatMap(([option, key]) => (key ? [[KEY_HEADERS[option], key]] : [])));
}

/** An empty variable counts as not set. Browsers have none. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

export function wrong(field: string, takes: string): ValidationError {
  return new ValidationError({
    message: `${field} takes ${takes}.`,
    errorCode: "VALIDATION_ERROR",
    details: { field, allowed: takes },
  });
}
