/** `visgate mcp` with the official client of the protocol, over the stdio of a real process, at a real stack. */
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { startFaultProxy } from "../support/fault-proxy.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { probe } from "../support/video.js";
import { CLI, type CliEnv, linesOf, runCli, startProgram } from "./support/cli.js";
import { type Assistant, type Progress, startAssistant, type ToolAnswer } from "./support/mcp.js";

let test: TestStack;
let env: CliEnv;
let assistant: Assistant;
beforeAll(async () => {
  test = await startTestStack({ env: { SIMULATOR_RENDER_SECONDS: "0.1" } });
  env = { VISGATE_API_KEY: test.stack.apiKey, VISGATE_BASE_URL: test.stack.baseUrl };
  assistant = await startAssistant(env);
});
beforeEach(() => test.simulator.reset());
afterAll(async () => {
  await assistant.close();
  await test.stop();
});

const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/;
let made = 0;
const newPrompt = () => `a lighthouse, no ${++made}`;
const submits = async () => (await test.simulator.stats()).submits;

async function start(more: CliEnv, options: Parameters<typeof startAssistant>[1] = {}): Promise<Assistant> {
  const started = await startAssistant({ ...env, ...more }, options);
  onTestFinished(started.close);
  return started;
}

/** Each error is one line of text, and neither it nor stderr shows the API key. */
function expectError({ isError, text, output }: ToolAnswer, ...parts: (string | RegExp)[]): void {
  expect([isError, output]).toEqual([true, undefined]);
  expect(text).not.toContain("\n");
  for (const part of parts) expect(text).toMatch(part);
  expect(text + assistant.stderr()).not.toContain(test.stack.apiKey);
}

describe("the tools", () => {
  it("have valid schemas, in which every input is described, and say what they may do", async () => {
    const { tools } = await assistant.client.listTools();
    const hints = tools.map(({ name, annotations = {} }) => {
      const { readOnlyHint, destructiveHint, openWorldHint } = annotations;
      return [name, readOnlyHint ?? null, destructiveHint ?? null, openWorldHint ?? null];
    });
    expect(hints).toEqual([
      ["generate_video", false, false, true],
      ["generate_image", false, false, true],
      ["get_request", true, null, false],
      ["list_requests", true, null, false],
      ["cancel_request", false, true, true],
      ["list_models", true, null, false],
      ["quote", true, null, false],
    ]);
    for (const { inputSchema, outputSchema } of tools) {
      for (const schema of [inputSchema, outputSchema])
        z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
      const inputs = Object.values(inputSchema.properties ?? {}) as { description?: string }[];
      expect(inputs.filter(({ description = "" }) => description.length < 10)).toEqual([]);
    }
    // All of it is in the context of the model all the time.
    expect(JSON.stringify(tools).length).toBeLessThan(18_000);
  });

  it("say that generating spends money, with the price at this gateway", async () => {
    const { tools } = await assistant.client.listTools();
    const descriptionOf = (tool: string) => tools.find(({ name }) => name === tool)?.description;
    expect(descriptionOf("generate_video")).toContain(
      "This spends money. With default settings (6 s of fal-ai/veo3.1/fast) it costs $0.90 at this gateway.",
    );
    expect(descriptionOf("generate_image")).toContain("This spends money. With default settings (one image of fal-ai/");
    expect(assistant.client.getInstructions()).toContain("quote says how much");
  });
});

