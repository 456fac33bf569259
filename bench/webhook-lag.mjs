/** The time from the end of a request to its webhook: one API, one worker, a receiver that answers at once. */
import { once } from "node:events";
import { createServer } from "node:http";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { atPace, control, finished, submit } from "./calls.mjs";
import { percentile } from "./measurements.mjs";

const REQUESTS = 400;
const PER_SECOND = 20;
const RENDER_SECONDS = 1;
const GIVE_UP_MS = 30_000;

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function webhookLag({ dataDir, redisServer }) {
  const stack = await startStack({
    dataDir,
    redisServer,
    env: { POSTERS: "false", SIMULATOR_RENDER_SECONDS: String(RENDER_SECONDS) },
  });
  const receiver = await startReceiver(stack.receiverOrigin ?? "", REQUESTS);
  try {
    await control(stack, { render_seconds: RENDER_SECONDS, queue_seconds: 0 });
    await finished(stack, await submit(stack)); // draws the video once
    await atPace({ count: REQUESTS, perSecond: PER_SECOND }, () => submit(stack, { webhook_url: receiver.url }));
    const lags = await receiver.all;
    const [p50, p99, max] = [percentile(lags, 0.5), percentile(lags, 0.99), Math.max(...lags)];
    return [
      `Webhook lag, ${REQUESTS} requests that end with a webhook, ${PER_SECOND} a second, one worker:`,
      `  from the request's end to the webhook being received p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`,
    ];
  } finally {
    receiver.close();
    await stack.stop();
  }
}

/**
 * `all` resolves to the lags in milliseconds when `count` webhooks have arrived.
 * @param {string} origin @param {number} count
 */
async function startReceiver(origin, count) {
  /** @type {number[]} */
  const lags = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    lags.push(Date.now() - Date.parse(JSON.parse(body).data.completed_at));
    response.writeHead(200).end();
    if (lags.length === count) server.emit("all");
  });
  server.listen(Number(new URL(origin).port), "127.0.0.1");
  await once(server, "listening");
  const all = once(server, "all", { signal: AbortSignal.timeout((REQUESTS / PER_SECOND) * 1000 + GIVE_UP_MS) }).then(
    () => lags,
  );
  all.catch(() => {}); // the caller that awaits `all` still gets the error
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `${origin}/hook`, all, close };
}
