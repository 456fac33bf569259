import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deadUrl } from "../../../tests/support/listeners.js";
import { testIo } from "../test-support/io.js";
import { run } from "./program.js";

const COMMANDS = ["generate", "status", "list", "cancel", "models", "webhook listen", "doctor"];
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "visgate-cli-"));
  writeFileSync(join(dir, "text.png"), "no picture");
  writeFileSync(join(dir, "large.png"), Buffer.alloc(5 * 1024 * 1024 + 1));
  mkdirSync(join(dir, "inside"));
});
afterAll(() => rmSync(dir, { recursive: true }));

async function visgate(args: string[], io = testIo()) {
  return { code: await run(io, args), out: io.out(), err: io.err() };
}

describe("wrong usage sends nothing, is one line, and ends with 2", () => {
  test.each([
    { what: "no prompt", args: "generate", says: "prompt" },
    { what: "an unknown option", args: "generate x --modle y", says: "--modle" },
    { what: "an unknown command", args: "generat x", says: "generat" },
    { what: "two prompts", args: "generate x y", says: "argument" },
    { what: "a duration that is none", args: "generate x --duration soon", says: "--duration" },
    { what: "a duration of nothing", args: "generate x --duration 0", says: "above 0" },
    { what: "a param without a value", args: "generate x --param seed", says: "key=value" },
    { what: "a param given twice", args: "generate x --param a=1 --param a=2", says: "twice" },
    { what: "a directory that is not there", args: "generate x -o DIR/no/out.mp4", says: "does not exist" },
    { what: "a directory for a file", args: "generate x -o DIR/inside", says: "is a directory" },
    { what: "a directory to be", args: "generate x -o DIR/new/", says: "is a directory" },
    { what: "an image that is not there", args: "generate x --image DIR/none.png", says: "ENOENT" },
    { what: "a directory for an image", args: "generate x --image DIR", says: "not a file" },
    { what: "an image that is none", args: "generate x --image DIR/text.png", says: "neither a JPEG" },
    { what: "an image over 5 MB", args: "generate x --image DIR/large.png", says: "the limit is 5 MB" },
    { what: "an http image", args: "generate x --image http://example.com/a.png", says: "https" },
    {
      what: "an image by ftp",
      args: "generate x --image ftp://example.com/a.png",
      says: "https URL or a file, not ftp:",
    },
    { what: "an image in a data: URI", args: "generate x --image data:image/png;base64,AA==", says: "not data:…" },
    { what: "an image without a name", args: "generate x --image=", says: "https URL or a file" },
    { what: "an image given twice", args: "generate x --image a --image b", says: "--image is given twice" },
    { what: "a file for the video given twice", args: "generate x -o a --output b", says: "-o is given twice" },
    { what: "a file without a name", args: "generate x --output=", says: "-o needs a file name" },
    { what: "a video on a stdout that has JSON", args: "generate x --json -o -", says: "--json" },
    { what: "a file for what is not waited for", args: "generate x --async -o DIR/a.mp4", says: "--async" },
    { what: "a base URL that is none", args: "generate x --base-url localhost", says: "http://localhost:8787" },
    { what: "an id that is none", args: "status a/b", says: "(ID)" },
    { what: "an empty stdin for a prompt", args: "generate -", says: "stdin is empty" },
    { what: "a status that is none", args: "list --status done", says: "completed" },
    { what: "a limit of nothing", args: "list --limit 0", says: "whole number" },
    { what: "no receiver", args: "webhook listen", says: "--forward" },
    { what: "no id", args: "status", says: "id" },
  ])("$what", async ({ args, says }) => {
    const { code, out, err } = await visgate(args.split(" ").map((arg) => arg.replace("DIR", dir)));
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error USAGE: .*\n$|^error VALIDATION_ERROR \((VISGATE_BASE_URL or --base-url|ID)\): .*\n$/);
    expect(err).toContain(says);
  });
});

describe("help", () => {
  test.each(COMMANDS)("of %s has examples and the global options", async (command) => {
    const { code, out, err } = await visgate([...command.split(" "), "--help"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("Example");
    expect(out).toContain(`visgate ${command} `.trim());
    expect(out).toContain("--api-key");
  });

  test("of it all has every command, the exit codes, and what is better than --api-key", async () => {
    const { code, out } = await visgate(["--help"]);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toContain(command.split(" ")[0]);
    for (const exitCode of [0, 1, 2, 3, 124, 130]) expect(out).toMatch(new RegExp(`^ +${exitCode} `, "m"));
    expect(out).toMatch(/--api-key.*VISGATE_API_KEY/);
  });

  test("is what no command gets, as wrong usage", async () => {
    const { code, out, err } = await visgate([]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("Usage: visgate");
  });

  test("--version", async () => {
    expect(await visgate(["--version"])).toMatchObject({ code: 0, out: "0.1.0\n" });
  });
});

test("a gateway that is not there: how to repeat the call without making it twice", async () => {
  const io = testIo({ fetch });
  const base = await deadUrl();
  const { code, out, err } = await visgate(["generate", "x", "--base-url", base], io);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(
    /^error CONNECTION_ERROR: .*ECONNREFUSED.*--base-url.* With --idempotency-key [0-9a-f-]{36} .*visgate doctor.*\n$/,
  );
  expect(err).toContain(base);
  expect(err).not.toContain("vg-test-key");
});

describe("a prompt on stdin", () => {
  test("is what is sent for the prompt -", async () => {
    const sent: string[] = [];
    const refuse: typeof fetch = async (_url, init) => {
      sent.push(String(init?.body));
      return new Response("{}", { status: 400 });
    };
    const stdin = () => Readable.from([Buffer.from("a bird\n")]);
    expect((await visgate(["generate", "-"], testIo({ stdin, fetch: refuse }))).code).toBe(1);
    expect(sent.map((body) => JSON.parse(body).prompt)).toEqual(["a bird"]);
  });

  test("is not waited for where other options are wrong", async () => {
    const stdin = () => expect.fail("stdin was opened");
    expect((await visgate(["generate", "-", "--param", "x"], testIo({ stdin }))).err).toContain("key=value");
  });
});

describe("nothing found is said on stderr, and is no failure", () => {
  const answering = (body: object) => async () => Response.json(body);
  test.each([
    { command: "models", body: { models: [] }, says: "No models found.\n" },
    { command: "list", body: { requests: [], next_cursor: null }, says: "No requests found.\n" },
  ])("$command", async ({ command, body, says }) => {
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

test("what nobody has thought of is one line too", async () => {
  const io = testIo({
    catchInterrupt: () => {
      throw new TypeError("a bug\n    at somewhere");
    },
  });
  const { code, err } = await visgate(["generate", "x"], io);
  expect([code, err]).toEqual([1, "error UNEXPECTED: a bug     at somewhere\n"]);
});
