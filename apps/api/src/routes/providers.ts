/** The providers' accounts: balances, and whether a key is accepted. */
import { PROVIDER_NAMES } from "@visgate/providers";
import { balancesAnswer, validateKeyAnswer, validateKeyBody } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { callerKeyHeaders, readCallerKeys } from "../http/caller-keys.js";
import { json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { readBalances } from "../use-cases/read-balances.js";
import { validateKey } from "../use-cases/validate-key.js";

const keyBody = validateKeyBody(PROVIDER_NAMES);

export const getBalances: Route = {
  docs: {
    summary: "What is left at the providers",
    description:
      "What is left on each account. Some providers do not say it: of those, only whether they accept the key.",
    tags: ["Providers"],
    request: { headers: callerKeyHeaders },
    responses: { 200: { description: "One entry per provider.", content: json(balancesAnswer(PROVIDER_NAMES)) } },
  },
  handler: (deps) => async (c) => answerJson(c, await readBalances(deps, readCallerKeys(c))),
};

export const validateKeyRoute: Route = {
  docs: {
    summary: "Is a provider's key accepted?",
    description: "Asks the provider. Nothing is generated, billed or stored.",
    tags: ["Providers"],
    request: { body: { required: true, content: json(keyBody) } },
    responses: { 200: { description: "What the provider says.", content: json(validateKeyAnswer) } },
  },
  handler: (deps) => async (c) => {
    const { provider, api_key } = validate(keyBody, await readJson(c));
    return answerJson(c, await validateKey(deps, provider, api_key));
  },
};
