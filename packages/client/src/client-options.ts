/** The options of a client, checked, and completed from the environment. */
import { invalidOption } from "./errors.js";
import { KEY_HEADERS, type ProviderKeys } from "./providers.generated.js";

const API_PATH = "/api/v1";
const DEFAULT_BASE_URL = "http://127.0.0.1:8787";
const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_MAX_RETRIES = 2;
/** Text that an HTTP header can carry. */
const HEADER_SAFE = /^[\x21-\x7e]+$/;

export interface ClientOptions extends ProviderKeys {
  /**
   * The gateway's key, `vg-…`; unless given, the environment variable `VISGATE_API_KEY`. Do not use it in browsers:
   * see `proxyUrl`.
   */
  apiKey?: string | undefined;
  /**
   * The gateway's URL, with or without `/api/v1`; unless given, the environment variable `VISGATE_BASE_URL`, then
   * `http://127.0.0.1:8787`.
   */
  baseUrl?: string | undefined;
  /**
   * Milliseconds that one HTTP request may take; 120,000 unless given. A generation may take longer: see
   * `GenerateOptions.timeout`.
   */
  timeout?: number | undefined;
  /** How often a call is tried again after 408, 429, 5xx or no answer; 2 unless given. */
  maxRetries?: number | undefined;
  /**
   * The URL or path of `@visgate_ai/server-proxy`, as `/api/visgate`. Calls go there instead of to `baseUrl`, without a
   * key: it cannot be combined with keys.
   */
  proxyUrl?: string | undefined;
  /**
   * Called before every HTTP request for the bearer token to send in place of `apiKey`: for tokens that expire, or that
   * your proxy requires.
   */
  getToken?: (() => string | Promise<string>) | undefined;
  /** Used in place of the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

export const isHeaderSafe = (text: unknown): boolean => typeof text === "string" && HEADER_SAFE.test(text);

export interface Settings {
  /** Without a slash at the end. A path when `proxyUrl` is one. */
  base: string;
  token: () => string | null | Promise<string>;
  /** Header values by header name. */
  providerKeys: Record<string, string>;
  timeoutMs: number;
  maxRetries: number;
  fetch: typeof fetch;
}

/** @throws ValidationError naming the first option that is not valid */
export function resolveOptions(options: ClientOptions): Settings {
  const { proxyUrl, getToken, fetch, maxRetries = DEFAULT_MAX_RETRIES, timeout = DEFAULT_TIMEOUT_MS } = options;
  if (!Number.isFinite(timeout) || timeout <= 0) throw invalidOption("timeout", "milliseconds above 0");
  if (!Number.isInteger(maxRetries) || maxRetries < 0) throw invalidOption("maxRetries", "a whole number from 0");
  const apiKey = proxyUrl === undefined ? (options.apiKey ?? environment("VISGATE_API_KEY")) : undefined;
  const ownKeys = (Object.keys(KEY_HEADERS) as (keyof ProviderKeys)[]).map((field) => [field, options[field]] as const);
  for (const [field, key] of [["apiKey", apiKey] as const, ...ownKeys]) {
    if (key && !HEADER_SAFE.test(key)) throw invalidOption(field, "printable ASCII without spaces or line ends");
    if (key && proxyUrl !== undefined) {
      throw invalidOption(field, "no value together with proxyUrl: keys are not sent to a proxy");
    }
  }
  for (const [field, value] of Object.entries({ getToken, fetch })) {
    if (value !== undefined && typeof value !== "function") throw invalidOption(field, "a function");
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
  if (base === null) throw invalidOption("baseUrl", "an http or https URL without user, query or fragment");
  return base.endsWith(API_PATH) ? base : base + API_PATH;
}

function proxyBase(proxyUrl: string): string {
  const base = /^\/[^?#\s\\]*$/.test(proxyUrl) ? trimSlashes(proxyUrl) : plainUrl(proxyUrl);
  if (base === null) {
    throw invalidOption(
      "proxyUrl",
      "a path that begins with /, or an http or https URL; without user, query or fragment",
    );
  }
  return base;
}

/** The URL without slashes at the end; null when a path cannot be appended to its text, as after a `?` or `#`. */
function plainUrl(text: string): string | null {
  try {
    const { protocol, username, password, href } = new URL(text);
    const isPlain = /^https?:$/.test(protocol) && username + password === "" && !/[?#\s]/.test(text);
    return isPlain ? trimSlashes(href) : null;
  } catch {
    return null;
  }
}

function trimSlashes(url: string): string {
  return url.replace(/\/+$/, "");
}

function headersOf(ownKeys: readonly (readonly [keyof ProviderKeys, string | undefined])[]): Record<string, string> {
  return Object.fromEntries(ownKeys.flatMap(([option, key]) => (key ? [[KEY_HEADERS[option], key]] : [])));
}

/** An empty variable counts as not set. Browsers have no environment. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}
