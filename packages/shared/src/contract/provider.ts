/** Accounts at the providers: balances, whether a key is accepted, and the keys that organizations store. */
import { z } from "zod";
import { modelId, time } from "./formats.js";

/** The names of the providers, for the schemas that contain them. */
export type ProviderNames = readonly [string, ...string[]];

const simulated = z
  .boolean()
  .describe("The provider is the simulator of this server, so this is not about a real account.");

export const balancesAnswer = (providers: ProviderNames) =>
  z.object({
    balances: z.array(
      z.object({
        provider: z.enum(providers),
        configured: z
          .boolean()
          .describe("There is a key: one in the call, the organization's stored one, or the server's."),
        available: z.boolean().describe("The provider accepts the key."),
        limit: z.number().nullable(),
        remaining: z.number().nullable(),
        currency: z.string().nullable().describe("USD, or the credits of the provider."),
        message: z.string().nullable(),
        simulated,
      }),
    ),
  });
export type BalancesAnswer = z.infer<ReturnType<typeof balancesAnswer>>;
export type BalanceView = BalancesAnswer["balances"][number];

const health = {
  requests: z.int().nonnegative().describe("Submits and renders that ended in the last 10 minutes."),
  errors: z
    .int()
    .nonnegative()
    .describe("Those that ended by the provider's fault: not the content policy, wrong inputs or cancels."),
  error_rate: z.number().min(0).max(1).nullable().describe("Null without requests."),
  lateness: z
    .number()
    .nullable()
    .describe("How long renders took, in usual times: 1 is as usual, 2 twice as long. Null without any."),
  p50_latency_ms: z
    .int()
    .nonnegative()
    .nullable()
    .describe(
      "Half of the renders that ended in the last 10 minutes took at most this long; to about 3 %. Null without any.",
    ),
  p95_latency_ms: z.int().nonnegative().nullable().describe("The same for 95 % of them."),
};

/** `GET /providers`. */
export const providersAnswer = (providers: ProviderNames) =>
  z.object({
    providers: z.array(
      z.object({
        provider: z.enum(providers),
        account: z
          .enum(["server", "organization"])
          .nullable()
          .describe("Whose key your requests use: the server's or your organization's. Null: there is none."),
        health: z.object(health).describe("Of this account, by all who use it."),
        models: z.array(
          z.object({
            model: modelId,
            ...health,
            cooling_until: time
              .nullable()
              .describe("It failed several times in a row: until then, requests with a fallback skip it."),
          }),
        ),
        simulated,
      }),
    ),
  });
export type ProvidersAnswer = z.infer<ReturnType<typeof providersAnswer>>;
export type ProviderView = ProvidersAnswer["providers"][number];

const keyBody = (providers: ProviderNames) =>
  z.strictObject({
    provider: z.enum(providers),
    api_key: z
      .string()
      .min(1)
      .max(500)
      .regex(/^[!-~]+$/, "must be printable ASCII without spaces"),
  });

export const validateKeyBody = keyBody;
export const validateKeyAnswer = z.object({ valid: z.boolean(), message: z.string(), simulated });
export type ValidateKeyAnswer = z.infer<typeof validateKeyAnswer>;

/** `providers`: those that take the keys of callers. */
export const newProviderKey = keyBody;
export type NewProviderKey = z.infer<ReturnType<typeof newProviderKey>>;

export const providerKeysAnswer = (providers: ProviderNames) =>
  z.object({
    keys: z.array(
      z.object({
        provider: z.enum(providers),
        validated: z.boolean().describe("The provider accepted the key. False: it could not be asked."),
        validated_at: time.nullable(),
        masked_key: z.string().describe("**** and the end of the key: up to four characters, at most a quarter of it."),
        simulated,
      }),
    ),
  });
export type ProviderKeysAnswer = z.infer<ReturnType<typeof providerKeysAnswer>>;
export type ProviderKeyView = ProviderKeysAnswer["keys"][number];

const renewals = z.object({
  changed: z.int().describe("Encrypted with the first secret just now."),
  unchanged: z.int().describe("Encrypted with the first secret before."),
  unreadable: z.int().describe("Encrypted with a secret that this server does not have; left as they are."),
});
export const secretRotation = z.object({
  provider_keys: renewals.describe("The provider keys that organizations store."),
  webhook_secrets: renewals.describe("The secrets of webhook endpoints."),
  request_keys: renewals.describe("The provider keys of open requests."),
});
export type SecretRotation = z.infer<typeof secretRotation>;
