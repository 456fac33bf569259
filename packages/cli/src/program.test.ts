import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deadUrl } from "../../../tests/support/listeners.js";
import { testIo } from "../test-support/io.js";
import { run } from "./program.js";

const COMMANDS = [
  ...[
    "generate",
    "status",
    "list",
    "cancel",
    "again",
    "models",
    "quote",
    "receipt",
    "usage",
    "webhook listen",
    "doctor",
  ],
  ...["budget", "budget list", "budget set", "budget remove", "keys", "keys list", "keys create", "keys delete"],
  ...["admin", "admin organizations", "admin organizations create", "admin organizations update", "admin keys"],
  ...["admin keys list", "admin keys create", "admin keys delete", "admin budget set", "admin budget remove"],
  ...["admin recount", "admin rotate-secret"],
];
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "visgate-cli-"));
  writeFileSync(join(dir, "text.png"), "not an image");
  writeFileSync(join(dir, "large.png"), Buffer.alloc(5 * 1024 * 1024 + 1));
  mkdirSync(join(dir, "inside"));
});
afterAll(() => rmSync(dir, { recursive: true }));

async function visgate(args: string[], io = testIo()) {
  return { code: await run(io, args), out: io.out(), err: io.err() };
}

describe("wrong usage: sends nothing, prints one line and exits with 2", () => {
  test.each([
    { what: "no prompt", args: "generate", says: "prompt" },
    { what: "an unknown option", args: "generate x --modle y", says: "Did you mean --model?" },
    { what: "an unknown option of a list", args: "list --limt 3", says: "Did you mean --limit?" },
    { what: "an unknown command", args: "generat x", says: "Did you mean generate?" },
    { what: "an unknown webhook command", args: "webhook lissten", says: "Did you mean listen?" },
    { what: "the prompt given twice", args: "generate x -p y", says: "--prompt" },
    { what: "two prompts", args: "generate x y", says: "argument" },
    { what: "a duration that is not a number", args: "generate x --duration soon", says: "--duration" },
    { what: "a duration of 0", args: "generate x --duration 0", says: "above 0" },
    { what: "a param without a value", args: "generate x --param seed", says: "key=value" },
    { what: "a param given twice", args: "generate x --param a=1 --param a=2", says: "twice" },
    { what: "a missing directory for the video", args: "generate x -o DIR/no/out.mp4", says: "does not exist" },
    { what: "a directory instead of a file for the video", args: "generate x -o DIR/inside", says: "is a directory" },
    { what: "a new directory for the video", args: "generate x -o DIR/new/", says: "is a directory" },
    { what: "a missing image", args: "generate x --image DIR/none.png", says: "ENOENT" },
    { what: "a directory instead of an image", args: "generate x --image DIR", says: "not a file" },
    { what: "a text file as an image", args: "generate x --image DIR/text.png", says: "not a JPEG" },
    { what: "an image over 5 MB", args: "generate x --image DIR/large.png", says: "the limit is 5 MB" },
    { what: "an image with an http URL", args: "generate x --image http://example.com/a.png", says: "https" },
    {
      what: "an image with an ftp URL",
      args: "generate x --image ftp://example.com/a.png",
      says: "https URL or a file, not ftp:",
    },
    { what: "an image as a data: URI", args: "generate x --image data:image/png;base64,AA==", says: "not data:…" },
    { what: "an empty image", args: "generate x --image=", says: "https URL or a file" },
    { what: "an image given twice", args: "generate x --image a --image b", says: "--image is given twice" },
    { what: "an output file given twice", args: "generate x -o a --output b", says: "-o is given twice" },
    { what: "an empty output file", args: "generate x --output=", says: "-o needs a file name" },
    { what: "both JSON and the video on stdout", args: "generate x --json -o -", says: "--json" },
    { what: "an output file with --async", args: "generate x --async -o DIR/a.mp4", says: "--async" },
    { what: "a base URL without http", args: "generate x --base-url localhost", says: "http://localhost:8787" },
    { what: "a malformed id", args: "status a/b", says: "(ID)" },
    { what: "an empty prompt on stdin", args: "generate -", says: "stdin is empty" },
    { what: "an unknown status", args: "list --status done", says: "completed" },
    { what: "a limit of 0", args: "list --limit 0", says: "whole number" },
    { what: "no receiver", args: "webhook listen", says: "--forward" },
    { what: "no id", args: "status", says: "id" },
    { what: "an unknown priority", args: "generate x --priority high", says: "normal, low" },
    { what: "a quote without a prompt", args: "quote", says: 'visgate quote "' },
    { what: "an unknown period", args: "usage --period decade", says: "day, week, month, year" },
    { what: "a date that is not a day", args: "usage --date today", says: "--date <day>" },
    { what: "both CSV and JSON", args: "usage --csv --json", says: "'--csv' cannot be used with option '-j, --json'" },
    { what: "an unknown budget command", args: "budget sett 5", says: "budget takes list, set, remove, not sett" },
    { what: "a budget that is not a number", args: "budget set much", says: "argument 'usd'. It must be a number" },
    { what: "a budget without its USD", args: "budget set --period day", says: "'usd'" },
    { what: "a budget for a week", args: "budget set 5 --period week", says: "day, month" },
    { what: "a budget of two subjects", args: "budget set 5 --key a --provider b", says: "--provider" },
    { what: "an unknown keys command", args: "keys lst", says: "keys takes list, create, delete, not lst" },
    { what: "an unknown scope", args: "keys create x --scope admin", says: "generate, read, manage" },
    { what: "no scope", args: "keys create x --scope=", says: "generate, read, manage" },
    {
      what: "an expiry without a time zone",
      args: "keys create x --expires 2027-01-31T12:00:00",
      says: "12h, not 2027",
    },
    {
      what: "an expiry that is no time",
      args: "keys create x --expires 2027-13-31T12:00:00Z",
      says: "--expires takes",
    },
    { what: "an admin command without its organization", args: "admin recount", says: "'organization'" },
    { what: "a limit that is not a number", args: "admin organizations update x --max-open no", says: "or none" },
    { what: "an update of nothing", args: "admin organizations update x", says: "nothing to change" },
  ])("$what", async ({ args, says }) => {
    const { code, out, err } = await visgate(args.split(" ").map((arg) => arg.replace("DIR", dir)));
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error USAGE: .*\n$|^error VALIDATION_ERROR \((VISGATE_BASE_URL or --base-url|ID)\): .*\n$/);
    expect(err).toContain(says);
  });
});

