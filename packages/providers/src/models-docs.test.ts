import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catalogueModel } from "@visgate/shared/catalogue";
import { expect, test } from "vitest";
import { planFor } from "../../../tests/support/catalogue.js";
import { loadModels } from "./index.js";

const text = readFileSync(new URL("../../../docs/models.md", import.meta.url), "utf8");
const blockOf = (language: string) => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? "";

test("docs/models.md: the example file loads, and its models can be planned", () => {
  const folder = mkdtempSync(join(tmpdir(), "visgate-docs-"));
  try {
    const file = join(folder, "models.json");
    writeFileSync(file, blockOf("json"));
    const loaded = loadModels(file);
    expect(loaded.size).toBe(loadModels().size + 1);
    const kling = loaded.get("fal-ai/kling-video/v2.6/pro/image-to-video");
    const veo = loaded.get("fal-ai/veo3");
    if (kling === undefined || veo === undefined) throw new Error("not loaded");
    expect(planFor(kling, { image: true }).estimatedCostMicro).toBe(700_000);
    expect(planFor(veo).estimatedCostMicro).toBe(1_440_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("docs/models.md: the annotated entry is valid, and equals the built-in entry", () => {
  const withoutComments = blockOf("ts").replace(/ *\/\/.*$/gm, "");
  const entry = catalogueModel.parse(new Function(`return (${withoutComments})`)());
  const ours = loadModels().get(entry.id);
  const { image } = entry.variants;
  expect(ours).toMatchObject({ ...entry, variants: { image: { ...image, params: expect.anything() } } });
  expect(ours?.variants.image?.params["aspect_ratio"]).toEqual(image?.params["aspect_ratio"]);
});
