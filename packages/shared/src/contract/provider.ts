/** Providers' accounts: balances and keys. */
import { z } from "zod";
import { PROVIDER_NAMES } from "../catalogue/providers.js";

export const balancesAnswer = z.object({
  balances: z.array(
    z.object({
      provider: z.enum(PROVIDER_NAMES),
      configured: z.boolean().describe("There is a key, the server's or the one sent along."),
      available: z.boolean().describe("The provider accepts it."),
      limit: z.number().nullable(),
      remaining: z.number().nullable(),
      currency: z.string().nullable().describe("USD, or the provider's credits."),
      message: z.string().nullable(),
    }),
  ),
});
export type BalancesAnswer = z.infer<typeof balancesAnswer>;
export type BalanceView = BalancesAnswer["balances"][number];

export const validateKeyBody = z.strictObject({
  provider: z.enum(PROVIDER_NAMES),
  api_key: z
    .string()
    .min(1)
    .max(500)
    .refine((key) => /^[\x21-\x7e]+$/.test(key), "must be printable ASCII without spaces"),
});

export const validateKeyAnswer = z.object({ valid: z.boolean(), message: z.string() });
export type ValidateKeyAnswer = z.infer<typeof validateKeyAnswer>;
