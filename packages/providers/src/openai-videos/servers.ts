/**
 * The servers with the OpenAI videos API: the server of OPENAI_VIDEOS_BASE_URL, and those of a JSON file. A model names
 * a server of the file after an @ (`wan-2.2@gpu-a`).
 */
import { readFileSync } from "node:fs";
import { type Env, headerValue, httpUrl, type ProviderSettings } from "@visgate/shared/runtime";
import { z } from "zod";

export interface VideoServer {
  baseUrl: string;
  /** "" for a server without keys. */
  apiKey: string;
}

export type NamedServers = Readonly<Record<string, VideoServer>>;

const VARIABLE = "OPENAI_VIDEOS_SERVERS";

const serverEntry = z.strictObject({
  /** The name of the server in model names. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "must be lower-case letters, digits and dashes"),
  /** The base URL for OpenAI's SDKs, with `/v1` if the server has it. */
  base_url: httpUrl,
  /** The environment variable with its key. Left out for a server without a key. */
  key_variable: z.string().min(1).optional(),
});
type ServerEntry = z.infer<typeof serverEntry>;

/** @throws Error with one line per fault. No line contains a key. */
export function readServers(env: Env): ProviderSettings {
  const path = env[VARIABLE];
  const entries = path === undefined ? [] : entriesOf(path);
  const faults = entries.flatMap((entry, index) => faultsOf(env, entries, entry, index));
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const servers = Object.fromEntries(entries.map((entry) => [entry.name, serverOf(env, entry)]));
  return { value: servers satisfies NamedServers, origins: entries.map(({ base_url }) => new URL(base_url).origin) };
}

function entriesOf(path: string): ServerEntry[] {
  const parsed = z.array(serverEntry).safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ path: at, message }) => lineOf(at.join("."), message)).join("\n"));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/\s+/g, " ") : String(error);
    throw new Error(`${VARIABLE}: ${path} must be a JSON file with a list of servers (${why})`);
  }
}

const lineOf = (at: string, message: string) => `${VARIABLE}: ${at === "" ? "the list" : at}: ${message}`;

function faultsOf(env: Env, entries: ServerEntry[], { name, key_variable }: ServerEntry, index: number): string[] {
  const isTwice = entries.findIndex((one) => one.name === name) < index;
  const key = key_variable === undefined ? undefined : env[key_variable];
  const keyFault =
    key_variable === undefined || headerValue.safeParse(key).success
      ? []
      : [lineOf(`${index}.key_variable`, `${key_variable} must be set to a key in printable ASCII without spaces`)];
  return [...(isTwice ? [lineOf(`${index}.name`, `${name} is the name of a server before it`)] : []), ...keyFault];
}

function serverOf(env: Env, { base_url, key_variable }: ServerEntry): VideoServer {
  return { baseUrl: base_url, apiKey: (key_variable === undefined ? undefined : env[key_variable]) ?? "" };
}
