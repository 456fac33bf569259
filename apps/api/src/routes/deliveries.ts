/** Webhook deliveries: what became of them, and sending them anew. */
import { deliveryList, redeliverBody, redelivering } from "@visgate/shared/contract";
import { z } from "zod";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { listDeliveries, redeliver, redeliverFailed } from "../use-cases/deliveries.js";

const tags = ["Webhooks"];
const params = z.object({ id: z.string() });

function requestOf(c: Ctx) {
  const id = c.req.param("id") ?? "";
  c.set("requestId", id);
  return { organization: c.get("apiKey").organization, id };
}

export const listDeliveriesRoute: Route = {
  method: "get",
  path: "/requests/{id}/deliveries",
  auth: "key",
  docs: {
    summary: "The webhooks of a request",
    description: "One delivery per event and receiver, each with its attempts.",
    tags,
    request: { params },
    responses: { 200: { description: "In the order of their events.", content: json(deliveryList) } },
  },
  handler: (deps) => async (c) => answerJson(c, { deliveries: await listDeliveries(deps, requestOf(c)) }),
};

export const redeliverRoute: Route = {
  method: "post",
  path: "/requests/{id}/deliveries/{delivery_id}/redeliver",
  auth: "key",
  docs: {
    summary: "Send a webhook anew",
    description: "Under the same webhook-id, delivered or not. One that waits for its next attempt is sent now.",
    tags,
    request: { params: params.extend({ delivery_id: z.string() }) },
    responses: { 202: { description: "It is being sent.", content: json(redelivering) } },
  },
  handler: (deps) => async (c) => {
    await redeliver(deps, requestOf(c), c.req.param("delivery_id") ?? "");
    return answerJson(c, { redelivering: 1 }, 202);
  },
};

const body = { required: true, content: json(redeliverBody) };
const responses = { 202: { description: "How many are being sent.", content: json(redelivering) } };

async function readFailed(c: Ctx, endpointId: string | null) {
  const { since } = validate(redeliverBody, await readJson(c));
  return { organization: c.get("apiKey").organization, endpointId, since: Date.parse(since) };
}

export const redeliverEndpointRoute: Route = {
  method: "post",
  path: "/webhook-endpoints/{id}/redeliver",
  auth: "key",
  docs: {
    summary: "Send an endpoint's failed webhooks anew",
    description: "All that were given up on, of events since a time.",
    tags,
    request: { params, body },
    responses,
  },
  handler: (deps) => async (c) => {
    const failed = await readFailed(c, c.req.param("id") ?? "");
    return answerJson(c, { redelivering: await redeliverFailed(deps, failed) }, 202);
  },
};

export const redeliverAllRoute: Route = {
  method: "post",
  path: "/deliveries/redeliver",
  auth: "key",
  docs: {
    summary: "Send all failed webhooks anew",
    description: "All that were given up on, of events since a time: those to endpoints and to webhook_url.",
    tags,
    request: { body },
    responses,
  },
  handler: (deps) => async (c) => {
    const failed = await readFailed(c, null);
    return answerJson(c, { redelivering: await redeliverFailed(deps, failed) }, 202);
  },
};
