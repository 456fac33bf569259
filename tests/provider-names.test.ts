/** A provider is one folder: no source file outside it names the provider. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { PROVIDERS } from "@visgate/providers";
import { expect, test } from "vitest";

/** The constructors of the Python SDK: their signature is part of the contract, and Python cannot derive a signature. */
const CONTRACT = "sdks/python/src/visgate_sdk/client.py";
const NOT_SOURCES = /\.test\.ts$|\/tests?\/|test-support\/|\.generated\.ts$|\/_providers\.py$|\/package\.json$/;

const sources = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "apps", "packages", "scripts", "sdks"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => /\.(ts|tsx|mjs|lua|py|json|grit)$/.test(file) && !NOT_SOURCES.test(file) && file !== CONTRACT);

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

test.each(PROVIDERS.map(({ manifest, models }) => ({ name: manifest.name, manifest, models })))(
  "$name: stands in its own folders, in the registry and nowhere else",
  ({ name, manifest, models }) => {
    const isOwn = (file: string) => file.includes(`/${name}/`) || file === "packages/providers/src/registry.ts";
    const words = [name, name.replaceAll("-", "_"), manifest.title].map(escaped);
    const named = new RegExp(`(?<![A-Za-z])(${words.join("|")})(?![a-z])`, "i");
    // A model's id is not a provider's name: it may be an example, and a default that the contract fixes.
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

test("every provider has a simulated one, and no folder is without its provider", () => {
  const folders = (parent: string) =>
    new Set(sources.flatMap((file) => new RegExp(`^${parent}/([a-z-]+)/`).exec(file)?.[1] ?? []));
  for (const { manifest } of PROVIDERS) {
    expect(folders("packages/providers/src")).toContain(manifest.name);
    expect(folders("packages/simulator/src")).toContain(manifest.name);
  }
});
