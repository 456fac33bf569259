/** GET /providers/balances and POST /providers/validate. */
import { PROVIDER_NAMES } from "@visgate/providers";
import { balancesAnswer, validateKeyAnswer, validateKeyBody } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { callerKeyHeaders, readCallerKeys } from "../http/caller-keys.js";
import { json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { readBalances, validateKey } from "../use-cases/provider-accounts.js";

const keyBody = validateKeyBody(PROVIDER_NAMES);

export const getBalances: Route = {
  method: "get",
  path: "/providers/balances",
  auth: "key",
  docs: {
    summary: "What is left at the providers",
    description: "What is left where the provider tells it; of the others only whether they accept the key.",
    tags: ["Providers"],
    request: { headers: callerKeyHeaders },
    responses: { 200: { description: "One entry per provider.", content: json(balancesAnswer(PROVIDER_NAMES)) } },
  },
  handler: (deps) => async (c) => answerJson(c, await readBalances(deps, readCallerKeys(c))),
};

export const validateProviderKey: Route = {
  method: "post",
  path: "/providers/validate",
  auth: "key",
  docs: {
    summary: "Is a provider's key accepted?",
    description: "Asks the provider; nothing is generated, billed or kept.",
    tags: ["Providers"],
    request: { body: { required: true, content: json(keyBody) } },
    responses: { 200: { description: "What the provider says.", content: json(validateKeyAnswer) } },
  },
  handler: (deps) => async (c) => {
    const { provider, api_key } = validate(keyBody, await readJson(c));
    return answerJson(c, await validateKey(deps, provider, api_key));
  },
};
