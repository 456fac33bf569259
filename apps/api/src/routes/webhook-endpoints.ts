/** Webhook endpoints: the URLs that get the events of an organization. */
import {
  createEndpointBody,
  endpointDeleted,
  rotateSecretBody,
  updateEndpointBody,
  webhookEndpoint,
  webhookEndpointList,
  webhookEndpointWithSecret,
} from "@visgate/shared/contract";
import { actorOf } from "../http/actor.js";
import { answerJson } from "../http/answer.js";
import { readJson, readJsonIfAny } from "../http/body.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { linksTo } from "../openapi/links.js";
import { endpointParams } from "../openapi/params.js";
import {
  createEndpoint,
  deleteEndpoint,
  findEndpoint,
  listEndpoints,
  rotateSecret,
  updateEndpoint,
} from "../use-cases/manage-endpoints.js";

const tags = ["Webhooks"];

/** Disabled, so that trying it out sends no events to example.com. */
const NEW_ENDPOINT = {
  url: "https://example.com/webhooks/visgate",
  events: ["request.completed", "request.failed"],
  description: "Staging",
  enabled: false,
};

const refOf = (c: Ctx) => ({ organization: c.get("apiKey").organization, id: c.req.param("id") ?? "", by: actorOf(c) });

export const createEndpointRoute: Route = {
  docs: {
    operationId: "createWebhookEndpoint",
    summary: "Register a webhook endpoint",
    description:
      "It gets the organization's events of the types that it lists, signed with its own secret. Only this answer shows the " +
      "secret.",
    tags,
    request: { body: { required: true, content: json(createEndpointBody, NEW_ENDPOINT) } },
    responses: {
      201: {
        description: "Registered.",
        content: json(webhookEndpointWithSecret),
        links: linksTo(
          [
            "getWebhookEndpoint",
            "updateWebhookEndpoint",
            "rotateWebhookSecret",
            "redeliverToEndpoint",
            "deleteWebhookEndpoint",
          ],
          { id: "$response.body#/id" },
        ),
      },
    },
  },
  handler: (deps) => async (c) => {
    const body = validate(createEndpointBody, await readJson(c));
    return answerJson(c, await createEndpoint(deps, refOf(c), body), 201);
  },
};

export const listEndpointsRoute: Route = {
  docs: {
    operationId: "listWebhookEndpoints",
    summary: "List webhook endpoints",
    description: "All endpoints of the organization, without their secrets.",
    tags,
    responses: { 200: { description: "Oldest first.", content: json(webhookEndpointList) } },
  },
  handler: (deps) => async (c) => answerJson(c, { endpoints: await listEndpoints(deps, c.get("apiKey").organization) }),
};

export const getEndpointRoute: Route = {
  docs: {
    operationId: "getWebhookEndpoint",
    summary: "A webhook endpoint",
    description: "One endpoint, without its secret, and whether it is failing.",
    tags,
    request: { params: endpointParams },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "The endpoint.", content: json(webhookEndpoint) } },
  },
  handler: (deps) => async (c) => {
    const { organization, id } = refOf(c);
    return answerJson(c, await findEndpoint(deps, organization, id));
  },
};

export const updateEndpointRoute: Route = {
  docs: {
    operationId: "updateWebhookEndpoint",
    summary: "Change, enable or disable a webhook endpoint",
    description:
      "Fields that are left out stay. A disabled endpoint gets nothing. When it is enabled, it gets what it missed since it " +
      "was disabled: the webhooks that waited for it, then the events since, as long as they are kept.",
    tags,
    request: {
      params: endpointParams,
      body: { required: true, content: json(updateEndpointBody, { description: "Production" }) },
    },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "The changed endpoint.", content: json(webhookEndpoint) } },
  },
  handler: (deps) => async (c) => {
    const body = validate(updateEndpointBody, await readJson(c));
    return answerJson(c, await updateEndpoint(deps, refOf(c), body));
  },
};

export const deleteEndpointRoute: Route = {
  docs: {
    operationId: "deleteWebhookEndpoint",
    summary: "Remove a webhook endpoint",
    description: "It gets no further event, and webhooks that wait for it are given up.",
    tags,
    request: { params: endpointParams },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "Removed.", content: json(endpointDeleted) } },
  },
  handler: (deps) => async (c) => {
    const command = refOf(c);
    await deleteEndpoint(deps, command);
    return answerJson(c, { id: command.id, deleted: true });
  },
};

export const rotateSecretRoute: Route = {
  docs: {
    operationId: "rotateWebhookSecret",
    summary: "Give a webhook endpoint a new secret",
    description: "During the overlap, webhooks carry two signatures: by the new secret and by the old one.",
    tags,
    request: {
      params: endpointParams,
      body: { required: false, content: json(rotateSecretBody, { overlap_seconds: 3600 }) },
    },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "With the new secret.", content: json(webhookEndpointWithSecret) } },
  },
  handler: (deps) => async (c) => {
    const body = validate(rotateSecretBody, await readJsonIfAny(c));
    return answerJson(c, await rotateSecret(deps, refOf(c), body));
  },
};
