/** GET /admin/prices, for `visgate admin prices`. */
import { z } from "zod";
import type { ProviderNames } from "./provider.js";

export const pricesReport = (providers: ProviderNames) =>
  z.object({
    providers: z.array(
      z.object({
        provider: z.enum(providers),
        compared_with: z
          .enum(["provider", "published"])
          .describe("provider: the price list of the provider's API; published: the figures that this version has."),
        message: z.string().nullable().describe("Why it is not the provider's list, or that the list is simulated."),
      }),
    ),
    prices: z.array(
      z.object({
        model: z.string(),
        provider: z.enum(providers),
        endpoint: z
          .string()
          .nullable()
          .describe("The provider's endpoint; null for published figures, which are by model."),
        result: z
          .enum(["same", "different", "not_comparable", "not_listed"])
          .describe(
            "not_comparable: in different units. not_listed: the provider lists no price, or none was published.",
          ),
        catalogue: z.string().nullable().describe("The price in the catalogue; null when it is not known."),
        other: z.string().nullable().describe("The price that it is compared with."),
        source: z.string().nullable().describe("Where that price is from."),
        seen_at: z.iso.date().nullable().describe("When a published figure was seen."),
      }),
    ),
    differences: z.int().nonnegative().describe("How many prices are different."),
  });
export type PricesReport = z.infer<ReturnType<typeof pricesReport>>;
