/** What the entries of several families of Replicate's models share. */
import type { CatalogueEntry, Source } from "@visgate/shared/catalogue";

export const VIDEO = { provider: "replicate", mediaType: "video", category: "video generation" } as const;
export const IMAGE = { provider: "replicate", mediaType: "image", category: "image generation" } as const;
const seen = (inputs: string, price: string, seenAt: string): Source => ({ inputs, price, seenAt });
/** The inputs were read on Replicate's pages; the prices came from elsewhere. */
export const fromPages = (name: string, price: string) =>
  seen(`https://replicate.com/${name}/versions/{version}/api, and clients generated from it`, price, "2026-11-29");
/** A client that is generated from Replicate's schemas, of 2026-04-23. */
const NODETOOL = "github.com/nodetool-ai/nodetool-replicate, src/nodetool/nodes/replicate/{video,image}/generate.py";
export const fromNodetool = (price: string) => seen(NODETOOL, price, "2026-11-30");
export const noPrice = {
  price: { unit: "second", micro: null },
  source: fromNodetool("not known"),
} satisfies Partial<CatalogueEntry>;
export const noImagePrice = { ...noPrice, price: { unit: "image", micro: null } } satisfies Partial<CatalogueEntry>;
/** What Replicate billed on 2026-09-06. */
export const POLLINATIONS = "github.com/pollinations/pollinations/pull/14521";