test("generate: sends what its options say; those that are typed often have a short form", async () => {
  const sent: unknown[] = [];
  const refuse: typeof fetch = async (_url, init) => {
    sent.push(JSON.parse(String(init?.body)));
    return new Response("{}", { status: 400 });
  };
  const args = [
    "generate",
    "-m",
    "a/model",
    "-p",
    "a bird",
    "-d",
    "8",
    "-P",
    "seed=42",
    "-o",
    join(dir, "a.mp4"),
    "-j",
    ...["--priority", "low"],
  ];
  expect((await visgate(args, testIo({ fetch: refuse }))).code).toBe(1);
  expect(sent).toEqual([
    expect.objectContaining({
      ...{ model: "a/model", prompt: "a bird", duration_seconds: 8, params: { seed: 42 }, priority: "low" },
    }),
  ]);
});

test.each([
  { typed: "requests", means: "list" },
  { typed: "ls", means: "list" },
  { typed: "get", means: "status" },
  { typed: "show", means: "status" },
  { typed: "gen", means: "generate" },
  { typed: "create", means: "generate" },
  { typed: "run", means: "generate" },
  { typed: "stop", means: "cancel" },
  { typed: "model", means: "models" },
  { typed: "webhooks", means: "webhook" },
  { typed: "check", means: "doctor" },
  { typed: "key", means: "keys" },
  { typed: "budgets", means: "budget" },
])("visgate $typed: is visgate $means", async ({ typed, means }) => {
  expect(await visgate([typed, "--help"])).toEqual(await visgate([means, "--help"]));
});

