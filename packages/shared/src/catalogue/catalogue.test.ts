import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModels, PROVIDER_NAMES, PROVIDERS } from "@visgate/providers";
import { afterAll, describe, expect, test } from "vitest";
import { GOOD_ENTRY } from "../../../../tests/support/catalogue.js";
import { loadCatalogue, type ModelSource } from "./catalogue.js";
import type { CatalogueEntry } from "./schema.js";

const BUILT_IN_MODELS: readonly CatalogueEntry[] = PROVIDERS.flatMap(({ models }) => models);
const folder = mkdtempSync(join(tmpdir(), "visgate-catalogue-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function fileWith(text: string): string {
  const path = join(folder, `${++files}.json`);
  writeFileSync(path, text);
  return path;
}
const fileOf = (entries: unknown) => fileWith(JSON.stringify(entries));

/** The lines of the error. The built-in models have no fault, so a test of faults brings its own entries. */
function linesOf({ entries, file }: { entries?: unknown[]; file?: string }): string[] {
  const own = PROVIDERS.map(({ manifest }, index) => ({ manifest, models: index === 0 ? entries : [] }));
  try {
    loadCatalogue({ sources: entries === undefined ? PROVIDERS : (own as ModelSource[]), file });
  } catch (error) {
    return (error as Error).message.split("\n");
  }
  throw new Error("the catalogue was accepted");
}

describe("the built-in models", () => {
  test("are loaded, each under its id", () => {
    expect([...loadModels().keys()]).toEqual(BUILT_IN_MODELS.map(({ id }) => id));
  });

  test("report every fault on a line of its own, with number, id and field", () => {
    const entries = [
      GOOD_ENTRY,
      { ...GOOD_ENTRY, id: "Bad Id", usualSeconds: 0 },
      { ...GOOD_ENTRY, id: "a", price: { unit: "hour", micro: 1.5 } },
      { ...GOOD_ENTRY, id: "b", addedAt: "yesterday", suprise: true },
      null,
      GOOD_ENTRY,
    ];
    const [head, ...lines] = linesOf({ entries });
    expect(head).toBe("The model catalogue is wrong:");
    expect(lines).toEqual([
      expect.stringMatching(/^model 2 \(Bad Id\): id: ./),
      expect.stringMatching(/^model 2 \(Bad Id\): usualSeconds: ./),
      expect.stringMatching(/^model 3 \(a\): price\.unit: ./),
      expect.stringMatching(/^model 3 \(a\): price\.micro: ./),
      expect.stringMatching(/^model 4 \(b\): addedAt: ./),
      expect.stringMatching(/^model 4 \(b\): .*suprise/),
      expect.stringMatching(/^model 5: ./),
      "model 6 (my/model): id: is already the id of an earlier entry",
    ]);
  });
});

describe("the operator's file", () => {
  test("adds models, and replaces built-in models with the same id", () => {
    const veo = { ...GOOD_ENTRY, id: "fal-ai/veo3", name: "Our Veo" };
    const loaded = loadModels(fileOf([GOOD_ENTRY, veo]));
    expect(loaded.size).toBe(BUILT_IN_MODELS.length + 1);
    expect(loaded.get("my/model")?.name).toBe("My model");
    expect(loaded.get("fal-ai/veo3")?.name).toBe("Our Veo");
    expect(loaded.get("fal-ai/veo3.1")?.name).toBe("Veo 3.1");
  });

  test("may be empty, and may begin with a byte order mark", () => {
    expect(loadModels(fileOf([])).size).toBe(BUILT_IN_MODELS.length);
    expect(loadModels(fileWith(`\uFEFF${JSON.stringify([GOOD_ENTRY])}`)).has("my/model")).toBe(true);
  });

  test.each([
    {
      what: "is not there",
      path: join(folder, "none.json"),
      says: /^CATALOGUE_FILE \/.*none\.json cannot be read: ENOENT/,
    },
    { what: "is a folder", path: folder, says: /^CATALOGUE_FILE \/.* cannot be read: EISDIR/ },
    { what: "is empty", path: fileWith(""), says: /^CATALOGUE_FILE \/.* is not JSON: / },
    { what: "is not JSON", path: fileWith('[\n  {"id":\n oops}\n]'), says: /^CATALOGUE_FILE \/.* is not JSON: / },
    {
      what: "is not a list",
      path: fileOf({ id: "x" }),
      says: /^CATALOGUE_FILE \/.* must hold a JSON list of models, or /,
    },
  ])("that $what is an error of one line", ({ path, says }) => {
    const lines = linesOf({ file: path });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(says);
  });

  test("reports every fault of every entry on a line of its own", () => {
    const { endpoint: _, ...withoutEndpoint } = GOOD_ENTRY.variants.text;
    const [head, ...lines] = linesOf({
      file: fileOf([
        { ...GOOD_ENTRY, id: "my/other", provider: "openai" },
        { ...GOOD_ENTRY, variants: { text: withoutEndpoint }, price: { unit: "second", micro: -1 } },
        "veo",
        GOOD_ENTRY,
        GOOD_ENTRY,
      ]),
    });
    expect(head).toBe("The model catalogue is wrong:");
    expect(lines).toEqual([
      `CATALOGUE_FILE entry 1 (my/other): provider: must be one of ${PROVIDER_NAMES.join(", ")}`,
      expect.stringMatching(/^CATALOGUE_FILE entry 2 \(my\/model\): variants\.text\.endpoint: ./),
      expect.stringMatching(/^CATALOGUE_FILE entry 2 \(my\/model\): price\.micro: ./),
      expect.stringMatching(/^CATALOGUE_FILE entry 3: ./),
      "CATALOGUE_FILE entry 5 (my/model): id: is already the id of an earlier entry",
    ]);
  });
});

describe("a model's provider", () => {
  const withEndpoint = (provider: string, endpoint: string) => ({
    ...GOOD_ENTRY,
    provider,
    variants: { text: { ...GOOD_ENTRY.variants.text, endpoint } },
  });

  test.each([
    { provider: "fal", endpoint: "a b/../x?y=1#", title: "fal" },
    { provider: "fal", endpoint: "../storage/x", title: "fal" },
    { provider: "replicate", endpoint: "noslash", title: "Replicate" },
    { provider: "runway", endpoint: "not_a_task", title: "Runway" },
  ])("$provider has no endpoint named $endpoint", ({ provider, endpoint, title }) => {
    const [, ...lines] = linesOf({ file: fileOf([withEndpoint(provider, endpoint)]) });
    expect(lines).toEqual([
      `CATALOGUE_FILE entry 1 (my/model): variants.text.endpoint: is not an endpoint name of ${title}`,
    ]);
  });
});

describe("routes", () => {
  const load = (content: unknown) => loadCatalogue({ sources: PROVIDERS, file: fileOf(content) });
  const VIDEOS = ["fal-ai/veo3", "replicate/google/veo-3"];

  test("are read beside models, and may name models of the file", () => {
    const routes = [
      { id: "cheap", models: [...VIDEOS, "my/model"], prefer: "price" },
      { id: "plain", models: VIDEOS },
    ];
    const catalogue = load({ models: [GOOD_ENTRY], routes });
    expect(catalogue.has("my/model")).toBe(true);
    expect([...catalogue.routes.values()]).toEqual([
      { id: "cheap", models: [...VIDEOS, "my/model"], prefer: "price", mediaType: "video" },
      { id: "plain", models: VIDEOS, prefer: "order", mediaType: "video" },
    ]);
    expect(load([]).routes.size).toBe(0);
  });

  test("report every fault on a line of its own", () => {
    const routes = [
      { id: "a", models: ["no/such"] },
      { id: "b", models: [VIDEOS[0], VIDEOS[0]] },
      { id: "c", models: [VIDEOS[0], "fal-ai/flux/schnell"] },
      { id: VIDEOS[0], models: VIDEOS },
      { id: "d", models: VIDEOS, prefer: "luck" },
      { id: "e", models: [] },
      { id: "f", models: VIDEOS },
      { id: "f", models: VIDEOS },
    ];
    const [, ...lines] = linesOf({ file: fileOf({ routes }) });
    expect(lines).toEqual([
      "CATALOGUE_FILE route 1 (a): models: there is no model no/such",
      "CATALOGUE_FILE route 2 (b): models: has a model twice",
      "CATALOGUE_FILE route 3 (c): models: must all make videos, or all make images",
      "CATALOGUE_FILE route 4 (fal-ai/veo3): id: is the id of a model",
      expect.stringMatching(/^CATALOGUE_FILE route 5 \(d\): prefer: ./),
      expect.stringMatching(/^CATALOGUE_FILE route 6 \(e\): models: ./),
      "CATALOGUE_FILE route 8 (f): id: is already the id of an earlier route",
    ]);
  });

  test.each([7, null, { models: {} }, { models: [], more: [] }])("a file that holds %j is refused", (content) => {
    expect(linesOf({ file: fileOf(content) })[0]).toContain('or {"models": [...], "routes": [...]}');
  });
});
