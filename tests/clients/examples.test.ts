/** Every example runs as it is against what `npm start` starts, and every snippet in the docs is part of one. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPython } from "../../scripts/lib/programs/python.mjs";
import { deadUrl } from "../support/listeners.js";
import { startTestStack, type TestStack } from "../support/stack.js";

const run = promisify(execFile);
const root = new URL("../..", import.meta.url).pathname;
const read = (file: string) => readFileSync(root + file, "utf8");
const below = (dir: string) => readdirSync(root + dir).map((name) => `${dir}/${name}`);

const JAVASCRIPT = below("examples/javascript").filter((file) => file.endsWith(".mjs"));
/** The module that the examples import is no example. */
const PYTHON = below("examples/python").filter((file) => file.endsWith(".py") && !file.endsWith("one_line_errors.py"));
/** Of these, docs/models.md has no snippets of examples, and those of docs/dialects.md are run by the dialects' tests. */
const OTHERS = ["docs/models.md", "docs/dialects.md"];
const DOCS = ["README.md", ...below("docs").filter((file) => file.endsWith(".md") && !OTHERS.includes(file))];
const READMES = ["packages/client/README.md", "sdks/python/README.md"];

let test: TestStack;
let env: Record<string, string>;
beforeAll(async () => {
  // As `npm start` does: private addresses are refused, except the one that it prints for webhooks.
  test = await startTestStack({ env: { ALLOW_PRIVATE_URLS: "false" } });
  env = {
    PATH: process.env["PATH"] ?? "",
    VISGATE_BASE_URL: test.stack.baseUrl,
    VISGATE_API_KEY: test.stack.apiKey,
    WEBHOOK_PORT: new URL(test.stack.receiverOrigin ?? "").port,
  };
});
afterAll(() => test.stop());

/** These show an error, and what it tells. */
const PRINTS_NO_URL = /errors\.(mjs|py)$/;

function expectOutput(file: string, stdout: string): void {
  expect(stdout).toMatch(
    PRINTS_NO_URL.test(file) ? /^duration_seconds \[ ?4, 6, 8 ?\]$/m : /http:\/\/127\.0\.0\.1:\d+\/api\/v1\/files\//,
  );
}

const interpreterOf = async (file: string) => (file.endsWith(".py") ? findPython() : process.execPath);

async function runAsIs(file: string): Promise<void> {
  expectOutput(file, (await run(await interpreterOf(file), [file], { cwd: root, env })).stdout);
}

/** Both listen on the one port to which the gateway may send webhooks. */
const RECEIVERS = /webhook/;
const EXAMPLES = [...JAVASCRIPT, ...PYTHON];

describe("examples", () => {
  it.concurrent.each(EXAMPLES.filter((file) => !RECEIVERS.test(file)))("%s", runAsIs);

  it.each(EXAMPLES.filter((file) => RECEIVERS.test(file)))("%s", runAsIs);

  /** What an example that fails prints. */
  async function errorOf(file: string, other: Record<string, string>): Promise<string> {
    const failing = run(await interpreterOf(file), [file], { cwd: root, env: { ...env, ...other } });
    return failing.then(
      () => "no error",
      ({ stderr }) => stderr,
    );
  }

  it.each(["examples/javascript/sync.mjs", "examples/python/sync.py"])(
    "%s: without a gateway, or with a wrong key, prints one line",
    async (file) => {
      expect(await errorOf(file, { VISGATE_BASE_URL: await deadUrl() })).toMatch(/^ConnectionError: .+\n$/);
      expect(await errorOf(file, { VISGATE_API_KEY: `vg-${"x".repeat(32)}` })).toMatch(/^AuthenticationError: .+\n$/);
    },
  );

  it.each(EXAMPLES.filter((file) => RECEIVERS.test(file)))("%s: with a port in use, prints one line", async (file) => {
    const port = new URL(test.stack.baseUrl).port;
    expect(await errorOf(file, { WEBHOOK_PORT: port })).toMatch(/^\w*Error: .*address already in use.*\n$/i);
  });

  it("every example prints its errors in that way", () => {
    const does = (file: string) => /^import ("\.\/support\/one-line-errors\.mjs"|one_line_errors)/m.test(read(file));
    expect(EXAMPLES.filter((file) => !does(file))).toEqual([]);
  });

  it("the README's curl commands", async () => {
    const block = fencesOf("README.md", "sh").find((text) => text.includes("curl")) ?? "";
    const commands = block.replaceAll("http://127.0.0.1:8787", test.stack.baseUrl).match(/^curl(?:.*\\\n)*.*$/gm) ?? [];
    expect(commands).toHaveLength(3);
    const answers: { id: string; status?: string; video_url?: string; output_url?: string }[] = [];
    for (const command of commands) {
      const { stdout } = await run("sh", ["-c", command.replace("REQUEST_ID", answers.at(-1)?.id ?? "")], { env });
      answers.push(JSON.parse(stdout));
    }
    const [result, accepted, status] = answers;
    expect(result?.video_url).toMatch(/^http/);
    expect(accepted?.status).toBe("pending");
    expect(status).toMatchObject({ status: "completed", output_url: expect.stringMatching(/^http/) });
  });
});

/** What stands between the fences of a language, each line without its indent. */
function fencesOf(file: string, language: string): string[] {
  const found = read(file).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"));
  return [...found].map(([, text = ""]) => text);
}
const flat = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");

describe("snippets", () => {
  const snippets = [...DOCS, ...READMES].flatMap((file) =>
    [
      { language: "js", examples: JAVASCRIPT },
      { language: "python", examples: PYTHON },
    ].flatMap(({ language, examples }) => fencesOf(file, language).map((text) => ({ file, language, text, examples }))),
  );

  it("there are some in both languages", () => {
    expect(new Set(snippets.map(({ language }) => language))).toEqual(new Set(["js", "python"]));
  });

  it.each(snippets)("$file, $language: $text", ({ text, examples }) => {
    expect(examples.filter((file) => flat(read(file)).includes(flat(text)))).not.toEqual([]);
  });
});
