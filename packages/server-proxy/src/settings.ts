/** Which gateway, with which key: from the options, else from the environment, read anew for every request. */
import { misconfigured, Refusal } from "./answers.js";

const API_PATH = "/api/v1";
const DEFAULT_BASE_URL = "http://127.0.0.1:8787";

export interface Settings {
  apiKey: string;
  /** Ends with `/api/v1`. */
  base: string;
}

export interface Given {
  apiKey?: string | undefined;
  baseUrl?: string | undefined;
}

/** Refuses with a 500 that says which variable is at fault, and never its value. */
export function readSettings(given: Given): Settings {
  const apiKey = (given.apiKey || environment("VISGATE_API_KEY") || "").trim();
  if (apiKey === "") throw wrong("VISGATE_API_KEY is not set on this server: set it to a key of your gateway.");
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw wrong("VISGATE_API_KEY on this server is no key: it has odd characters.");
  return { apiKey, base: apiBase(given.baseUrl || environment("VISGATE_BASE_URL") || DEFAULT_BASE_URL) };
}

function apiBase(text: string): string {
  const url = parse(text.trim());
  const plain = url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  if (!plain || url.search !== "" || url.hash !== "")
    throw wrong("VISGATE_BASE_URL on this server must be a plain http or https URL, like http://127.0.0.1:8787.");
  const base = url.origin + url.pathname.replace(/\/+$/, "");
  return base.endsWith(API_PATH) ? base : base + API_PATH;
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** Not by the bare name `process`: edge runtimes need not have it, and bundlers would write the value into the code. */
function environment(name: string): string | undefined {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
}

const wrong = (message: string) => new Refusal(misconfigured(message));
