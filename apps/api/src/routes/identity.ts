/** The organization of an API key, and the secret that signs its webhooks. */
import { identity, webhookSecret } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { json, type Route } from "../http/route.js";

export const getIdentity: Route = {
  docs: {
    operationId: "getIdentity",
    summary: "The organization of this key",
    description: "Says which organization the key belongs to, so it also checks the key.",
    tags: ["System"],
    responses: { 200: { description: "The organization.", content: json(identity) } },
  },
  handler: () => (c) => {
    const { id, name } = c.get("organization");
    const { id: keyId, name: keyName, scopes } = c.get("apiKey");
    return answerJson(c, { organization: { id, name }, role: "api-key", key: { id: keyId, name: keyName, scopes } });
  },
};

export const getWebhookSecret: Route = {
  docs: {
    operationId: "getWebhookSecret",
    summary: "The secret that webhooks of this organization are signed with",
    description: 'Standard Webhooks: HMAC-SHA256 over "id.timestamp.body".',
    tags: ["Webhooks"],
    responses: { 200: { description: "The secret.", content: json(webhookSecret) } },
  },
  handler: (deps) => (c) => answerJson(c, { key: deps.secrets.webhookSecret(c.get("apiKey").organization) }),
};
