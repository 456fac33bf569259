/** The providers' accounts: balances, and whether a key is accepted. */
import { PROVIDER_NAMES } from "@visgate/providers";
import { validateKeyAnswer } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { callerKeyHeaders, readCallerKeys } from "../http/caller-keys.js";
import { json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { balances, providerKey, providers } from "../openapi/schemas.js";
import { readBalances } from "../use-cases/read-balances.js";
import { readHealth } from "../use-cases/read-health.js";
import { validateKey } from "../use-cases/validate-key.js";

export const listProviders: Route = {
  docs: {
    operationId: "listProviders",
    summary: "How the providers are doing",
    description:
      "How submits and renders have ended in the last minutes, on the accounts that your generations use. A model that " +
      "fails several times in a row is in cool-down: requests with a fallback skip it, and others are sent as before.",
    tags: ["Providers"],
    responses: { 200: { description: "One entry per provider.", content: json(providers) } },
  },
  handler: (deps) => async (c) => answerJson(c, await readHealth(deps, c.get("apiKey").organization)),
};

export const getBalances: Route = {
  docs: {
    operationId: "listBalances",
    summary: "What is left at the providers",
    description:
      "What is left on the accounts that a generation would be billed to. Some providers do not say it: of those, only " +
      "whether they accept the key.",
    tags: ["Providers"],
    request: { headers: callerKeyHeaders },
    responses: { 200: { description: "One entry per provider.", content: json(balances) } },
  },
  handler: (deps) => async (c) =>
    answerJson(c, await readBalances(deps, c.get("apiKey").organization, readCallerKeys(c))),
};

export const validateKeyRoute: Route = {
  docs: {
    operationId: "validateProviderKey",
    summary: "Is a provider's key accepted?",
    description: "Asks the provider. Nothing is generated, billed or stored.",
    tags: ["Providers"],
    request: {
      body: {
        required: true,
        content: json(providerKey, { provider: PROVIDER_NAMES[0], api_key: "the-key-to-check" }),
      },
    },
    errors: ["PROVIDER_ERROR"],
    responses: { 200: { description: "What the provider says.", content: json(validateKeyAnswer) } },
  },
  handler: (deps) => async (c) => {
    const { provider, api_key } = validate(providerKey, await readJson(c));
    return answerJson(c, await validateKey(deps, provider, api_key));
  },
};
