/** `visgate generate` as a process: files, pipes, failures, the terminal, and what it refuses before anything is spent. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../support/stack.js";
import { gridAt, gridOf, probe } from "../support/video.js";
import { type CliEnv, type CliResult, linesOf, runCli, startInTerminal } from "./support/cli.js";

let test: TestStack;
let env: CliEnv;
let dir: string;
let made = 0;
beforeAll(async () => {
  test = await startTestStack({ env: { SIMULATOR_RENDER_SECONDS: "0.1" } });
  env = { VISGATE_API_KEY: test.stack.apiKey, VISGATE_BASE_URL: test.stack.baseUrl };
});
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "visgate-cli-"));
  await test.simulator.reset();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
afterAll(() => test.stop());

/** A different prompt each time, so that no result comes from the cache. */
const prompt = () => `a bird flying over the sea, no ${++made}`;
const generate = (...args: string[]) => runCli(["generate", ...args], env);
const submits = async () => (await test.simulator.stats()).submits;
const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/;
const ESCAPE = "\x1b";

describe("generate", () => {
  /** Run at the same time; each test looks at one of them. */
  let runs: Record<"saved" | "piped" | "named" | "json" | "photo", Promise<CliResult>>;
  let place: string;
  let photo: Buffer;
  const named = prompt();
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), "visgate-cli-"));
    const half = { create: { width: 320, height: 360, channels: 3 as const, background: "#2040e0" } };
    photo = await sharp({ create: { width: 640, height: 360, channels: 3, background: "#e02020" } })
      .composite([{ input: half, left: 320, top: 0 }])
      .png()
      .toBuffer();
    writeFileSync(join(place, "photo.png"), photo);
    runs = {
      saved: generate(prompt(), "--duration", "4", "-o", join(place, "saved.mp4")),
      piped: generate(prompt(), "-o", "-"),
      named: generate(named),
      json: generate(prompt(), "--json", "-o", join(place, "json.mp4")),
      photo: generate(prompt(), "--image", join(place, "photo.png"), "-o", join(place, "photo.mp4")),
    };
    await Promise.all(Object.values(runs));
  });
  afterAll(() => rmSync(place, { recursive: true }));

  it("-o: saves a complete MP4, prints its name and cost, and leaves no temporary file", async () => {
    const { code, stdout, stderr } = await runs.saved;
    expect(code).toBe(0);
    const [name, cost] = linesOf(stdout);
    expect(name).toBe(join(place, "saved.mp4"));
    expect(cost).toMatch(/^\$0\.60 \(simulated.*4 s of fal-ai\/veo3\.1\/fast, took .* request [0-9a-f-]{36}$/);
    expect(stderr).toMatch(/^Request [0-9a-f-]{36}\n$/);
    expect(readdirSync(place)).toEqual(["json.mp4", "photo.mp4", "photo.png", "saved.mp4"]);
    const video = await probe(readFileSync(join(place, "saved.mp4")));
    expect(video.codec).toBe("h264");
    expect(Math.abs(video.seconds - 4)).toBeLessThan(0.2);
  });

  it("-o -: writes only the video to stdout", async () => {
    const { code, bytes, stderr } = await runs.piped;
    expect(code).toBe(0);
    expect((await probe(bytes)).codec).toBe("h264");
    expect(stderr).toMatch(/http:\/\/\S+ \$0\.90/);
  });

  it("without -o: prints the URL and the cost; with --quiet only the URL", async () => {
    const [url = "", cost] = linesOf((await runs.named).stdout);
    expect((await fetch(url)).headers.get("content-type")).toBe("video/mp4");
    expect(cost).toContain("$0.90");
    const quiet = await generate(named, "--quiet");
    expect(quiet.stdout).toMatch(/^http:\S+\n$/);
    expect(quiet.stderr).toBe("");
  });

  it("--json: prints only one object, with the API's field names", async () => {
    const { code, stdout } = await runs.json;
    expect(code).toBe(0);
    expect(linesOf(stdout)).toHaveLength(1);
    const result = JSON.parse(stdout);
    const record = await test.caller.status(result.request_id);
    const { id, model, provider, mode, cost, cache_hit, cache_reason, latency_ms, created_at, duration_seconds } =
      record;
    expect(result).toEqual({
      ...{ id, request_id: id, video_url: record.output_url, model, provider, mode, cost, cache_hit, cache_reason },
      ...{ latency_ms, created_at, duration_seconds, file: join(place, "json.mp4") },
    });
  });

  it("--image: makes a video that shows the photo", async () => {
    expect((await runs.photo).code).toBe(0);
    const grid = { columns: 2, rows: 1 };
    const shown = await gridAt(readFileSync(join(place, "photo.mp4")), 2, grid);
    for (const [cell, color] of (await gridOf(photo, grid)).entries()) {
      const far = color.map((value, channel) => Math.abs(value - (shown[cell]?.[channel] ?? 999)));
      expect(Math.max(...far)).toBeLessThan(40);
    }
  });
});

