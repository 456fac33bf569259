/** What would be published: complete, small, without what nobody needs, and of one version. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { publint } from "publint";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createProject,
  installedIn,
  type Manifest,
  type Packages,
  packAll,
  ROOT,
  readJson,
  run,
  temporaryDir,
} from "../support/packages.js";

const MAX_GZIPPED_BYTES = 12_000;
const NAMES = ["client", "server-proxy", "cli"] as const;
const LIBRARIES = ["client", "server-proxy"] as const;

const dir = temporaryDir();
let packages: Packages;
let project: string;
beforeAll(async () => {
  packages = await packAll(dir.path);
  // Offline: what is not in the tarballs is not there.
  project = await createProject(join(dir.path, "project"), { packages: LIBRARIES.map((name) => packages[name]) });
});
afterAll(() => dir.remove());

describe.each(NAMES)("%s", (name) => {
  it("publint has nothing to say", async () => {
    const file = readFileSync(packages[name].tarball);
    const tarball = new Uint8Array(file).buffer;
    expect((await publint({ strict: true, pack: { tarball } })).messages).toEqual([]);
  });

  it("has what is made of its sources, README and licence, and nothing else", () => {
    const expected = ["LICENSE", "README.md", "package.json", ...builtFiles(name)];
    // A file too many may be left from a source that has gone: remove dist, and build anew.
    expect(packages[name].files.sort()).toEqual(expected.sort());
    expect(read("packages", name, "LICENSE")).toBe(read("LICENSE"));
  });

  it("its programs do not point at what is not there", () => {
    const programs = packages[name].files.filter((file) => file.endsWith(".js"));
    const wrong = programs.filter((file) => /sourceMappingURL|\/src\//.test(read("packages", name, file)));
    expect(wrong).toEqual([]);
  });

  it("is of the version, the licence and for the Node.js of the whole, and public", () => {
    const whole = readJson<Manifest>(join(ROOT, "package.json"));
    const { version, license, engines, publishConfig } = packages[name].manifest;
    expect({ version, license, engines }).toEqual({
      ...{ version: whole.version, license: whole.license, engines: whole.engines },
    });
    expect(publishConfig).toEqual({ access: "public" });
  });
});

describe.each(LIBRARIES)("%s", (name) => {
  it("depends on nothing", () => {
    expect(packages[name].manifest.dependencies).toBeUndefined();
    const paths = installedIn(project).map(({ path }) => path);
    expect(paths.sort()).toEqual(LIBRARIES.map((library) => `node_modules/@visgate_ai/${library}`));
  });
});

it.each([
  // node10, the resolution of before `exports`, is none of any Node.js that this runs on.
  { name: "client", profile: "node16", entries: ["@visgate_ai/client"] },
  { name: "server-proxy", profile: "node16", entries: ["@visgate_ai/server-proxy", "@visgate_ai/server-proxy/next"] },
  { name: "cli", profile: "esm-only", entries: [] },
] as const)("attw finds the types of $name right, as a module and as CommonJS", async ({ name, profile, entries }) => {
  const args = [packages[name].tarball, "--profile", profile, "--format", "table-flipped", "--no-emoji", "--no-color"];
  const table = await run(join(ROOT, "node_modules/.bin/attw"), args);
  const rows = [...table.matchAll(/"(.+?)" +│ OK \(CJS\) +│ OK \(ESM\) +│ OK +│/g)];
  expect(rows.map(([, entry]) => entry)).toEqual(entries);
  if (name === "cli") expect(table).toContain("This package does not contain types.");
});

describe("in a browser's bundle", () => {
  async function bundle(source: string): Promise<{ code: string; gzipped: number }> {
    const input = join(project, "entry.js");
    writeFileSync(input, source);
    const complaints: string[] = [];
    const build = await rolldown({ input, platform: "browser", onLog: (_, { message }) => complaints.push(message) });
    const { output } = await build.generate({ format: "esm", minify: true });
    await build.close();
    expect(complaints).toEqual([]);
    expect(output).toHaveLength(1);
    const { code } = output[0];
    expect(code).not.toMatch(/\bimport\b|\brequire\(/);
    return { code, gzipped: gzipSync(code).length };
  }
  const only = (name: string) => bundle(`import { ${name} } from "@visgate_ai/client"; console.log(${name});`);
  const whole = () => bundle('import * as visgate from "@visgate_ai/client"; globalThis.visgate = visgate;');
  /** In whatever bundle holds the client. */
  const MARKER = "/videos/generate";

  it(`all of the client is less than ${MAX_GZIPPED_BYTES} bytes, gzipped`, async () => {
    const { code, gzipped } = await whole();
    expect(code).toContain(MARKER);
    expect(gzipped).toBeLessThan(MAX_GZIPPED_BYTES);
  });

  it.each([
    { name: "VIDEO_MODEL_PRESETS", ofWhole: 0.05, has: "runway/gen4_turbo" },
    { name: "verifyWebhook", ofWhole: 0.25, has: "webhook-signature" },
    { name: "VisgateError", ofWhole: 0.1, has: "VisgateError" },
  ])("$name alone brings no client along", async ({ name, ofWhole, has }) => {
    const { code, gzipped } = await only(name);
    expect(code).toContain(has);
    expect(code).not.toContain(MARKER);
    expect(gzipped).toBeLessThan(ofWhole * (await whole()).gzipped);
  });

  it("the client alone brings what it needs and no webhooks' verification", async () => {
    const { code } = await only("Client");
    expect(code).toContain(MARKER);
    expect(code).not.toContain("webhook-signature");
  });
});

it("the command goes with the client of its own version, the Python SDK with both", () => {
  const { version } = packages.client.manifest;
  expect(packages.cli.manifest.dependencies?.["@visgate_ai/client"]).toBe(version);
  expect(read("sdks/python/pyproject.toml")).toContain(`\nversion = "${version}"\n`);
  expect(read("sdks/python/src/visgate_sdk/_version.py")).toContain(`VERSION = "${version}"\n`);
});

it("what is built before a package is packed says so on stderr: `npm pack --json` prints JSON alone", async () => {
  const program = `
    import { runOrFail } from ${JSON.stringify(join(ROOT, "scripts/lib/processes/run.mjs"))};
    await runOrFail("It failed", process.execPath, ["-p", "1 + 1"]);
    console.log("packed");`;
  expect(await run(process.execPath, ["--input-type=module", "--eval", program])).toBe("packed\n");
});

function builtFiles(name: (typeof NAMES)[number]): string[] {
  const sources = readdirSync(join(ROOT, "packages", name, "src"), { recursive: true, encoding: "utf8" });
  const modules = sources.flatMap((file) => /^(?!.*\.test\.ts$)(.*)\.ts$/.exec(file)?.[1] ?? []);
  if (name === "cli") return modules.map((module) => `dist/${module}.js`);
  const made = modules.flatMap((module) => [`${module}.js`, `${module}.d.ts`]);
  return [...["esm", "cjs"].flatMap((kind) => made.map((file) => `dist/${kind}/${file}`)), "dist/cjs/package.json"];
}

function read(...path: string[]): string {
  return readFileSync(join(ROOT, ...path), "utf8");
}
