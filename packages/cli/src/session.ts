/** One run of one command: what it was told by global options and environment, and what it works with. */
import { Client, type ClientOptions } from "@visgate_ai/client";
import { DEFAULT_BASE_URL } from "./errors/failure.js";
import { given } from "./generate/given.js";
import type { Io } from "./screen/io.js";
import { createOut, type Out } from "./screen/output.js";

export interface GlobalFlags {
  apiKey?: string;
  baseUrl?: string;
  color: boolean;
  quiet?: boolean;
  json?: boolean;
}

export interface Session {
  io: Io;
  out: Out;
  quiet: boolean;
  json: boolean;
  apiKey: string | undefined;
  /** Where the gateway is looked for. */
  baseUrl: string;
  connect(options?: Pick<ClientOptions, "timeout" | "maxRetries">): Client;
}

export function openSession(io: Io, flags: GlobalFlags): Session {
  const apiKey = flags.apiKey || io.env.apiKey;
  const baseUrl = flags.baseUrl || io.env.baseUrl || DEFAULT_BASE_URL;
  const quiet = flags.quiet === true;
  return {
    io,
    out: createOut(io, { color: flags.color, quiet }),
    quiet,
    json: flags.json === true,
    apiKey,
    baseUrl,
    connect: (options = {}) =>
      new Client({ ...given<ClientOptions>({ apiKey, baseUrl }), fetch: io.fetch, ...options }),
  };
}
