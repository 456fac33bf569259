/** Every example runs as it stands against the stack, and every snippet in the docs is part of one. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPython } from "../../scripts/lib/programs/python.mjs";
import { photo } from "../support/photo.js";
import { startTestStack, type TestStack } from "../support/stack.js";

const run = promisify(execFile);
const root = new URL("../..", import.meta.url).pathname;
const read = (file: string) => readFileSync(root + file, "utf8");
const below = (dir: string) => readdirSync(root + dir).map((name) => `${dir}/${name}`);

const JAVASCRIPT = below("examples/javascript");
const PYTHON = below("examples/python");
const DOCS = ["README.md", ...below("docs").filter((file) => file.endsWith(".md") && file !== "docs/models.md")];
const READMES = ["packages/client/README.md", "sdks/python/README.md"];

let test: TestStack;
let env: Record<string, string>;
beforeAll(async () => {
  test = await startTestStack();
  env = {
    PATH: process.env["PATH"] ?? "",
    VISGATE_BASE_URL: test.stack.baseUrl,
    VISGATE_API_KEY: test.stack.apiKey,
    IMAGE_URL: await photo(),
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

describe("examples", () => {
  it.concurrent.each(JAVASCRIPT)("%s", async (file) => {
    expectOutput(file, (await run(process.execPath, [file], { cwd: root, env })).stdout);
  });

  it.concurrent.each(PYTHON)("%s", async (file) => {
    expectOutput(file, (await run(await findPython(), [file], { cwd: root, env })).stdout);
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
