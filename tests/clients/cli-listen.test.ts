/** `visgate webhook listen`: with a receiver that verifies, is down, or refuses, and after a restart. */
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { deadUrl } from "../support/listeners.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { eventsReceived, isSignedWith, parseWebhook, registerEndpoint } from "../support/webhooks.js";
import { type CliEnv, linesOf, runCli, startCli } from "./support/cli.js";

let test: TestStack;
let env: CliEnv;
beforeAll(async () => {
  test = await startTestStack({ env: { SIMULATOR_RENDER_SECONDS: "0.1" } });
  env = { VISGATE_API_KEY: test.stack.apiKey, VISGATE_BASE_URL: test.stack.baseUrl };
});
afterAll(() => test.stop());

/** Resolves when the command listens; `ready` is its first line. */
async function listen(url: string, ...args: string[]) {
  const run = startCli(["webhook", "listen", "--forward", url, "--json", ...args], env);
  await run.says("\n");
  const reports = () => linesOf(run.stdout()).map((line) => JSON.parse(line));
  return {
    ...run,
    reports,
    ready: reports()[0],
    async end(): Promise<number> {
      run.child.kill("SIGINT");
      const { code, stdout } = await run.ended;
      expect(code).toBe(0);
      const last = JSON.parse(linesOf(stdout).at(-1) ?? "");
      expect(last.kind).toBe("ended");
      return last.after;
    },
  };
}

async function receiver(answers: number[] = [], port = 0): Promise<Receiver> {
  const started = await startReceiver(answers, port);
  onTestFinished(started.close);
  return started;
}

const idsOf = (events: { event: { data: { id: string } } }[]) => events.map(({ event }) => event.data.id);
const completed = async (id: string) => expect((await test.caller.finished(id)).status).toBe("completed");

describe("webhook listen", () => {
  it("sends the same body as the gateway, signed with the secret that it printed", async () => {
    const [local, registered] = [await receiver(), await receiver()];
    const { id: endpoint } = await registerEndpoint(test.caller, { url: registered.url });
    const run = await listen(local.url);
    expect(run.ready).toMatchObject({ kind: "ready", url: local.url, types: ["request.completed", "request.failed"] });
    expect(run.ready.secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    const id = await test.caller.submit({ model: "fal-ai/veo3", prompt: "signed", metadata: { orderId: "7" } });
    const [[fromCli], [fromGateway]] = [await eventsReceived(local, id, 1), await eventsReceived(registered, id, 1)];
    expect(fromCli?.got.body).toBe(fromGateway?.got.body);
    expect(fromCli?.got.headers["content-type"]).toBe("application/json");
    expect(isSignedWith(run.ready.secret, fromCli?.got ?? { headers: {}, body: "" })).toBe(true);
    await run.says('"attempt"');
    const sequence = fromCli?.event.sequence;
    expect(run.reports().at(-1)).toMatchObject({
      ...{ kind: "attempt", sequence, type: "request.completed", request_id: id, http_status: 200, error: null },
      ...{ ms: expect.any(Number), again_in_ms: null, webhook_id: fromCli?.id },
    });
    expect(await run.end()).toBe(sequence);
    await test.caller.call("DELETE", `/webhook-endpoints/${endpoint}`);
  });

  it("sends every event once and in order when the receiver was down", async () => {
    const url = new URL(await deadUrl());
    const run = await listen(url.href);
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      ids.push(await test.caller.submit());
      await completed(ids.at(-1) ?? "");
    }
    await run.says("ECONNREFUSED");
    const late = await receiver([], Number(url.port));
    expect(idsOf((await late.atLeast(3)).map(parseWebhook))).toEqual(ids);
    await run.end();
    const tries = run.reports().filter(({ request_id }) => request_id === ids[0]);
    expect(tries.length).toBeGreaterThan(1);
    expect(new Set(tries.map(({ webhook_id }) => webhook_id)).size).toBe(1);
    expect(tries.map(({ http_status }) => http_status)).toEqual([...tries.slice(1).map(() => null), 200]);
  });

  it("sends a refused event again with the same webhook-id, but not after a 410", async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const local = await receiver([500, 302, 200, 410, 200]);
    const run = await listen(local.url, "--secret", secret);
    expect(run.stdout()).not.toContain(secret);
    const [first, second, third] = [await one(), await one(), await one()];
    const got = (await local.atLeast(5)).map(parseWebhook);
    expect(idsOf(got)).toEqual([first, first, first, second, third]);
    expect(new Set(got.map(({ id }) => id)).size).toBe(3);
    for (const { got: each } of got) expect(() => new Webhook(secret).verify(each.body, each.headers)).not.toThrow();
    await run.end();
  });

  it("--events and --after: sends the same numbers and webhook-ids as the first run", async () => {
    const local = await receiver();
    const run = await listen(local.url, "--events", "request.processing,request.completed");
    const { after } = run.ready;
    await one();
    await local.atLeast(2);
    const last = await run.end();
    await one();
    const again = await listen(local.url, "--after", String(after), "--events", "request.processing,request.completed");
    const events = (await local.atLeast(6)).map(parseWebhook);
    expect(events.map(({ event }) => event.type)).toEqual(
      Array.from({ length: 3 }, () => ["request.processing", "request.completed"]).flat(),
    );
    expect(events.slice(2, 4).map(({ id, event }) => [id, event.sequence])).toEqual(
      events.slice(0, 2).map(({ id, event }) => [id, event.sequence]),
    );
    expect(await again.end()).toBeGreaterThan(last);
  });

  it("without --json: prints a line per attempt, and where to continue", async () => {
    const local = await receiver();
    const run = startCli(["webhook", "listen", "--forward", local.url], env);
    await run.says("Forwarding request.completed, request.failed");
    const id = await one();
    await run.says(`request.completed ${id} → 200 in `);
    run.child.kill("SIGINT");
    const { code, stderr } = await run.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Ended after #(\d+)\. To continue from there: --after \1\n$/);
  });
});

it.each([
  { what: "a public address", args: ["--forward", "http://192.0.2.1/hook"], says: "--allow-remote" },
  { what: "an unknown event type", args: ["--forward", "http://localhost:1/", "--events", "x"], says: "(--events)" },
  { what: "a secret without whsec_", args: ["--forward", "http://localhost:1/", "--secret", "abc"], says: "whsec_" },
  { what: "a negative number", args: ["--forward", "http://localhost:1/", "--after", "-1"], says: "--after" },
])("webhook listen: refuses $what before it prints anything", async ({ args, says }) => {
  const { code, stdout, stderr } = await runCli(["webhook", "listen", ...args], env);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(says);
  // The allowed types are listed once.
  expect(stderr.split("request.failed").length).toBeLessThanOrEqual(2);
});

/** Makes one video, and returns its request id. */
async function one(): Promise<string> {
  const id = await test.caller.submit();
  await completed(id);
  return id;
}
