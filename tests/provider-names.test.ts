/** A provider is one folder: no source file outside it names the provider. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { PROVIDERS } from "@visgate/providers";
import { expect, test } from "vitest";

/** The constructors of the Python SDK are exempt: their parameters are part of the contract and written by hand. */
const CONTRACT = "sdks/python/src/visgate_sdk/client.py";
const NOT_SOURCES = /\.test\.ts$|\/tests?\/|test-support\/|\.generated\.ts$|\/_providers\.py$|\/package\.json$/;

const sources = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "apps", "packages", "scripts", "sdks"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => /\.(ts|tsx|mjs|lua|py|json|grit)$/.test(file) && !NOT_SOURCES.test(file) && file !== CONTRACT);

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

test.each(PROVIDERS.map(({ manifest, models }) => ({ name: manifest.name, manifest, models })))(
  "$name: is named only in its own folders and in the registry",
  ({ name, manifest, models }) => {
    const isOwn = (file: string) => file.includes(`/${name}/`) || file === "packages/providers/src/registry.ts";
    const words = [name, name.replaceAll("-", "_"), manifest.title].map(escaped);
    const named = new RegExp(`(?<![A-Za-z])(${words.join("|")})(?![a-z])`, "i");
    // Model ids are removed first: a file may use one as an example, or as a default that the contract fixes.
    const ids = new RegExp([...models.map(({ id }) => id), manifest.presetModel ?? name].map(escaped).join("|"), "g");
    const found = sources
      .filter((file) => !isOwn(file))
      .flatMap((file) =>
        readFileSync(file, "utf8")
          .split("\n")
          .flatMap((line, index) =>
            named.test(line.replace(ids, "")) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
          ),
      );
    expect(found).toEqual([]);
  },
);

test("providers: each has a folder in packages/providers and a simulator in packages/simulator", () => {
  const folders = (parent: string) =>
    new Set(sources.flatMap((file) => new RegExp(`^${parent}/([a-z-]+)/`).exec(file)?.[1] ?? []));
  for (const { manifest } of PROVIDERS) {
    expect(folders("packages/providers/src")).toContain(manifest.name);
    expect(folders("packages/simulator/src")).toContain(manifest.name);
  }
});
