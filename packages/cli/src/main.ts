#!/usr/bin/env node
/** The command `visgate`: gives the program the arguments, environment, streams and signals of the process. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT } from "./errors/failure.js";
import { run } from "./program.js";

const { env, stdout, stderr } = process;

// A reader that closes the pipe early (`| head`) is not an error.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  stderr.write(`error OUTPUT_NOT_SAVED: Writing to stdout failed (${error.code}). visgate list shows your requests.\n`);
  process.exit(EXIT.failed);
});
stderr.on("error", () => {});

function catchInterrupt(): AbortSignal {
  const interrupted = new AbortController();
  process.once("SIGINT", () => {
    process.once("SIGINT", () => process.exit(EXIT.interrupted));
    interrupted.abort();
  });
  return interrupted.signal;
}

process.exitCode = await run(
  {
    stdout,
    stderr,
    stdin: () => process.stdin,
    env: {
      apiKey: env["VISGATE_API_KEY"] || undefined,
      baseUrl: env["VISGATE_BASE_URL"] || undefined,
      adminKey: env["VISGATE_ADMIN_KEY"] || undefined,
      noColor: Boolean(env["NO_COLOR"]),
      isDumb: env["TERM"] === "dumb",
    },
    now: Date.now,
    randomBytes,
    fetch: (input, init) => fetch(input, init),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    catchInterrupt,
  },
  process.argv.slice(2),
);
