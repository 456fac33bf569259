/** API keys of the caller's organization. */
import { apiKeyDeleted, apiKeyList, apiKeyWithSecret, createApiKeyBody } from "@visgate/shared/contract";
import { actorOf } from "../http/actor.js";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { linksTo } from "../openapi/links.js";
import { apiKeyParams } from "../openapi/params.js";
import { createApiKey, deleteApiKey, listApiKeys } from "../use-cases/manage-api-keys.js";

const tags = ["Organization"];
const NEW_KEY = { name: "ci", scopes: ["generate", "read"] };

export const createApiKeyRoute: Route = {
  docs: {
    operationId: "createApiKey",
    summary: "Create an API key",
    description: "Only this answer shows the key. It gives no more than the calling key has itself.",
    tags,
    request: { body: { required: true, content: json(createApiKeyBody, NEW_KEY) } },
    responses: {
      201: {
        description: "Created.",
        content: json(apiKeyWithSecret),
        links: linksTo(["deleteApiKey"], { id: "$response.body#/id" }),
      },
    },
  },
  handler: (deps) => async (c) => {
    const body = validate(createApiKeyBody, await readJson(c));
    const grants = c.get("apiKey");
    return answerJson(
      c,
      await createApiKey(deps, { organization: grants.organization, by: actorOf(c), grants, body }),
      201,
    );
  },
};

export const listApiKeysRoute: Route = {
  docs: {
    operationId: "listApiKeys",
    summary: "List API keys",
    description: "All keys of the organization, without the keys themselves, oldest first.",
    tags,
    responses: { 200: { description: "The keys.", content: json(apiKeyList) } },
  },
  handler: (deps) => async (c) => answerJson(c, await listApiKeys(deps, c.get("apiKey").organization)),
};

export const deleteApiKeyRoute: Route = {
  docs: {
    operationId: "deleteApiKey",
    summary: "Revoke an API key",
    description: "It stops working within a second. Requests that it submitted go on.",
    tags,
    request: { params: apiKeyParams },
    errors: ["NOT_FOUND", "FORBIDDEN"],
    responses: { 200: { description: "Revoked.", content: json(apiKeyDeleted) } },
  },
  handler: (deps) => async (c) => {
    const id = c.req.param("id") ?? "";
    await deleteApiKey(deps, { organization: c.get("apiKey").organization, id, by: actorOf(c) });
    return answerJson(c, { id, deleted: true });
  },
};
