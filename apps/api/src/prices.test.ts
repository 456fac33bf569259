import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModels, type PricesResult } from "@visgate/providers";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Deps } from "./deps.js";
import { readPrices } from "./use-cases/read-prices.js";

const VEO = "fal-ai/veo3.1/fast";
const RUNWAY = "runway/gen4.5";

function catalogueWith(prices: Record<string, number>) {
  const folder = mkdtempSync(join(tmpdir(), "visgate-prices-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "models.json");
  const entries = Object.entries(prices).map(([id, micro]) => {
    const entry = structuredClone(loadModels().get(id));
    return entry && { ...entry, price: { ...entry.price, micro } };
  });
  writeFileSync(file, JSON.stringify(entries));
  return loadModels(file);
}

interface World {
  answer?: PricesResult | null;
  apiKey?: string | null;
  simulated?: boolean;
  own?: Record<string, number>;
}

async function report({ answer = null, apiKey = "the-key", simulated = false, own = {} }: World) {
  const asked: { provider: string; apiKey: string; endpoints: readonly string[] }[] = [];
  const askPrices: Deps["askPrices"] = async (provider, key, endpoints) => {
    asked.push({ provider, apiKey: key, endpoints });
    return answer;
  };
  const providers = new Map([["fal", { apiKey, simulated }]]);
  const settings = { providers } as unknown as Deps["settings"];
  const read = await readPrices({ catalogue: catalogueWith(own), askPrices, settings });
  const of = (model: string) => read.prices.filter((price) => price.model === model);
  return { ...read, of, asked, fal: read.providers.find(({ provider }) => provider === "fal") };
}

const listing = (endpoint: string, micro: number, unit = "second"): PricesResult => ({
  kind: "listed",
  prices: [{ endpoint, micro, unit, price: unit === "second" ? { unit, micro } : null }],
});

describe("with a key for a provider that has a list", () => {
  test("each endpoint is compared, and what is not listed is no difference", async () => {
    const { of, asked, fal, differences } = await report({ answer: listing(VEO, 150_000) });
    expect(fal).toEqual({ provider: "fal", compared_with: "provider", message: null });
    expect(of(VEO)).toMatchObject([
      { endpoint: VEO, result: "same", other: "$0.15 per second", source: "the provider's API" },
      { endpoint: `${VEO}/image-to-video`, result: "not_listed", other: null, source: null },
    ]);
    expect([asked.length, asked[0]?.apiKey, differences]).toEqual([1, "the-key", 0]);
    expect(asked[0]?.endpoints).toEqual([...new Set(asked[0]?.endpoints)]);
  });

  test("another price is a difference, another unit is not", async () => {
    const changed = await report({ answer: listing(VEO, 160_000) });
    expect([changed.differences, changed.of(VEO)[0]]).toMatchObject([
      ...[1, { result: "different", catalogue: "$0.10 per second, $0.15 with audio", other: "$0.16 per second" }],
    ]);
    const other = await report({ answer: listing(VEO, 160_000, "compute seconds") });
    expect([other.differences, other.of(VEO)[0]]).toMatchObject([
      ...[0, { result: "not_comparable", other: "$0.16 per compute seconds" }],
    ]);
  });

  test("says when the list is the simulator's", async () => {
    expect((await report({ answer: listing(VEO, 1), simulated: true })).fal?.message).toContain("simulator");
  });
});

describe("without an answer of the provider, its published figures are compared", () => {
  test.each([
    { what: "no key", world: { apiKey: null }, says: "FAL_KEY is not set" },
    { what: "a refused key", world: { answer: { kind: "refused" } }, says: "refuses the key of FAL_KEY" },
    { what: "an outage", world: { answer: { kind: "unavailable", cause: "HTTP 500" } }, says: "(HTTP 500)" },
  ] as { what: string; world: World; says: string }[])("$what", async ({ world, says }) => {
    const { fal, of, differences, asked } = await report(world);
    expect(fal).toMatchObject({ compared_with: "published", message: expect.stringContaining(says) });
    expect(of(VEO)).toMatchObject([{ endpoint: null, result: "same", seen_at: expect.stringMatching(/^20\d\d-/) }]);
    expect([differences, asked.length]).toEqual([0, world.apiKey === null ? 0 : 1]);
  });

  test("providers without a list are not asked, and CATALOGUE_FILE may differ from what was published", async () => {
    const { of, differences, asked } = await report({ apiKey: null, own: { [RUNWAY]: 1, [VEO]: 2 } });
    expect(asked).toEqual([]);
    expect(of(RUNWAY)).toMatchObject([{ provider: "runway", result: "different", source: expect.stringMatching(/./) }]);
    expect([of(VEO)[0]?.result, differences]).toEqual(["different", 2]);
  });
});
