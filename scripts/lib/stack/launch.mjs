/** `npm start`: prepares and starts a stack, and stops it at a signal. */
import { describeFailure } from "../failure.mjs";
import { inRoot } from "../paths.mjs";
import { stopSignal, untilAborted } from "../processes/signals.mjs";
import { createReport } from "../progress.mjs";
import { refuseIfInUse } from "./data-dir-lock.mjs";
import { HELP, parseStartOptions, UsageError } from "./options.mjs";
import { loadDotEnv, prepare } from "./prepare.mjs";
import { fetchWebhookSecret, readyBlock } from "./ready.mjs";
import { startStack } from "./stack.mjs";

/** @param {string[]} argv @returns {Promise<number>} the exit code, after every process has ended */
export async function launch(argv) {
  loadDotEnv();
  try {
    const options = parseStartOptions(argv, process.env);
    if (!options.help) return await runStack(options);
    console.log(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
}

/** @param {ReturnType<typeof parseStartOptions>} options */
async function runStack(options) {
  const report = createReport();
  const signal = stopSignal();
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {}); // the terminal may be closed
  try {
    const stack = await start(options, { report, signal });
    if (!signal.aborted) report.line(readyBlock(stack, { webhookSecret: await fetchWebhookSecret(stack) }));
    await untilAborted(signal);
    report.line("");
    await report.step("Stopping", () => stack.stop());
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    console.error(`\n${describeFailure(error)}`);
    return 1;
  }
}

/**
 * @param {ReturnType<typeof parseStartOptions>} options
 * @param {{ report: import("../progress.mjs").Report, signal: AbortSignal }} context
 */
async function start(options, { report, signal }) {
  const dataDir = inRoot(options.dataDir);
  refuseIfInUse(dataDir);
  const { env } = process;
  const found = await prepare({ dataDir, env, report, signal });
  return startStack({ ...options, ...found, dataDir, env, report, signal });
}
