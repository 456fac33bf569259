/** The provider keys of the caller's organization. */
import { CALLER_KEY_PROVIDERS } from "@visgate/providers";
import { actorOf } from "../http/actor.js";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { providerKeyParams } from "../openapi/params.js";
import { newProviderKey, providerKeys } from "../openapi/schemas.js";
import { deleteProviderKey, listProviderKeys, setProviderKey } from "../use-cases/manage-provider-keys.js";

const tags = ["Providers"];
const changeBy = (c: Ctx) => ({ organization: c.get("apiKey").organization, by: actorOf(c) });

export const listProviderKeysRoute: Route = {
  docs: {
    operationId: "listProviderKeys",
    summary: "List the provider keys of the organization",
    description: "Without the keys themselves, by provider.",
    tags,
    responses: { 200: { description: "The keys.", content: json(providerKeys) } },
  },
  handler: (deps) => async (c) => answerJson(c, await listProviderKeys(deps, c.get("apiKey").organization)),
};

export const setProviderKeyRoute: Route = {
  docs: {
    operationId: "setProviderKey",
    summary: "Store a provider key of the organization",
    description:
      "The organization's requests use it before the server's key, within a second; their mode is byok. It replaces " +
      "an earlier key. A key that the provider refuses is not stored.",
    tags,
    request: {
      body: {
        required: true,
        content: json(newProviderKey, { provider: CALLER_KEY_PROVIDERS[0], api_key: "the-key-to-store" }),
      },
    },
    responses: { 200: { description: "All keys of the organization.", content: json(providerKeys) } },
  },
  handler: (deps) => async (c) =>
    answerJson(c, await setProviderKey(deps, changeBy(c), validate(newProviderKey, await readJson(c)))),
};

export const deleteProviderKeyRoute: Route = {
  docs: {
    operationId: "deleteProviderKey",
    summary: "Remove a provider key of the organization",
    description: "New requests do without it within a second. Requests that were submitted with it still use it.",
    tags,
    request: { params: providerKeyParams },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "The keys that are left.", content: json(providerKeys) } },
  },
  handler: (deps) => async (c) =>
    answerJson(c, await deleteProviderKey(deps, changeBy(c), c.req.param("provider") ?? "")),
};
