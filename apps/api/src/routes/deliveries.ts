/** Lists webhook deliveries and sends them again. */
import { deliveryList, redeliverBody, redelivering } from "@visgate/shared/contract";
import { z } from "zod";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { listDeliveries } from "../use-cases/list-deliveries.js";
import { redeliver, redeliverFailed } from "../use-cases/redeliver.js";

const tags = ["Webhooks"];
const params = z.object({ id: z.string() });

function refOf(c: Ctx) {
  const id = c.req.param("id") ?? "";
  c.set("requestId", id);
  return { organization: c.get("apiKey").organization, id };
}

export const listDeliveriesRoute: Route = {
  docs: {
    summary: "The webhooks of a request",
    description: "One delivery per event and receiver, each with its attempts.",
    tags,
    request: { params },
    responses: { 200: { description: "In the order of their events.", content: json(deliveryList) } },
  },
  handler: (deps) => async (c) => answerJson(c, { deliveries: await listDeliveries(deps, refOf(c)) }),
};

export const redeliverRoute: Route = {
  docs: {
    summary: "Send a webhook again",
    description:
      "Under the same webhook-id, whether it was delivered or not. One that waits for its next attempt is sent now.",
    tags,
    request: { params: params.extend({ delivery_id: z.string() }) },
    responses: { 202: { description: "It is being sent.", content: json(redelivering) } },
  },
  handler: (deps) => async (c) => {
    await redeliver(deps, refOf(c), c.req.param("delivery_id") ?? "");
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
  docs: {
    summary: "Send an endpoint's failed webhooks again",
    description: "All webhooks that were given up, of events since a time.",
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
  docs: {
    summary: "Send all failed webhooks again",
    description: "All webhooks that were given up, of events since a time, to endpoints and to webhook_url.",
    tags,
    request: { body },
    responses,
  },
  handler: (deps) => async (c) => {
    const failed = await readFailed(c, null);
    return answerJson(c, { redelivering: await redeliverFailed(deps, failed) }, 202);
  },
};