describe("generate, its prompt and options", () => {
  it("-: reads the prompt from stdin, and sends nothing when stdin is empty", async () => {
    const text = prompt();
    expect((await runCli(["generate", "-"], env, `${text}\n`)).code).toBe(0);
    expect((await test.simulator.submits()).map(({ body }) => body["prompt"])).toEqual([text]);
    const nothing = await runCli(["generate", "-"], env, "");
    expect([nothing.code, nothing.stdout]).toEqual([2, ""]);
    expect(nothing.stderr).toMatch(/^error USAGE: .*stdin is empty\.\n$/);
    expect(await submits()).toBe(1);
  });

  it("--model, --duration and --param: reach the provider", async () => {
    const params = ["--param", "seed=42", "--param", "negative_prompt=blurry, dark", "--param", "generate_audio=false"];
    const { code } = await generate(prompt(), "--model", "replicate/google/veo-3", "--duration", "6", ...params);
    expect(code).toBe(0);
    const [submit] = await test.simulator.submits();
    expect(submit?.endpoint).toContain("veo-3");
    expect(submit?.body["input"]).toMatchObject({
      ...{ duration: 6, seed: 42, negative_prompt: "blurry, dark", generate_audio: false },
    });
  });

  it("--fallback: the next model makes the video when the first one fails unpaid", async () => {
    await test.simulator.settings({ disasters: [{ name: "fail", times: 1 }] });
    const { code, stdout } = await generate(prompt(), "--fallback", "replicate/google/veo-3", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ model: "replicate/google/veo-3" });
    expect(await submits()).toBe(2);
  });

  it("a repeated prompt: comes from the cache at no cost; --no-cache makes a new video", async () => {
    const text = prompt();
    const [first, uncached] = await Promise.all([generate(text), generate(text, "--no-cache")]);
    const again = await generate(text);
    expect([first, again, uncached].map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(again.stdout).toContain("$0.00 (cache: exact)");
    expect(uncached.stdout).toContain("$0.90");
    expect(await submits()).toBe(2);
  });

  it("--idempotency-key: the same key twice makes one request", async () => {
    const args = [prompt(), "--no-cache", "--idempotency-key", `order-${made}`, "--async"];
    const [first, again] = [await generate(...args), await generate(...args)];
    expect(first.stdout).toMatch(new RegExp(`^${UUID.source}\n$`));
    expect(again.stdout).toBe(first.stdout);
    expect((await test.caller.finished(first.stdout.trim())).status).toBe("completed");
    expect(await submits()).toBe(1);
  });

  it("--async: prints the request id without waiting for the video", async () => {
    await test.simulator.settings({ render_seconds: 60 });
    const { code, stdout } = await generate(prompt(), "--async", "--json");
    const { request_id, status, output_url_when_ready } = JSON.parse(stdout);
    expect([code, status]).toEqual([0, "pending"]);
    expect(output_url_when_ready).toContain(request_id);
    await test.caller.call("POST", `/requests/${request_id}/cancel`);
  });
});