describe("a generation", () => {
  it("waits for the video, reports growing progress, and links to a video that can be decoded", async () => {
    await test.simulator.settings({ render_seconds: 1.5, queue_seconds: 0 });
    const seen: Progress[] = [];
    const input = { prompt: newPrompt(), model: "replicate/google/veo-3", duration_seconds: 4, params: { seed: 7 } };
    const answer = await assistant.call("generate_video", input, { onprogress: (progress) => seen.push(progress) });
    const { text, output, links } = answer;
    expect(output).toMatchObject({ status: "completed", media_type: "video", duration_seconds: 4, error_code: null });
    const [url] = output.output_urls;
    expect(links).toMatchObject([{ uri: url, mimeType: "video/mp4" }]);
    expect(text).toContain(`completed\n${url}\n$`);
    expect(text).toContain(`request ${output.request_id}`);
    const video = await probe(new Uint8Array(await (await fetch(url)).arrayBuffer()));
    expect([video.codec, Math.round(video.seconds)]).toEqual(["h264", 4]);

    const shares = seen.map(({ progress }) => progress);
    expect(shares.length).toBeGreaterThan(2);
    expect(shares.every((share, at) => share <= 1 && share > (shares[at - 1] ?? -1))).toBe(true);
    expect(seen[0]?.message).toMatch(new RegExp(`^pending.*, \\d+ s, request ${output.request_id}$`));
    expect(seen.some(({ message = "" }) => /^processing, \d+ %/.test(message))).toBe(true);
    const [submit] = await test.simulator.submits();
    expect(submit?.body["input"]).toMatchObject({ prompt: input.prompt, duration: 4, seed: 7 });
  });

  it("an equal call: returns the same output at no cost", async () => {
    const input = { prompt: newPrompt() };
    const first = await assistant.call("generate_image", input);
    const again = await assistant.call("generate_image", input);
    expect(again.output.output_urls).toHaveLength(1);
    expect([first.output.cost > 0, again.output.cost, again.output.cache_reason]).toEqual([true, 0, "exact"]);
    expect(again.text).toContain("$0.00 (cache: exact)");
    expect(await submits()).toBe(1);
  });

  it("wait_seconds: returns a request that goes on, and get_request waits for its end", async () => {
    await test.simulator.settings({ render_seconds: 4 });
    const { output, text, links } = await assistant.call("generate_video", { prompt: newPrompt(), wait_seconds: 0 });
    expect(output.status).toMatch(/pending|processing/);
    expect([output.output_urls, links]).toEqual([[], []]);
    expect(text).toContain(`request ${output.request_id} of fal-ai/veo3.1/fast has not ended`);
    const input = { request_id: output.request_id };
    const early = await assistant.call("get_request", { ...input, wait_seconds: 0.2 });
    expect(early.output.status).toMatch(/pending|processing/);
    const end = await assistant.call("get_request", { ...input, wait_seconds: 30 });
    expect(end.output.status).toBe("completed");
    expect(end.links).toHaveLength(1);
  });

  it("a lost answer to the submit: the retry has the same key, and one image is made", async () => {
    const proxy = await startFaultProxy(test.stack.baseUrl);
    onTestFinished(proxy.close);
    proxy.inject({ method: "POST", path: "/images/generate", kind: "cut_answer" });
    const behind = await start({ VISGATE_BASE_URL: proxy.url });
    const { output } = await behind.call("generate_image", { prompt: newPrompt(), cache: "off" });
    expect(output.status).toBe("completed");
    const calls = proxy.seen.filter(({ path }) => path.endsWith("/images/generate"));
    expect(calls).toHaveLength(2);
    expect(new Set(calls.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    expect(await submits()).toBe(1);
  });

  it("idempotency_key: the same key makes one request, other calls make new ones", async () => {
    const input = { prompt: newPrompt(), cache: "off" };
    const idOf = async (more: object) =>
      (await assistant.call("generate_image", { ...input, ...more })).output.request_id;
    const key = { idempotency_key: `order-${made}` };
    const [first, again, other, last] = [await idOf(key), await idOf(key), await idOf({}), await idOf({})];
    expect(again).toBe(first);
    expect(new Set([first, other, last]).size).toBe(3);
    expect(await submits()).toBe(3);
  });

  it("a cancelled call: the request continues, stderr names it, and list_requests finds it", async () => {
    await test.simulator.settings({ render_seconds: 1 });
    const cancel = new AbortController();
    const input = { prompt: newPrompt() };
    const ids: string[] = [];
    const onprogress = ({ message = "" }: Progress) => {
      ids.push(UUID.exec(message)?.[0] ?? "");
      cancel.abort();
    };
    await expect(assistant.call("generate_video", input, { onprogress, signal: cancel.signal })).rejects.toThrow();
    const [id = ""] = ids;
    await until("stderr to name the request", () =>
      assistant.stderr().includes(`stopped waiting for request ${id}, which continues`),
    );
    const { output } = await assistant.call("list_requests", { limit: 1 });
    expect(output.requests[0]).toMatchObject({ request_id: id, error_code: null });
    // The model may also just call again.
    const again = await assistant.call("generate_video", input);
    expect([again.output.status, again.output.cache_reason, again.output.cost]).toEqual(["completed", "joined", 0]);
    expect((await test.caller.finished(id)).status).toBe("completed");
    expect(await submits()).toBe(1);
  });
});

describe("the other tools", () => {
  it("generate_image: links to images that can be decoded", async () => {
    const input = { prompt: newPrompt(), width: 512, height: 512, num_images: 2 };
    const { output, links } = await assistant.call("generate_image", input);
    expect(output).toMatchObject({ status: "completed", media_type: "image", duration_seconds: null });
    expect(links.map(({ uri }) => uri)).toEqual(output.output_urls);
    expect(links).toHaveLength(2);
    for (const { uri, mimeType } of links) {
      const answer = await fetch(uri);
      expect(answer.headers.get("content-type")).toBe(mimeType);
      const { width, height } = await sharp(await answer.arrayBuffer()).metadata();
      expect([width, height]).toEqual([512, 512]);
    }
  });

  it("quote: says what a video costs, and spends nothing", async () => {
    const { text, output } = await assistant.call("quote", { model: "fal-ai/veo3", duration_seconds: 4 });
    expect(text).toBe("4 s of fal-ai/veo3 costs $1.60; every budget has room for it");
    expect(output).toMatchObject({ cost_usd: 1.6, duration_seconds: 4, would_be_accepted: true, budgets: [] });
    expect(await submits()).toBe(0);
  });

  it("list_models: is short, filters, and shows the params of one model", async () => {
    const all = await assistant.call("list_models");
    expect(all.output.models).toHaveLength(20);
    expect(all.output.total_count).toBeGreaterThan(20);
    expect(all.text.length).toBeLessThan(3000);
    const costs = all.output.models.map((model: { default_cost_usd: number }) => model.default_cost_usd);
    expect(costs).toEqual(costs.toSorted((a: number, b: number) => a - b));
    const input = { media_type: "video", provider: "runway", image_input: true };
    const { output } = await assistant.call("list_models", input);
    const { body } = await test.caller.call("GET", "/models?provider=runway&media_type=video&sort=cost");
    const fitting = body.models.filter(
      ({ limits }: { limits: { image_input: string } }) => limits.image_input !== "none",
    );
    expect(output.models.map(({ id }: { id: string }) => id)).toEqual(fitting.map(({ id }: { id: string }) => id));
    const one = await assistant.call("list_models", { id: "fal-ai/veo3" });
    const entry = (await test.caller.call("GET", "/models/fal-ai/veo3")).body;
    expect(one.text).toMatch(/^fal-ai\/veo3: video of 4\/6\/8 s, .*\naspect_ratios: \["16:9",/);
    expect(Object.keys(one.output.models[0].params.text)).toEqual(Object.keys(entry.params.text));
  });

  it("cancel_request: ends a request at the gateway and at the provider", async () => {
    await test.simulator.settings({ render_seconds: 60, queue_seconds: 0 });
    const { output } = await assistant.call("generate_video", { prompt: newPrompt(), wait_seconds: 0 });
    const { request_id } = output;
    await until("the provider to have it", async () => (await test.caller.status(request_id)).status === "processing");
    const cancelled = await assistant.call("cancel_request", { request_id });
    expect(cancelled.output).toMatchObject({ request_id, status: "cancelling" });
    const end = await assistant.call("get_request", { request_id, wait_seconds: 30 });
    expect([end.isError, end.output.status, end.output.error_code]).toEqual([false, "failed", "CANCELLED"]);
    expectError(await assistant.call("cancel_request", { request_id }), /^ALREADY_TERMINAL: /);
  });
});

describe("an error", () => {
  const video = (input: object) => assistant.call("generate_video", { prompt: newPrompt(), ...input });

  it("an unknown model: suggests the right one", async () => {
    expectError(
      await video({ model: "veo3" }),
      "MODEL_NOT_FOUND (model): There is no model veo3. Did you mean fal-ai/veo3?",
    );
    expectError(await video({ model: "nope/none" }), /There is no model nope\/none\. list_models shows the models\.$/);
  });

  it("a wrong value: names the field and what it allows", async () => {
    expectError(await video({ duration_seconds: 60 }), /^VALIDATION_ERROR \(duration_seconds\): /, /\b8\b/);
    const params = await video({ params: { no_such: 1 } });
    expectError(params, /^VALIDATION_ERROR \(params\.no_such\)/, "list_models with the model's id shows its params.");
    expectError(await video({ prompt: "" }), "prompt");
    expectError(await video({ no_such: 1 }), '"no_such"');
    expect(await submits()).toBe(0);
  });

  it("a request that fails: says whether it is charged", async () => {
    const failed = await video({ prompt: `content policy test, ${newPrompt()}` });
    expectError(failed, /^CONTENT_POLICY_VIOLATION/, /charge/, /\[request [0-9a-f-]{36}\]$/);
  });

  it("an unknown request: says how to find the right one", async () => {
    const request_id = "0199b2c4-6f0e-7c3a-9d1b-2a7e5f3c8b10";
    for (const tool of ["get_request", "cancel_request"])
      expectError(await assistant.call(tool, { request_id }), /^REQUEST_NOT_FOUND/, "list_requests shows the latest");
  });

  it("a budget without room: nothing is accepted, and quote says which budget it is", async () => {
    const budget = { subject: "provider:fal", period: "day", limit_usd: 0.5 };
    expect((await test.caller.call("PUT", "/budgets", { body: budget })).status).toBe(200);
    onTestFinished(async () => void (await test.caller.call("DELETE", "/budgets?subject=provider:fal&period=day")));
    expectError(
      await video({}),
      /^BUDGET_EXCEEDED: This call costs \$0\.9, and the budget provider:fal/,
      "Nothing was",
    );
    const { text, output } = await assistant.call("quote");
    expect(output).toMatchObject({ would_be_accepted: false, budgets: [{ budget: "provider:fal", has_room: false }] });
    expect(text).toContain("a budget has no room for it");
    expect(await submits()).toBe(0);
  });

  it.each([
    { what: "no key", key: "", says: "No API key was given." },
    { what: "a wrong key", key: "vg-this-is-not-the-key", says: /unknown|revoked/i },
    { what: "a key that no header can carry", key: "vg-küche", says: "printable ASCII" },
  ])("$what: says what to set, and the server keeps running", async ({ key, says }) => {
    const without = await start({ VISGATE_API_KEY: key });
    const inputs = { generate_video: { prompt: "x" }, quote: {}, list_requests: {} };
    const answers = await Promise.all(Object.entries(inputs).map(([tool, input]) => without.call(tool, input)));
    for (const answer of answers) expectError(answer, says, "VISGATE_API_KEY");
    if (key !== "") expect(JSON.stringify(answers) + without.stderr()).not.toContain(key);
    expect((await without.client.listTools()).tools).toHaveLength(7);
  });

  it("a gateway that is down: says where it looked; once it is up, the same server works", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const early = await start({ VISGATE_BASE_URL: url });
    const input = { prompt: newPrompt(), wait_seconds: 0 };
    const down = await early.call("generate_video", input);
    expectError(down, `CONNECTION_ERROR: No answer from the gateway at ${url}`, "VISGATE_BASE_URL");
    expectError(down, /Repeat the call with idempotency_key "mcp-[0-9a-f]{32}": it never makes a second request/);
    const proxy = await startFaultProxy(test.stack.baseUrl, () => undefined, port);
    onTestFinished(proxy.close);
    expect((await early.call("list_models", { limit: 1 })).output.models).toHaveLength(1);
  });

  it("a wrong URL: shows it without its password", async () => {
    const wrong = await start({ VISGATE_BASE_URL: "http://user:hidden-word@gateway.test" });
    const answer = await wrong.call("list_models");
    expectError(answer, /^VALIDATION_ERROR \(VISGATE_BASE_URL\): .*http:\/\/…@gateway\.test/);
    expect(answer.text + wrong.stderr()).not.toContain("hidden-word");
  });
});

describe("the process", () => {
  it("speaks the revision 2026-07-28 too, with progress", async () => {
    await test.simulator.settings({ render_seconds: 0.5 });
    const modern = await start({}, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
    expect(modern.client.getNegotiatedProtocolVersion()).toBe("2026-07-28");
    const seen: Progress[] = [];
    const onprogress = (progress: Progress) => void seen.push(progress);
    const { output } = await modern.call("generate_image", { prompt: newPrompt() }, { onprogress });
    expect(output.status).toBe("completed");
    expect(seen.length).toBeGreaterThan(0);
  });

  it("writes only messages of the protocol to stdout, whatever it reads, and ends with stdin", async () => {
    const run = startProgram([...CLI, "mcp"], env, "pipe");
    const say = (text: string) => run.child.stdin?.write(`${text}\n`);
    const send = (message: object) => say(JSON.stringify({ jsonrpc: "2.0", ...message }));
    const clientInfo = { name: "by hand", version: "1" };
    send({ id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo } });
    await run.says('"protocolVersion":"2025-06-18"');
    send({ method: "notifications/initialized" });
    say("this is not JSON");
    send({ id: 2, method: "no/such/method" });
    send({ id: 3, method: "tools/call", params: { name: "no_such_tool", arguments: {} } });
    send({ id: 4, method: "tools/call", params: { name: "quote", arguments: {} } });
    await run.says('"id":4');
    // A message that arrives twice makes one request.
    const params = { name: "generate_image", arguments: { prompt: newPrompt(), cache: "off" } };
    for (const _ of [1, 2]) send({ id: 5, method: "tools/call", params });
    await until("both answers", () => run.stdout().split('"id":5').length === 3);
    expect(await submits()).toBe(1);
    run.child.stdin?.end();
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(0);
    const messages = linesOf(stdout).map((line) => JSON.parse(line));
    expect(messages.map(({ jsonrpc }) => jsonrpc)).toEqual(messages.map(() => "2.0"));
    expect(messages.map(({ id }) => id).toSorted()).toEqual([1, 2, 3, 4, 5, 5]);
    expect(stdout + stderr).not.toContain(test.stack.apiKey);
  });

  it("stdin closes during a call: ends at once, and the request continues", async () => {
    await test.simulator.settings({ render_seconds: 600 });
    const ending = await startAssistant(env);
    const messages: string[] = [];
    const onprogress = ({ message = "" }: Progress) => void messages.push(message);
    const call = ending.call("generate_image", { prompt: newPrompt() }, { onprogress }).catch((error) => error);
    await until("the request to be accepted", () => messages.length > 0);
    await ending.close();
    expect(await call).toBeInstanceOf(Error);
    const [id = ""] = UUID.exec(messages[0] ?? "") ?? [];
    expect(ending.stderr()).toContain(id);
    expect((await test.caller.status(id)).status).toMatch(/^(pending|processing)$/);
  });

  it("other commands do not load the SDK of the protocol", async () => {
    const hook = `data:text/javascript,${encodeURIComponent(`
      import { register } from "node:module";
      const loader = "export const load = (url, context, next) => { if (/modelcontextprotocol|node_modules.zod/.test(url)) " +
        "throw new Error('loaded ' + url); return next(url, context); }";
      register("data:text/javascript," + encodeURIComponent(loader));`)}`;
    const withHook = { ...env, NODE_OPTIONS: `--import "${hook}"` };
    expect((await runCli(["models", "--quiet"], withHook)).code).toBe(0);
    const mcp = await runCli(["mcp"], withHook, "");
    expect(mcp.stderr).toContain("loaded file:");
  });
});
