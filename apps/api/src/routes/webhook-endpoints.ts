/** /webhook-endpoints: where an organization is told of the events of all its requests. */
import {
  createEndpointBody,
  endpointDeleted,
  rotateSecretBody,
  updateEndpointBody,
  webhookEndpoint,
  webhookEndpointList,
  webhookEndpointWithSecret,
} from "@visgate/shared/contract";
import { z } from "zod";
import { answerJson } from "../http/answer.js";
import { readJson, readJsonIfAny } from "../http/body.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import {
  createEndpoint,
  deleteEndpoint,
  findEndpoint,
  listEndpoints,
  rotateSecret,
  updateEndpoint,
} from "../use-cases/manage-endpoints.js";

const tags = ["Webhooks"];
const params = z.object({ id: z.string() });
const ONE = "/webhook-endpoints/{id}";

const refOf = (c: Ctx) => ({ organization: c.get("apiKey").organization, id: c.req.param("id") ?? "" });

export const createEndpointRoute: Route = {
  method: "post",
  path: "/webhook-endpoints",
  auth: "key",
  docs: {
    summary: "Register a webhook endpoint",
    description:
      "It gets the events of all requests that it asks for, signed with its own secret, which is shown once.",
    tags,
    request: { body: { required: true, content: json(createEndpointBody) } },
    responses: { 201: { description: "Registered.", content: json(webhookEndpointWithSecret) } },
  },
  handler: (deps) => async (c) => {
    const body = validate(createEndpointBody, await readJson(c));
    return answerJson(c, await createEndpoint(deps, c.get("apiKey").organization, body), 201);
  },
};

export const listEndpointsRoute: Route = {
  method: "get",
  path: "/webhook-endpoints",
  auth: "key",
  docs: {
    summary: "List webhook endpoints",
    tags,
    responses: { 200: { description: "Oldest first.", content: json(webhookEndpointList) } },
  },
  handler: (deps) => async (c) => answerJson(c, { endpoints: await listEndpoints(deps, c.get("apiKey").organization) }),
};

export const getEndpointRoute: Route = {
  method: "get",
  path: ONE,
  auth: "key",
  docs: {
    summary: "A webhook endpoint",
    tags,
    request: { params },
    responses: { 200: { description: "The endpoint.", content: json(webhookEndpoint) } },
  },
  handler: (deps) => async (c) => {
    const { organization, id } = refOf(c);
    return answerJson(c, await findEndpoint(deps, organization, id));
  },
};

export const updateEndpointRoute: Route = {
  method: "patch",
  path: ONE,
  auth: "key",
  docs: {
    summary: "Change, enable or disable a webhook endpoint",
    description: "What is left out stays. While it is disabled it gets nothing, and what waits for it is given up on.",
    tags,
    request: { params, body: { required: true, content: json(updateEndpointBody) } },
    responses: { 200: { description: "As it is now.", content: json(webhookEndpoint) } },
  },
  handler: (deps) => async (c) => {
    const body = validate(updateEndpointBody, await readJson(c));
    return answerJson(c, await updateEndpoint(deps, refOf(c), body));
  },
};

export const deleteEndpointRoute: Route = {
  method: "delete",
  path: ONE,
  auth: "key",
  docs: {
    summary: "Remove a webhook endpoint",
    tags,
    request: { params },
    responses: { 200: { description: "Removed.", content: json(endpointDeleted) } },
  },
  handler: (deps) => async (c) => {
    const { organization, id } = refOf(c);
    await deleteEndpoint(deps, organization, id);
    return answerJson(c, { id, deleted: true });
  },
};

export const rotateSecretRoute: Route = {
  method: "post",
  path: `${ONE}/rotate-secret`,
  auth: "key",
  docs: {
    summary: "Give a webhook endpoint a new secret",
    description: "For the time of the overlap webhooks carry two signatures, by the new secret and by the old.",
    tags,
    request: { params, body: { required: false, content: json(rotateSecretBody) } },
    responses: { 200: { description: "With the new secret.", content: json(webhookEndpointWithSecret) } },
  },
  handler: (deps) => async (c) => {
    const body = validate(rotateSecretBody, await readJsonIfAny(c));
    return answerJson(c, await rotateSecret(deps, refOf(c), body));
  },
};
