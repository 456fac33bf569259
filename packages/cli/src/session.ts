/** One run of one command: its global options and environment, and what its handler works with. */
import { readFileSync } from "node:fs";
import { Client, type ClientOptions } from "@visgate_ai/client";
import type { Command } from "commander";
import { omitUndefined } from "./arguments.js";
import type { ExitCode } from "./errors/failure.js";
import type { Io } from "./screen/io.js";
import { createOut, type Out } from "./screen/output.js";

/** The gateway that `npm start` starts on this machine. */
export const DEFAULT_BASE_URL = "http://127.0.0.1:8787";

const packageFile = new URL("../package.json", import.meta.url);
/** The version of this package. */
export const VERSION: string = JSON.parse(readFileSync(packageFile, "utf8")).version;

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
  /** The URL of the gateway. */
  baseUrl: string;
  createClient(options?: Pick<ClientOptions, "timeout" | "maxRetries">): Client;
}

/** What a command does. It gets the session first, then its own arguments and options. */
export type Handler<Args extends unknown[]> = (session: Session, ...args: Args) => Promise<ExitCode>;
/** Wraps a handler into what commander calls. */
export type ToAction = <Args extends unknown[]>(handler: Handler<Args>) => (...values: unknown[]) => Promise<void>;
export type AddCommand = (program: Command, toAction: ToAction) => void;

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
    createClient: (options = {}) =>
      new Client({ ...omitUndefined<ClientOptions>({ apiKey, baseUrl }), fetch: io.fetch, ...options }),
  };
}
