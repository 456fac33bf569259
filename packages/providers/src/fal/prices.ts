/** fal's prices, on its platform API (fal.ai/docs/platform-apis, v1/models/pricing): one price for each endpoint. */
import type { PriceUnit } from "@visgate/shared/catalogue";
import { z } from "zod";
import type { AdapterOptions, Call, ListedPrice, PricesResult } from "../port.js";
import { readPage } from "../sdk-call/call.js";
import { okAnswer } from "../sdk-call/one-shot.js";
import { unavailable } from "../sdk-call/results.js";

/** fal takes up to 50 endpoints in one call. */
const BATCH = 50;
const MAX_PAGES = 20;

const pageBody = z.object({
  prices: z.array(z.unknown()),
  next_cursor: z.string().nullish(),
  has_more: z.boolean().nullish(),
});
const listed = z.object({
  endpoint_id: z.string(),
  unit_price: z.number().nonnegative(),
  unit: z.string(),
  currency: z.string().default("USD"),
});

type Failed = Exclude<PricesResult, { kind: "listed" }>;

export async function pricesAtFal(options: AdapterOptions, endpoints: readonly string[], call: Call) {
  const platformUrl = options.urls["platform"] ?? null;
  if (platformUrl === null) return { kind: "unavailable", cause: "no platform URL" } satisfies PricesResult;
  const prices: ListedPrice[] = [];
  for (let from = 0; from < endpoints.length; from += BATCH) {
    const batch = endpoints.slice(from, from + BATCH);
    const read = await readBatch(options, `${platformUrl}/models/pricing`, batch, call);
    if (!Array.isArray(read)) return read;
    prices.push(...read);
  }
  return { kind: "listed", prices } satisfies PricesResult;
}

/** A single endpoint that fal does not know may spoil the answer for all, so a 404 is asked again in halves. */
async function readBatch(
  options: AdapterOptions,
  url: string,
  batch: readonly string[],
  call: Call,
): Promise<ListedPrice[] | Failed> {
  const read = await readPages(options, url, batch, call);
  if (read !== "unknown") return read;
  if (batch.length === 1) return [];
  const half = Math.ceil(batch.length / 2);
  const prices: ListedPrice[] = [];
  for (const part of [batch.slice(0, half), batch.slice(half)]) {
    const found = await readBatch(options, url, part, call);
    if (!Array.isArray(found)) return found;
    prices.push(...found);
  }
  return prices;
}

async function readPages(
  { fetch, now }: AdapterOptions,
  url: string,
  batch: readonly string[],
  { apiKey, signal }: Call,
): Promise<ListedPrice[] | "unknown" | Failed> {
  const prices: ListedPrice[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const query = new URLSearchParams(batch.map((endpoint): [string, string] => ["endpoint_id", endpoint]));
    if (cursor !== null) query.set("cursor", cursor);
    const headers = { authorization: `Key ${apiKey}` };
    const sent = await readPage(fetch, (once) => once(`${url}?${query}`, { headers, signal }));
    if (sent.kind === "answered" && sent.answer.status === 404) return "unknown";
    if (sent.kind === "answered" && [401, 403].includes(sent.answer.status)) return { kind: "refused" };
    const { data } = pageBody.safeParse(okAnswer(sent)?.body);
    if (data === undefined) return { kind: "unavailable", cause: unavailable(sent, now()).cause };
    prices.push(...data.prices.flatMap(priceIn));
    cursor = data.has_more === false ? null : data.next_cursor || null;
    if (cursor === null) return prices;
  }
  return { kind: "unavailable", cause: "the list is too long" };
}

function priceIn(item: unknown): ListedPrice[] {
  const { data } = listed.safeParse(item);
  if (data === undefined) return [];
  const { endpoint_id: endpoint, unit_price: amount, unit, currency } = data;
  const micro = currency === "USD" ? amount * 1_000_000 : null;
  const known = micro === null ? null : knownUnit(unit);
  return [
    {
      endpoint,
      micro: micro === null ? null : Math.round(micro),
      unit: currency === "USD" ? unit : `${unit} in ${currency}`,
      price: known === null || micro === null ? null : { unit: known.unit, micro: Math.round(micro / known.units) },
    },
  ];
}

/** Our unit of each of fal's, and how many of fal's it has. */
const UNITS: ReadonlyMap<string, { unit: PriceUnit; has: number }> = new Map([
  ["second", { unit: "second", has: 1 }],
  ["megapixel", { unit: "megapixel", has: 1 }],
  ["processed megapixel", { unit: "megapixel", has: 1 }],
  ["image", { unit: "image", has: 1 }],
  ["video", { unit: "video", has: 1 }],
  ["token", { unit: "thousand_tokens", has: 1000 }],
]);

/** fal writes `image`, `images`, or several, as `5 seconds`. */
function knownUnit(text: string): { unit: PriceUnit; units: number } | null {
  const [, count = "1", name = ""] = /^(?:(\d{1,7}) )?(.+?)s?$/.exec(text.trim().toLowerCase()) ?? [];
  const known = UNITS.get(name);
  return known === undefined || Number(count) === 0 ? null : { unit: known.unit, units: Number(count) / known.has };
}
