/** A provider is one folder: no source file outside it names the provider. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { PROVIDERS, type Provider } from "@visgate/providers";
import { expect, test } from "vitest";

/** The constructors of the Python SDK are exempt: their parameters are part of the contract and written by hand. */
const CONTRACT = "sdks/python/src/visgate_sdk/client.py";
/** These files name a model, as an example or as a default that the contract fixes. They may name nothing else. */
const WITH_EXAMPLES = [
  ...["apps/api/src/routes/generate-images.ts", "apps/api/src/routes/generate-video.ts", "scripts/lib/fuzz.mjs"],
  "apps/api/src/routes/money.ts",
  ...["packages/shared/src/contract/formats.ts", "packages/shared/src/contract/generation.ts"],
  ...["packages/shared/src/contract/image.ts", "packages/client/src/client.ts"],
  ...["packages/client/src/resources/images.ts", "packages/client/src/resources/videos.ts"],
  ...["packages/cli/src/commands/generate.ts", "packages/cli/src/generate/result.ts"],
  "sdks/python/src/visgate_sdk/__init__.py",
  ...["sdks/python/src/visgate_sdk/_resources/images.py", "sdks/python/src/visgate_sdk/_resources/videos.py"],
];
const NOT_SOURCES = /\.test\.ts$|\/tests?\/|test-support\/|\.generated\.ts$|\/_providers\.py$|\/package\.json$/;

const sources = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "apps", "packages", "scripts", "sdks"], {
  encoding: "utf8",
})
  .split("\n")
  .filter(
    (file) => /\.([cm]?[jt]sx?|lua|py|json|sh|toml|grit)$/.test(file) && !NOT_SOURCES.test(file) && file !== CONTRACT,
  );

/** The words of a line, in lower case: `createFalAdapter` has three, `FAL_KEY` two. */
const wordsOf = (line: string) => (line.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map((word) => word.toLowerCase());
const letters = (text: string) => text.toLowerCase().replace(/[^a-z]/g, "");
const LONGEST_NAME = 4;

/** A command of Redis. */
const NOT_A_NAME = '"CLUSTER", "REPLICATE"';

/** Whether some words in a row spell one of the names. */
function names(line: string, spelled: ReadonlySet<string>): boolean {
  const words = wordsOf(line.replace(NOT_A_NAME, ""));
  return words.some((_, at) =>
    Array.from({ length: LONGEST_NAME }, (_none, more) => words.slice(at, at + more + 1).join("")).some((text) =>
      spelled.has(text),
    ),
  );
}

function namesOf({ manifest }: Provider): Set<string> {
  const { name, title, keyVariable, baseUrlVariable, settingsVariable, callerKeyHeader, baseUrl, urls } = manifest;
  const hosts = [baseUrl, ...Object.values(urls).map((url) => url.default)].flatMap((url) =>
    url === null ? [] : [new URL(url).hostname.split(".").at(-2) ?? ""],
  );
  const all = [name, title, keyVariable, baseUrlVariable, settingsVariable, callerKeyHeader, ...hosts];
  return new Set(all.flatMap((one) => (one === null ? [] : [letters(one)])));
}

const without = (ids: string[], text: string) => ids.reduce((left, id) => left.replaceAll(id, ""), text);
const OWN = (name: string) => [`packages/providers/src/${name}/`, `packages/simulator/src/${name}/`];
/** A dialect is the API of a provider, and has its name; it has nothing to do with the provider's adapter. */
const DIALECTS = "apps/api/src/dialects/";

test.each(PROVIDERS.map((provider) => ({ name: provider.manifest.name, provider })))(
  "$name: is named only in its own folders and in the registry",
  ({ name, provider }) => {
    const own = [...OWN(name), "packages/providers/src/registry.ts", DIALECTS];
    const spelled = namesOf(provider);
    const modelIds = provider.models.map(({ id }) => id);
    const found = sources
      .filter((file) => !own.some((path) => file.startsWith(path)))
      .flatMap((file) =>
        (WITH_EXAMPLES.includes(file) ? without(modelIds, readFileSync(file, "utf8")) : readFileSync(file, "utf8"))
          .split("\n")
          .flatMap((line, index) => (names(line, spelled) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
      );
    expect(found).toEqual([]);
  },
);

test("names: finds a name in any spelling, and only as whole words", () => {
  const spelled = new Set(["fal", "openaivideos", "falkey"]);
  for (const line of ["falKey", "createFalAdapter", "FAL_KEY", "queues.fal", '"fal"', "https://queue.fal.run/x"])
    expect(names(line, spelled)).toBe(true);
  for (const line of ["openai-videos", "OPENAI_VIDEOS_BASE_URL", "createOpenAiVideosAdapter", "openAiVideos"])
    expect(names(line, spelled)).toBe(true);
  for (const line of ["false", "FALSE", "fallback", "default", "isFalsy", "openai", "videos"])
    expect(names(line, spelled)).toBe(false);
});

test("providers: each has a folder and a simulator, and one has the default model", () => {
  const folders = (parent: string) =>
    new Set(sources.flatMap((file) => new RegExp(`^${parent}/([a-z-]+)/`).exec(file)?.[1] ?? []));
  expect(PROVIDERS.filter(({ manifest }) => manifest.defaultModel !== null)).toHaveLength(1);
  for (const { manifest } of PROVIDERS) {
    expect(folders("packages/providers/src")).toContain(manifest.name);
    expect(folders("packages/simulator/src")).toContain(manifest.name);
  }
});
