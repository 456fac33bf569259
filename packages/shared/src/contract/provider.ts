/** Accounts at the providers: balances, and whether a key is accepted. */
import { z } from "zod";

/** The names of the providers, for the schemas that contain them. */
export type ProviderNames = readonly [string, ...string[]];

export const balancesAnswer = (providers: ProviderNames) =>
  z.object({
    balances: z.array(
      z.object({
        provider: z.enum(providers),
        configured: z.boolean().describe("There is a key: the server's, or one in the call."),
        available: z.boolean().describe("The provider accepts the key."),
        limit: z.number().nullable(),
        remaining: z.number().nullable(),
        currency: z.string().nullable().describe("USD, or the credits of the provider."),
        message: z.string().nullable(),
      }),
    ),
  });
export type BalancesAnswer = z.infer<ReturnType<typeof balancesAnswer>>;
export type BalanceView = BalancesAnswer["balances"][number];

export const validateKeyBody = (providers: ProviderNames) =>
  z.strictObject({
    provider: z.enum(providers),
    api_key: z
      .string()
      .min(1)
      .max(500)
      .regex(/^[!-~]+$/, "must be printable ASCII without spaces"),
  });

export const validateKeyAnswer = z.object({ valid: z.boolean(), message: z.string() });
export type ValidateKeyAnswer = z.infer<typeof validateKeyAnswer>;
