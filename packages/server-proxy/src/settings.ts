/** The gateway's URL and key, from the options or else from the environment, read again for every request. */
import { misconfigured, Refusal } from "./error-responses.js";

const API_PATH = "/api/v1";
const DEFAULT_BASE_URL = "http://127.0.0.1:8787";

export interface Settings {
  apiKey: string;
  /** Ends with `/api/v1`. */
  base: string;
}

export interface SettingsInput {
  apiKey?: string | undefined;
  baseUrl?: string | undefined;
}

/** @throws Refusal 500, whose message names the variable that is not valid, and never its value */
export function readSettings(input: SettingsInput): Settings {
  const apiKey = (input.apiKey || environment("VISGATE_API_KEY") || "").trim();
  if (apiKey === "") throw invalid("VISGATE_API_KEY is not set on this server: set it to a key of your gateway.");
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw invalid("VISGATE_API_KEY on this server is not a valid key: a key is printable ASCII without spaces.");
  return { apiKey, base: apiBase(input.baseUrl || environment("VISGATE_BASE_URL") || DEFAULT_BASE_URL) };
}

function apiBase(text: string): string {
  const url = parse(text.trim());
  const plain = url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  if (!plain || url.search !== "" || url.hash !== "")
    throw invalid("VISGATE_BASE_URL on this server must be a plain http or https URL, like http://127.0.0.1:8787.");
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

/** Not by the bare name `process`: edge runtimes may lack it, and bundlers would put the value into the code. */
function environment(name: string): string | undefined {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
}

const invalid = (message: string) => new Refusal(misconfigured(message));
