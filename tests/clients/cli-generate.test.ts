/** `visgate generate` in a process of its own: files, pipes, failures, the terminal, and what it refuses to spend money on. */
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

/** Each time another one, so that no result comes from the cache. */
const prompt = () => `a bird flying over the sea, no ${++made}`;
const generate = (...args: string[]) => runCli(["generate", ...args], env);
const submits = async () => (await test.simulator.stats()).submits;
const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/;
const ESCAPE = "\x1b";

describe("the video", () => {
  /** Run side by side, told about one by one. */
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

  it("is saved with -o: a whole MP4, its name and its cost on stdout, nothing left beside it", async () => {
    const { code, stdout, stderr } = await runs.saved;
    expect(code).toBe(0);
    const [name, cost] = linesOf(stdout);
    expect(name).toBe(join(place, "saved.mp4"));
    expect(cost).toMatch(/^\$1\.60 \(simulated.*4 s of fal-ai\/veo3, took .* request [0-9a-f-]{36}$/);
    expect(stderr).toMatch(/^Request [0-9a-f-]{36}\n$/);
    expect(readdirSync(place)).toEqual(["json.mp4", "photo.mp4", "photo.png", "saved.mp4"]);
    const video = await probe(readFileSync(join(place, "saved.mp4")));
    expect(video.codec).toBe("h264");
    expect(Math.abs(video.seconds - 4)).toBeLessThan(0.2);
  });

  it("goes to stdout with -o -, and nothing else does", async () => {
    const { code, bytes, stderr } = await runs.piped;
    expect(code).toBe(0);
    expect((await probe(bytes)).codec).toBe("h264");
    expect(stderr).toMatch(/http:\/\/\S+ \$2\.40/);
  });

  it("is an address and a cost without -o; with --quiet the address alone", async () => {
    const [url = "", cost] = linesOf((await runs.named).stdout);
    expect((await fetch(url)).headers.get("content-type")).toBe("video/mp4");
    expect(cost).toContain("$2.40");
    const quiet = await generate(named, "--quiet");
    expect(quiet.stdout).toMatch(/^http:\S+\n$/);
    expect(quiet.stderr).toBe("");
  });

  it("with --json: one object with the API's names, and nothing else on stdout", async () => {
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

  it("of a photo shows that photo", async () => {
    expect((await runs.photo).code).toBe(0);
    const grid = { columns: 2, rows: 1 };
    const shown = await gridAt(readFileSync(join(place, "photo.mp4")), 2, grid);
    for (const [cell, color] of (await gridOf(photo, grid)).entries()) {
      const far = color.map((value, channel) => Math.abs(value - (shown[cell]?.[channel] ?? 999)));
      expect(Math.max(...far)).toBeLessThan(40);
    }
  });
});

describe("what is asked for", () => {
  it("is read from stdin for the prompt -; where nothing is there, nothing is sent", async () => {
    const wish = prompt();
    expect((await runCli(["generate", "-"], env, `${wish}\n`)).code).toBe(0);
    expect((await test.simulator.submits()).map(({ body }) => body["prompt"])).toEqual([wish]);
    const nothing = await runCli(["generate", "-"], env, "");
    expect([nothing.code, nothing.stdout]).toEqual([2, ""]);
    expect(nothing.stderr).toMatch(/^error USAGE: .*stdin is empty\.\n$/);
    expect(await submits()).toBe(1);
  });

  it("reaches the provider: model, duration, params", async () => {
    const params = ["--param", "seed=42", "--param", "negative_prompt=blurry, dark", "--param", "generate_audio=false"];
    const { code } = await generate(prompt(), "--model", "replicate/google/veo-3", "--duration", "6", ...params);
    expect(code).toBe(0);
    const [submit] = await test.simulator.submits();
    expect(submit?.endpoint).toContain("veo-3");
    expect(submit?.body["input"]).toMatchObject({
      ...{ duration: 6, seed: 42, negative_prompt: "blurry, dark", generate_audio: false },
    });
  });

  it("twice is answered from the cache at no cost, with --no-cache made anew", async () => {
    const wish = prompt();
    const [first, anew] = await Promise.all([generate(wish), generate(wish, "--no-cache")]);
    const again = await generate(wish);
    expect([first, again, anew].map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(again.stdout).toContain("$0.00 (cache: exact)");
    expect(anew.stdout).toContain("$2.40");
    expect(await submits()).toBe(2);
  });

  it("twice under one idempotency key is one request", async () => {
    const wish = [prompt(), "--no-cache", "--idempotency-key", `order-${made}`, "--async"];
    const [first, again] = [await generate(...wish), await generate(...wish)];
    expect(first.stdout).toMatch(new RegExp(`^${UUID.source}\n$`));
    expect(again.stdout).toBe(first.stdout);
    expect((await test.caller.finished(first.stdout.trim())).status).toBe("completed");
    expect(await submits()).toBe(1);
  });

  it("with --async is acknowledged and not waited for", async () => {
    await test.simulator.settings({ render_seconds: 60 });
    const { code, stdout } = await generate(prompt(), "--async", "--json");
    const { request_id, status, output_url_when_ready } = JSON.parse(stdout);
    expect([code, status]).toEqual([0, "pending"]);
    expect(output_url_when_ready).toContain(request_id);
    await test.caller.call("POST", `/requests/${request_id}/cancel`);
  });
});

describe("a failure is one line with code and ids, and no stack", () => {
  const expectLine = (stderr: string, ...parts: (string | RegExp)[]) => {
    const errors = linesOf(stderr).filter((line) => line.startsWith("error "));
    expect(errors).toHaveLength(1);
    for (const part of parts) expect(errors[0]).toMatch(part);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr).not.toContain(test.stack.apiKey);
    expect(stderr).not.toContain(ESCAPE);
  };

  it("of the generation: exit code 1, and the file of before is still there", async () => {
    const file = join(dir, "out.mp4");
    writeFileSync(file, "the one before");
    const { code, stdout, stderr } = await generate(`content policy test, ${prompt()}`, "-o", file);
    expect([code, stdout]).toEqual([1, ""]);
    expectLine(stderr, /^error CONTENT_POLICY_VIOLATION/, /\[request [0-9a-f-]{36}\]$/, /charge/);
    expect(readdirSync(dir)).toEqual(["out.mp4"]);
    expect(readFileSync(file, "utf8")).toBe("the one before");
  });

  it("of a field: it is named, with what it takes", async () => {
    const { code, stderr } = await generate(prompt(), "--duration", "60");
    expect(code).toBe(1);
    expectLine(stderr, /^error VALIDATION_ERROR \(--duration\): --duration /, /\b8\b/, /HTTP request/);
  });

  it("of the model's name", async () => {
    const { code, stderr } = await generate(prompt(), "--model", "nope/none");
    expect(code).toBe(1);
    expectLine(
      stderr,
      /^error MODEL_NOT_FOUND \(--model\): There is no model nope\/none\. visgate models lists them\. \[/,
    );
  });

  it("of the model's name, with a slip: what was meant", async () => {
    const { code, stderr } = await generate(prompt(), "--model", "veo3");
    expect(code).toBe(1);
    expectLine(stderr, /There is no model veo3\. Did you mean fal-ai\/veo3\? visgate models lists them\. \[HTTP/);
  });

  it("of an image that is missing: the option, not the field", async () => {
    const { code, stderr } = await generate(prompt(), "--model", "runway/gen4_turbo");
    expect(code).toBe(1);
    expectLine(stderr, /\(--image\): runway\/gen4_turbo needs an image: give one with --image\. \[HTTP request/);
  });

  it("of the key: exit code 3, which goes before the environment's", async () => {
    const { code, stderr } = await generate(prompt(), "--api-key", "vg-this-is-not-the-key");
    expect(code).toBe(3);
    expectLine(stderr, /^error AUTHENTICATION_ERROR/, /VISGATE_API_KEY/);
    expect(stderr).not.toContain("vg-this-is-not-the-key");
  });

  it("of the time: exit code 124, and the request goes on", async () => {
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
  { what: "no directory for the video", args: ["-o", "DIR/no/out.mp4"], says: "does not exist" },
  { what: "an image over 5 MB", args: ["--image", "DIR/large.png"], says: "the limit is 5 MB" },
])("$what: refused before anything is sent, with exit code 2", async ({ args, says }) => {
  const place = mkdtempSync(join(tmpdir(), "visgate-cli-"));
  writeFileSync(join(place, "large.png"), Buffer.alloc(5 * 1024 * 1024 + 1));
  const { code, stdout, stderr } = await generate(prompt(), ...args.map((arg) => arg.replace("DIR", place)));
  rmSync(place, { recursive: true });
  expect([code, stdout]).toEqual([2, ""]);
  expect(linesOf(stderr)).toHaveLength(1);
  expect(stderr).toContain(says);
  expect(await submits()).toBe(0);
});

describe("in a terminal", () => {
  const inTerminal = (args: string[], more: CliEnv = {}) => startInTerminal(args, { ...env, ...more }).ended;

  it("a bar shows status, percent and seconds, and is gone at the end", async () => {
    await test.simulator.settings({ render_seconds: 2, queue_seconds: 0 });
    const { code, stdout } = await inTerminal(["generate", prompt(), "--model", "replicate/google/veo-3"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/░+ pending \d+ s/);
    expect(stdout).toMatch(/█+░+ \d+ % processing \d+ s/);
    // What comes after the last time that the line was cleared stays.
    const rest = stdout.slice(stdout.lastIndexOf(`${ESCAPE}[2K`));
    expect(rest).toMatch(/http:\S+\r\n\$\d/);
    expect(rest).not.toMatch(/[█░]/);
  });

  it("no bar with --quiet; no colours with NO_COLOR or --no-color", async () => {
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
