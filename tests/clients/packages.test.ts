/** The packages as npm would publish them: complete, small, without other files, and of one version. */
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
  // The installation is offline, so the project has only what the tarballs contain.
  project = await createProject(join(dir.path, "project"), { packages: LIBRARIES.map((name) => packages[name]) });
});
afterAll(() => dir.remove());

describe.each(NAMES)("%s", (name) => {
  it("publint reports nothing", async () => {
    const file = readFileSync(packages[name].tarball);
    const tarball = new Uint8Array(file).buffer;
    expect((await publint({ strict: true, pack: { tarball } })).messages).toEqual([]);
  });

  it("contains the built sources, README and licence, and no other file", () => {
    const expected = ["LICENSE", "README.md", "package.json", ...builtFiles(name)];
    expect(packages[name].files.sort()).toEqual(expected.sort());
    expect(read("packages", name, "LICENSE")).toBe(read("LICENSE"));
  });

  it("its programs reference neither source maps nor sources", () => {
    const programs = packages[name].files.filter((file) => file.endsWith(".js"));
    const wrong = programs.filter((file) => /sourceMappingURL|\/src\//.test(read("packages", name, file)));
    expect(wrong).toEqual([]);
  });

  it("has the version, licence and Node.js range of the whole project, and is public", () => {
    const whole = readJson<Manifest>(join(ROOT, "package.json"));
    const { version, license, engines, publishConfig } = packages[name].manifest;
    expect({ version, license, engines }).toEqual({
      ...{ version: whole.version, license: whole.license, engines: whole.engines },
    });
    expect(publishConfig).toEqual({ access: "public" });
  });
});

describe.each(LIBRARIES)("%s", (name) => {
  it("has no dependencies", () => {
    expect(packages[name].manifest.dependencies).toBeUndefined();
    const paths = installedIn(project).map(({ path }) => path);
    expect(paths.sort()).toEqual(LIBRARIES.map((library) => `node_modules/@visgate_ai/${library}`));
  });
});

it.each([
  // Without node10, the resolution from before `exports`: no supported Node.js uses it.
  { name: "client", profile: "node16", entries: ["@visgate_ai/client"] },
  { name: "server-proxy", profile: "node16", entries: ["@visgate_ai/server-proxy", "@visgate_ai/server-proxy/next"] },
  { name: "cli", profile: "esm-only", entries: [] },
] as const)("attw accepts the types of $name, as ES module and as CommonJS", async ({ name, profile, entries }) => {
  const args = [packages[name].tarball, "--profile", profile, "--format", "table-flipped", "--no-emoji", "--no-color"];
  const table = await run(join(ROOT, "node_modules/.bin/attw"), args);
  const rows = [...table.matchAll(/"(.+?)" +│ OK \(CJS\) +│ OK \(ESM\) +│ OK +│/g)];
  expect(rows.map(([, entry]) => entry)).toEqual(entries);
  if (name === "cli") expect(table).toContain("This package does not contain types.");
});

describe("a bundle for browsers", () => {
  async function bundle(source: string): Promise<{ code: string; gzipped: number }> {
    const input = join(project, "entry.js");
    writeFileSync(input, source);
    const warnings: string[] = [];
    const build = await rolldown({ input, platform: "browser", onLog: (_, { message }) => warnings.push(message) });
    const { output } = await build.generate({ format: "esm", minify: true });
    await build.close();
    expect(warnings).toEqual([]);
    expect(output).toHaveLength(1);
    const { code } = output[0];
    expect(code).not.toMatch(/\bimport\b|\brequire\(/);
    return { code, gzipped: gzipSync(code).length };
  }
  const only = (name: string) => bundle(`import { ${name} } from "@visgate_ai/client"; console.log(${name});`);
  const whole = () => bundle('import * as visgate from "@visgate_ai/client"; globalThis.visgate = visgate;');
  /** Text that is in every bundle that contains the client. */
  const MARKER = "/videos/generate";

  it(`the whole client is smaller than ${MAX_GZIPPED_BYTES} bytes, gzipped`, async () => {
    const { code, gzipped } = await whole();
    expect(code).toContain(MARKER);
    expect(gzipped).toBeLessThan(MAX_GZIPPED_BYTES);
  });

  it.each([
    { name: "VIDEO_MODEL_PRESETS", ofWhole: 0.05, has: "runway/gen4_turbo" },
    { name: "verifyWebhook", ofWhole: 0.25, has: "webhook-signature" },
    { name: "VisgateError", ofWhole: 0.1, has: "VisgateError" },
  ])("$name alone does not include the client", async ({ name, ofWhole, has }) => {
    const { code, gzipped } = await only(name);
    expect(code).toContain(has);
    expect(code).not.toContain(MARKER);
    expect(gzipped).toBeLessThan(ofWhole * (await whole()).gzipped);
  });

  it("the client alone does not include the verification of webhooks", async () => {
    const { code } = await only("Client");
    expect(code).toContain(MARKER);
    expect(code).not.toContain("webhook-signature");
  });
});

it("CLI, TypeScript client and Python SDK have the same version", () => {
  const { version } = packages.client.manifest;
  expect(packages.cli.manifest.dependencies?.["@visgate_ai/client"]).toBe(version);
  expect(read("sdks/python/pyproject.toml")).toContain(`\nversion = "${version}"\n`);
  expect(read("sdks/python/src/visgate_sdk/_version.py")).toContain(`VERSION = "${version}"\n`);
});

it("runOrFail: output of a child goes to stderr, so that `npm pack --json` prints only JSON", async () => {
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
