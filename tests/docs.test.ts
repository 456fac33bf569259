/** The documents name only files, variables, providers and calls that exist. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { PROVIDERS } from "@visgate/providers";
import { limitVariablesOf, type ProviderManifest } from "@visgate/shared/catalogue";
import { describe, expect, test } from "vitest";
import { DIALECTS } from "../apps/api/src/dialects/index.js";

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { encoding: "utf8" }).split("\n");

/** Whether a file or folder exists. A placeholder like `<name>` stands for any name of a file or folder. */
function exists(path: string): boolean {
  const literal = path.replace(/\/$/, "").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`^${literal.replace(/<[^>]+>/g, "[^/]+")}(/|$)`);
  return tracked.some((file) => pattern.test(file));
}

const PATH = /`((?:apps|packages|scripts|tests|docs|sdks|bench|deploy|lint|examples)\/[^`\s]*)`/g;
const DOCUMENTS = ["CONTRIBUTING.md", "README.md", ...tracked.filter((file) => /^docs\/[^/]+\.md$/.test(file))];

test.each(DOCUMENTS)("%s: every path that it names exists", (document) => {
  const named = [...read(document).matchAll(PATH)].map(([, path = ""]) => path);
  expect(named.filter((path) => !exists(path))).toEqual([]);
});

const statedEnds = ({ statesCost }: ProviderManifest) =>
  Object.entries(statesCost).flatMap(([end, isStated]) => (isStated ? [end] : []));

describe("providers", () => {
  test("docs/providers.md: its table equals the provider.json files", () => {
    const rows = PROVIDERS.map(({ manifest: one }) => {
      const further = [one.settingsVariable, ...Object.values(one.urls).map(({ variable }) => variable)];
      const cells = [
        `\`${one.name}\``,
        `\`${one.keyVariable}\`${one.isKeyRequired ? "" : ", optional"}`,
        `\`${one.baseUrlVariable}\`${one.baseUrl === null ? "" : ` (${one.baseUrl})`}`,
        further.flatMap((name) => (name === null ? [] : [`\`${name}\``])).join(", ") || "none",
        one.callerKeyHeader === null ? "no" : `\`${one.callerKeyHeader}\``,
        one.reports ? "yes" : "no",
        statedEnds(one).join(", ") || "nothing",
        one.listsJobs ? "yes" : "no",
      ];
      return `| ${cells.join(" | ")} |`;
    });
    const table = read("docs/providers.md").match(/^\| `.*\|$/gm);
    expect(table).toEqual(rows);
  });

  test(".env.example: has every variable of every provider", () => {
    const example = read(".env.example");
    const variables = PROVIDERS.flatMap(({ manifest: one }) => [
      ...[one.keyVariable, one.baseUrlVariable, ...(one.settingsVariable === null ? [] : [one.settingsVariable])],
      ...Object.values(one.urls).map(({ variable }) => variable),
      ...Object.values(limitVariablesOf(one)),
    ]);
    expect(variables.filter((name) => !example.includes(`#${name}=`))).toEqual([]);
  });
});

describe("dialects", () => {
  const sections = new Map(
    read("docs/dialects.md")
      .split(/^## /m)
      .map((text) => [text.split("\n", 1)[0]?.toLowerCase() ?? "", text]),
  );

  /** As "POST /files"; after the first call of a row, the method may be left out. */
  function callsIn(row: string): string[] {
    let method = "";
    return [...row.matchAll(/`(?:([A-Z]+) )?(\/[^`?]*)[^`]*`/g)].map(([, named = method, path = ""]) => {
      method = named;
      return `${method} ${path}`;
    });
  }

  test.each(DIALECTS.filter(({ name }) => sections.get(name)?.includes("| call |")))(
    "docs/dialects.md: the table of $name has all of its calls, and no others",
    ({ name, routes }) => {
      const rows = (sections.get(name) ?? "").match(/^\| `.*$/gm) ?? [];
      const calls = rows.flatMap((row) => callsIn(row.split(" | ", 1)[0] ?? ""));
      const expected = routes
        .filter(([, , access]) => access !== "signed-url")
        .map(([method, path]) => `${method} ${path}`);
      expect(calls.toSorted()).toEqual(expected.toSorted());
    },
  );

  test("openai, replicate and runway have such a table", () => {
    const named = [...sections].flatMap(([name, text]) => (text.includes("| call |") ? [name] : []));
    expect(named.toSorted()).toEqual(["openai", "replicate", "runway"]);
  });
});
