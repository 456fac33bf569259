/** Every package in an empty project, as its user has it, against a real stack: ESM, CommonJS, TypeScript, command, Python. */
import { cpSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findNode } from "../../scripts/lib/programs/node-versions.mjs";
import { PYTHON_SDK } from "../../scripts/lib/programs/python.mjs";
import { createProject, installedIn, type Packages, packAll, ROOT, run, temporaryDir } from "../support/packages.js";
import { buildWheel, checkTypes, createEnvironment, findPythons } from "../support/pythons.js";
import { startTestStack, type TestStack } from "../support/stack.js";

const CONSUMERS = join(ROOT, "tests/support/consumers");
const TSC = join(ROOT, "node_modules/.bin/tsc");
const NODES = await Promise.all(
  [process.execPath, await findNode(24)].map(async (node) => ({ node, version: await versionOf(node) })),
);
/** The oldest and the newest, since the rest of the run needs the processor too. ALL_PYTHONS=1: all. */
const PYTHONS = (await findPythons()).filter(
  (_, index, all) => process.env["ALL_PYTHONS"] === "1" || index === 0 || index === all.length - 1,
);

const dir = temporaryDir();
let test: TestStack;
let packages: Packages;
let library: string;
let command: string;
let wheel: string;
beforeAll(async () => {
  [test, packages, wheel] = await Promise.all([startTestStack(), packAll(dir.path), buildWheel(dir.path)]);
  const { client, "server-proxy": proxy, cli } = packages;
  [library, command] = await Promise.all([
    createProject(join(dir.path, "library"), { packages: [client, proxy] }),
    createProject(join(dir.path, "command"), { packages: [client, cli], online: true }),
  ]);
  cpSync(CONSUMERS, library, { recursive: true });
});
afterAll(async () => {
  dir.remove();
  await test.stop();
});

/** All that a user of ours has in the environment, with this Node.js as `node`. */
const envOf = (node: string) => ({
  PATH: `${dirname(node)}:/usr/local/bin:/usr/bin:/bin`,
  HOME: dir.path,
  VISGATE_API_KEY: test.stack.apiKey,
  VISGATE_BASE_URL: test.stack.baseUrl,
});
let made = 0;
const newPrompt = () => `installed ${made++}`;

/** Of a prompt that has been sent once, and made the video that is at this address. */
async function expectMade(prompt: string, url: string): Promise<void> {
  const submits = await test.simulator.submits();
  expect(submits.filter(({ body }) => body["prompt"] === prompt)).toHaveLength(1);
  const answer = await fetch(url);
  expect(answer.headers.get("content-type")).toBe("video/mp4");
  expect(Buffer.from(await answer.arrayBuffer()).toString("latin1", 4, 8)).toBe("ftyp");
}

async function versionOf(node: string): Promise<string> {
  return (await run(node, ["--version"])).trim();
}

describe.concurrent.each(NODES)("Node.js $version", ({ version, node }) => {
  it.each([
    { program: "video.mjs", build: "/@visgate_ai/client/dist/esm/index.js" },
    { program: "video.cjs", build: "/@visgate_ai/client/dist/cjs/index.js" },
  ])("$program makes a video, and asks for it through the proxy", async ({ program, build }) => {
    const prompt = newPrompt();
    const told = JSON.parse(await run(node, [program, prompt], { cwd: library, env: envOf(node) }));
    const [url] = told.urls;
    expect(told).toEqual({
      node: version,
      file: expect.stringMatching(`^(file://)?${library}/node_modules${build}$`),
      status: "completed",
      urls: [url, url, url, url],
    });
    await expectMade(prompt, url);
  });

  it("the command is there, and makes a video", async () => {
    const env = envOf(node);
    const visgate = (...args: string[]) => run(join(command, "node_modules/.bin/visgate"), args, { cwd: command, env });
    expect(await run("node", ["--version"], { env })).toBe(`${version}\n`);
    expect(await visgate("--version")).toBe(`${packages.cli.manifest.version}\n`);
    const prompt = newPrompt();
    const url = (await visgate("generate", prompt, "--quiet")).trim();
    await expectMade(prompt, url);
  });
});

it("the command has the client that was packed with it, and no other", () => {
  const clients = installedIn(command).filter(({ path }) => path.includes("@visgate_ai/client"));
  expect(clients.map(({ path }) => path)).toEqual(["node_modules/@visgate_ai/client"]);
  expect(clients[0]?.resolved).toMatch(/^file:/);
});

const EXACT = { exactOptionalPropertyTypes: true };
describe.concurrent("in TypeScript, strict, libraries checked too", () => {
  it.each([
    { name: "Node.js", files: ["types.mts", "types.cts"], module: "nodenext", lib: ["es2022"], types: ["node"] },
    { name: "a browser", files: ["types.ts"], module: "esnext", lib: ["es2022", "dom"], types: [], ...EXACT },
  ])("what is documented compiles, for $name", async ({ name: _, files, ...options }) => {
    for (const file of files) cpSync(join(CONSUMERS, "types.ts"), join(library, file));
    const project = join(library, `tsconfig.${options.module}.json`);
    const moduleResolution = options.module === "nodenext" ? "nodenext" : "bundler";
    const typeRoots = [join(ROOT, "node_modules/@types")];
    const compilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      typeRoots,
      moduleResolution,
      ...options,
    };
    writeFileSync(project, JSON.stringify({ compilerOptions, files }));
    expect(await run(TSC, ["--project", project, "--listFilesOnly"])).toContain(`${library}/node_modules/@visgate_ai/`);
    expect(await run(TSC, ["--project", project])).toBe("");
  });
});

/** The wheel says that it works with this one; with the newest it is tested anyway. */
function oldestHttpx(): string {
  const file = join(dir.path, "oldest.txt");
  writeFileSync(file, "httpx==0.25.0\n");
  return file;
}

describe.concurrent.each(PYTHONS)("Python $version", (python) => {
  it("the wheel makes a video, and one by asyncio, and its types are seen", async () => {
    const oldest = python === PYTHONS[0];
    const environment = join(dir.path, `python-${python.version}`);
    const pipArgs = [wheel, "--constraint", oldest ? oldestHttpx() : join(PYTHON_SDK, "requirements-dev.txt")];
    const interpreter = await createEnvironment({ python, dir: environment, pipArgs });
    const program = join(library, "video.py");
    const [prompt, ofAsyncio] = [newPrompt(), newPrompt()];
    const told = JSON.parse(
      await run(interpreter, ["-I", program, prompt, ofAsyncio], { env: envOf(process.execPath) }),
    );
    expect(told).toMatchObject({ status: "completed", urls: [told.urls[0], told.urls[0]], zone: "UTC" });
    expect(told.python.startsWith(`${python.version}.`)).toBe(true);
    expect(told.file.startsWith(environment)).toBe(true);
    await expectMade(prompt, told.urls[0]);
    await expectMade(ofAsyncio, told.asyncio_url);
    if (oldest) expect(await checkTypes(interpreter, program)).toContain("Success");
  });
});