describe("help", () => {
  test.each(COMMANDS)("visgate %s --help: shows examples and the global options", async (command) => {
    const { code, out, err } = await visgate([...command.split(" "), "--help"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("Example");
    expect(out).toContain(`visgate ${command} `.trim());
    expect(out).toContain("--api-key");
  });

  test("visgate --help: shows every command and exit code, and that VISGATE_API_KEY is safer", async () => {
    const { code, out } = await visgate(["--help"]);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toContain(command.split(" ")[0]);
    for (const exitCode of [0, 1, 2, 3, 124, 130]) expect(out).toMatch(new RegExp(`^ +${exitCode} `, "m"));
    expect(out).toMatch(/--api-key.*VISGATE_API_KEY/);
  });

  test("visgate without a command: shows the help as wrong usage", async () => {
    const { code, out, err } = await visgate([]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("Usage: visgate");
  });

  test("visgate --version: prints the version", async () => {
    expect(await visgate(["--version"])).toMatchObject({ code: 0, out: "0.1.0\n" });
  });
});

test("generate: says how to repeat the command safely when the gateway does not answer", async () => {
  const io = testIo({ fetch });
  const base = await deadUrl();
  const { code, out, err } = await visgate(["generate", "x", "--base-url", base], io);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(
    /^error CONNECTION_ERROR: .*ECONNREFUSED.*--base-url.* Repeat the command with --idempotency-key [0-9a-f-]{36}: .*visgate doctor.*\n$/,
  );
  expect(err).toContain(base);
  expect(err).not.toContain("vg-test-key");
});

describe("generate -", () => {
  test("sends the prompt from stdin", async () => {
    const sent: string[] = [];
    const refuse: typeof fetch = async (_url, init) => {
      sent.push(String(init?.body));
      return new Response("{}", { status: 400 });
    };
    const stdin = () => Readable.from([Buffer.from("a bird\n")]);
    expect((await visgate(["generate", "-"], testIo({ stdin, fetch: refuse }))).code).toBe(1);
    expect(sent.map((body) => JSON.parse(body).prompt)).toEqual(["a bird"]);
  });

  test("does not read stdin when another option is wrong", async () => {
    const stdin = () => expect.fail("stdin was opened");
    expect((await visgate(["generate", "-", "--param", "x"], testIo({ stdin }))).err).toContain("key=value");
  });
});

describe("an empty list: exits with 0, and says so on stderr only", () => {
  const answering = (body: object) => async () => Response.json(body);
  test.each([
    { command: "models", body: { models: [] }, says: "No models found.\n" },
    { command: "list", body: { requests: [], next_cursor: null }, says: "No requests found.\n" },
  ])("visgate $command", async ({ command, body, says }) => {
    for (const terminal of [false, true]) {
      const io = testIo({ terminal, fetch: answering(body) });
      expect(await visgate([command], io)).toEqual({ code: 0, out: "", err: says });
    }
    const asJson = await visgate([command, "--json"], testIo({ fetch: answering(body) }));
    expect(asJson).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(asJson.out)).toMatchObject({ [Object.keys(body)[0] ?? ""]: [] });
    expect(await visgate([command, "--quiet"], testIo({ fetch: answering(body) }))).toEqual({
      code: 0,
      out: "",
      err: "",
    });
  });
});

test("an unexpected error: prints one line without a stack trace", async () => {
  const io = testIo({
    catchInterrupt: () => {
      throw new TypeError("a bug\n    at somewhere");
    },
  });
  const { code, err } = await visgate(["generate", "x"], io);
  expect([code, err]).toEqual([1, "error UNEXPECTED: a bug     at somewhere\n"]);
});

test.each([
  { terminal: true, printed: "tag,requests\n[31mred,1\n" },
  { terminal: false, printed: "tag,requests\r\n\u001b[31mred,1\r\n" },
])("usage --csv: a tag does not steer a terminal, and a file gets it unchanged: %j", async ({ terminal, printed }) => {
  const csv = "tag,requests\r\n\u001b[31mred,1\r\n";
  const fetch = async () => new Response(csv, { headers: { "content-type": "text/csv; charset=utf-8" } });
  const io = testIo({ terminal, fetch });
  expect(await run(io, ["usage", "--csv"])).toBe(0);
  expect(io.out()).toBe(printed);
});
