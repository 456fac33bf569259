import { expect, test } from "vitest";
import { catalogue, model } from "../../../../tests/support/catalogue.js";
import { priceText } from "./price-text.js";
import type { CatalogueModel } from "./schema.js";

test.each([
  { id: "fal-ai/veo3", text: "$0.20 per second, $0.40 with audio" },
  { id: "fal-ai/kling-video/v3/pro/text-to-video", text: "$0.112 per second, $0.168 with audio" },
  { id: "runway/gen4.5", text: "$0.12 per second" },
  { id: "fal-ai/flux/schnell", text: "$0.003 per megapixel" },
  { id: "fal-ai/bytedance/seedance/v1.5/pro/text-to-video", text: "$0.0012 per 1000 tokens, $0.0024 with audio" },
  { id: "replicate/black-forest-labs/flux-1.1-pro", text: "$0.04 per image" },
  { id: "runway/gen4_image", text: "$0.08 per image, $0.05 at 1280:720 and 5 other ratios" },
])("priceText: $id costs $text", ({ id, text }) => {
  expect(priceText(model(id).price)).toBe(text);
});

const rule = (micro: number, params: CatalogueModel["price"]["when"][number]["params"]) => ({ params, micro });
const PRICES: { price: CatalogueModel["price"]; text: string | null }[] = [
  { price: { unit: "video", micro: null, when: [] }, text: null },
  { price: { unit: "video", micro: 0, when: [] }, text: "$0.00 per video" },
  { price: { unit: "video", micro: 1_500_000, when: [] }, text: "$1.50 per video" },
  { price: { unit: "image", micro: 1, when: [] }, text: "$0.000001 per image" },
  { price: { unit: "second", micro: 12_000_000, when: [] }, text: "$12.00 per second" },
  {
    price: { unit: "second", micro: 400_000, when: [rule(200_000, { generate_audio: false })] },
    text: "$0.40 per second, $0.20 without audio",
  },
  {
    price: { unit: "second", micro: null, when: [rule(50_000, { resolution: "720p" }), rule(90_000, { mode: "pro" })] },
    text: "$0.05 per second at 720p, $0.09 with mode pro",
  },
  {
    price: { unit: "video", micro: 10_000, when: [rule(20_000, { resolution: ["1080p", "4k"], audio: true })] },
    text: "$0.01 per video, $0.02 at 1080p or 4k and with audio",
  },
  {
    price: {
      ...{ unit: "second", micro: 30_000 },
      when: ["a", "b", "c", "d"].map((style, index) => ({ params: { style }, micro: 20_000 * (index + 1) })),
    },
    text: "$0.02 to $0.08 per second",
  },
];
test.each(PRICES)("priceText: $price is $text", ({ price, text }) => {
  expect(priceText(price)).toBe(text);
});

test("priceText: every model with a price has one short line, with each of its prices or the lowest and the highest", () => {
  for (const { id, price } of catalogue.values()) {
    const text = priceText(price);
    const prices = price.when.length + (price.micro === null ? 0 : 1);
    expect(text === null, id).toBe(prices === 0);
    if (text === null) continue;
    expect(text, id).toMatch(
      /^\$\d+\.\d{2,6}( to \$\d+\.\d{2,6})? per (second|video|image|megapixel|1000 tokens)\b[ -~]*$/,
    );
    expect(text.length, id).toBeLessThan(100);
    expect(text.match(/\$/g), id).toHaveLength(prices > 4 ? 2 : prices);
  }
});
