#!/usr/bin/env node
/**
 * `npm run test:fuzz`: starts a stack with the simulator and sends it all kinds of right and wrong calls, which
 * Schemathesis makes of the OpenAPI document. `--examples N`: how many of each kind to an operation. `--seed N` makes
 * the same calls again.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeFailure } from "./lib/failure.mjs";
import { FUZZ_ENV, fuzz } from "./lib/fuzz.mjs";
import { stopSignal } from "./lib/processes/signals.mjs";
import { findSchemathesis } from "./lib/programs/schemathesis.mjs";
import { createReport } from "./lib/progress.mjs";
import { prepare } from "./lib/stack/prepare.mjs";
import { startStack } from "./lib/stack/stack.mjs";

const { values } = parseArgs({
  options: { examples: { type: "string", default: "200" }, seed: { type: "string", default: "1" } },
});
const report = createReport();
const signal = stopSignal();
const dataDir = mkdtempSync(join(tmpdir(), "visgate-fuzz-"));
try {
  const python = await findSchemathesis({ report });
  const found = await prepare({ dataDir, env: { ...process.env, REDIS_URL: "" }, report, signal });
  const stack = await startStack({ ...found, dataDir, env: FUZZ_ENV, report, signal });
  try {
    const { succeeded, cases, generated } = await fuzz(
      { python, baseUrl: stack.baseUrl, apiKey: stack.apiKey },
      {
        ...{ examples: Number(values.examples), seed: Number(values.seed) },
        onText: (text) => void process.stdout.write(text),
      },
    );
    for (const [model, count] of Object.entries(generated)) report.line(`${count} generations by ${model}`);
    report.line(`${cases} calls, ${succeeded ? "0 failures" : "with failures"} (seed ${values.seed})`);
    process.exitCode = succeeded ? 0 : 1;
  } finally {
    await stack.stop();
  }
} catch (error) {
  console.error(`\n${describeFailure(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit();