describe("generate fails with one line that has a code and ids, and no stack trace", () => {
  const expectLine = (stderr: string, ...parts: (string | RegExp)[]) => {
    const errors = linesOf(stderr).filter((line) => line.startsWith("error "));
    expect(errors).toHaveLength(1);
    for (const part of parts) expect(errors[0]).toMatch(part);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr).not.toContain(test.stack.apiKey);
    expect(stderr).not.toContain(ESCAPE);
  };

  it("a failed request: exits with 1 and keeps the existing file", async () => {
    const file = join(dir, "out.mp4");
    writeFileSync(file, "the earlier file");
    const { code, stdout, stderr } = await generate(`content policy test, ${prompt()}`, "-o", file);
    expect([code, stdout]).toEqual([1, ""]);
    expectLine(stderr, /^error CONTENT_POLICY_VIOLATION/, /\[request [0-9a-f-]{36}\]$/, /charge/);
    expect(readdirSync(dir)).toEqual(["out.mp4"]);
    expect(readFileSync(file, "utf8")).toBe("the earlier file");
  });

  it("a wrong value: names the option and what it allows", async () => {
    const { code, stderr } = await generate(prompt(), "--duration", "60");
    expect(code).toBe(1);
    expectLine(stderr, /^error VALIDATION_ERROR \(--duration\): --duration /, /\b8\b/, /HTTP request/);
  });

  it("an unknown model: says how to list the models", async () => {
    const { code, stderr } = await generate(prompt(), "--model", "nope/none");
    expect(code).toBe(1);
    expectLine(
      stderr,
      /^error MODEL_NOT_FOUND \(--model\): There is no model nope\/none\. visgate models lists all models\. \[/,
    );
  });

  it("a misspelled model: suggests the right one", async () => {
    const { code, stderr } = await generate(prompt(), "--model", "veo3");
    expect(code).toBe(1);
    expectLine(stderr, /There is no model veo3\. Did you mean fal-ai\/veo3\? visgate models lists all models\. \[HTTP/);
  });

  it("a missing image: names the option instead of the API's field", async () => {
    const { code, stderr } = await generate(prompt(), "--model", "runway/gen4_turbo");
    expect(code).toBe(1);
    expectLine(stderr, /\(--image\): runway\/gen4_turbo needs an image: give one with --image\. \[HTTP request/);
  });

  it("a wrong --api-key: exits with 3, although the variable has a right key", async () => {
    const { code, stderr } = await generate(prompt(), "--api-key", "vg-this-is-not-the-key");
    expect(code).toBe(3);
    expectLine(stderr, /^error AUTHENTICATION_ERROR/, /VISGATE_API_KEY/);
    expect(stderr).not.toContain("vg-this-is-not-the-key");
  });

  it("--timeout: exits with 124, and the request continues", async () => {
    await test.simulator.settings({ render_seconds: 2 });
    const { code, stderr } = await generate(prompt(), "--timeout", "0.5");
    expect(code).toBe(124);
    expectLine(stderr, /^error CLIENT_TIMEOUT/, /visgate status [0-9a-f-]{36} --wait/);
    const [id = ""] = UUID.exec(stderr) ?? [];
    const waited = await runCli(["status", id, "--wait", "--quiet"], env);
    expect([waited.code, waited.stdout]).toEqual([0, "completed\n"]);
  });
});

it.each([
  { what: "a missing directory for the video", args: ["-o", "DIR/no/out.mp4"], says: "does not exist" },
  { what: "an image over 5 MB", args: ["--image", "DIR/large.png"], says: "the limit is 5 MB" },
])("generate: refuses $what before it sends anything, and exits with 2", async ({ args, says }) => {
  const place = mkdtempSync(join(tmpdir(), "visgate-cli-"));
  writeFileSync(join(place, "large.png"), Buffer.alloc(5 * 1024 * 1024 + 1));
  const { code, stdout, stderr } = await generate(prompt(), ...args.map((arg) => arg.replace("DIR", place)));
  rmSync(place, { recursive: true });
  expect([code, stdout]).toEqual([2, ""]);
  expect(linesOf(stderr)).toHaveLength(1);
  expect(stderr).toContain(says);
  expect(await submits()).toBe(0);
});

describe("generate in a terminal", () => {
  const inTerminal = (args: string[], more: CliEnv = {}) => startInTerminal(args, { ...env, ...more }).ended;

  it("shows status, percentage and seconds in a bar, and removes the bar at the end", async () => {
    await test.simulator.settings({ render_seconds: 2, queue_seconds: 0 });
    const { code, stdout } = await inTerminal(["generate", prompt(), "--model", "replicate/google/veo-3"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/░+ pending \d+ s/);
    expect(stdout).toMatch(/█+░+ \d+ % processing \d+ s/);
    // What follows the last clearing of the line stays on the screen.
    const rest = stdout.slice(stdout.lastIndexOf(`${ESCAPE}[2K`));
    expect(rest).toMatch(/http:\S+\r\n\$\d/);
    expect(rest).not.toMatch(/[█░]/);
  });

  it("shows no bar with --quiet, and no colors with NO_COLOR or --no-color", async () => {
    const [quiet, colored, ...plain] = await Promise.all([
      inTerminal(["generate", prompt(), "--quiet"]),
      inTerminal(["list"]),
      inTerminal(["list"], { NO_COLOR: "1" }),
      inTerminal(["list", "--no-color"]),
    ]);
    expect(quiet.stdout).toMatch(/^http:\S+\r\n$/);
    expect(colored.stdout).toContain(`${ESCAPE}[2m`);
    for (const { stdout } of plain) expect(stdout).toMatch(/^ID .*\r\n/);
    for (const { stdout } of plain) expect(stdout).not.toContain(ESCAPE);
  });
});
