#!/usr/bin/env node
/** `npm run demo`: makes one video from a prompt, on the running stack or on a stack that it starts itself. */
import { writeFileSync } from "node:fs";
import { DEMO_HELP, parseDemoOptions, readImage } from "./lib/demo/options.mjs";
import { startReceiver } from "./lib/demo/receiver.mjs";
import { callApi, followRequest, timeLine } from "./lib/demo/request.mjs";
import { describeFailure, messageOf, StartError } from "./lib/failure.mjs";
import { inRoot } from "./lib/paths.mjs";
import { stopSignal } from "./lib/processes/signals.mjs";
import { createReport } from "./lib/progress.mjs";
import { findRunningStack } from "./lib/stack/data-dir-lock.mjs";
import { UsageError } from "./lib/stack/options.mjs";
import { loadDotEnv, prepare } from "./lib/stack/prepare.mjs";
import { fetchWebhookSecret } from "./lib/stack/ready.mjs";
import { startStack } from "./lib/stack/stack.mjs";

/** @typedef {{ baseUrl: string, apiKey: string, receiverOrigin?: string | undefined }} Target */

const WEBHOOK_TIMEOUT_MS = 20_000;

/** The running stack, or a new one that ends with the demo. @param {string} dataDir @param {AbortSignal} signal */
async function findTarget(dataDir, signal) {
  const report = createReport();
  const { env } = process;
  const found = await prepare({ dataDir, env, report, signal });
  const running = await findRunningStack(dataDir);
  if (running) return { target: running, stop: async () => {} };
  const stack = await startStack({ ...found, dataDir, env, report, signal });
  return { target: stack, stop: () => report.step("Stopping", () => stack.stop()) };
}

/**
 * @param {Target} target
 * @param {ReturnType<typeof parseDemoOptions>} options
 * @param {AbortSignal} signal
 */
async function makeVideo(target, options, signal) {
  const secret = await fetchWebhookSecret(target);
  const receiver = target.receiverOrigin && secret ? await startReceiver(target.receiverOrigin, secret) : undefined;
  try {
    const body = {
      ...{ model: options.model, prompt: options.prompt },
      ...(options.durationSeconds === undefined ? {} : { duration_seconds: options.durationSeconds }),
      ...(options.image === undefined ? {} : { image_url: readImage(options.image) }),
      ...(receiver === undefined ? {} : { webhook_url: receiver.url }),
    };
    const accepted = await callApi(target, "POST", "/videos/generate", body);
    console.log(`Request ${accepted.request_id} (${accepted.model})`);
    const request = await followRequest(target, accepted.request_id, signal);
    const webhook = await receiver?.event(request.id, WEBHOOK_TIMEOUT_MS);
    await printResult(request, webhook, options.out ?? `visgate-${request.id}.mp4`);
    return request.status === "completed" ? 0 : 1;
  } finally {
    await receiver?.close();
  }
}

/**
 * Names the URL when the disk is full, so that a paid video is not lost.
 * @param {Response} response @param {string} file @param {string} url
 */
async function save(response, file, url) {
  try {
    writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  } catch (error) {
    throw new StartError(`${file} could not be written (${messageOf(error)}). The video is at ${url}`);
  }
}

/** @param {any} request @param {{ atMs: number, id: string } | undefined} webhook @param {string} file */
async function printResult(request, webhook, file) {
  if (request.status === "completed") {
    const response = await fetch(request.output_url);
    if (!response.ok)
      throw new StartError(
        `The download failed with HTTP ${response.status}: try again, the video is at ${request.output_url}`,
      );
    await save(response, file, request.output_url);
    console.log(`\nVideo     ${file}`);
  } else {
    console.log(`\nFailed    ${request.error_code}: ${request.error_message}`);
  }
  const paid = request.simulated ? "simulated, no real cost" : request.charge_state;
  console.log(`Cost      $${request.cost.toFixed(2)} (${paid})`);
  const received = webhook && `received, signature verified (${webhook.id})`;
  console.log(`Webhook   ${received ?? "not received (only a stack on 127.0.0.1 can send it here)"}`);
  console.log(`Time      ${timeLine(request, webhook?.atMs)}`);
}

async function main() {
  loadDotEnv();
  const options = parseDemoOptions(process.argv.slice(2), process.env);
  if (options.help) {
    console.log(DEMO_HELP);
    return 0;
  }
  const signal = stopSignal();
  const { target, stop } = await findTarget(inRoot(options.dataDir), signal);
  try {
    return await makeVideo(target, options, signal);
  } finally {
    await stop();
  }
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof UsageError ? error.message : describeFailure(error));
  process.exit(error instanceof UsageError ? 2 : 1);
}
