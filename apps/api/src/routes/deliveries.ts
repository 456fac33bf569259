/** Lists webhook deliveries and sends them again. */
import {
  type DeliveriesQuery,
  deliveriesQuery,
  deliveryList,
  deliveryPage,
  deliveryStates,
  redeliverBody,
  redelivering,
} from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { readQuery } from "../http/query.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { linksTo } from "../openapi/links.js";
import { deliveryParams, endpointParams, requestParams } from "../openapi/params.js";
import { type DeliveryFilters, listAllDeliveries } from "../use-cases/list-all-deliveries.js";
import { listDeliveries } from "../use-cases/list-deliveries.js";
import { timesOf } from "../use-cases/paging.js";
import { redeliver, redeliverFailed } from "../use-cases/redeliver.js";

const tags = ["Webhooks"];

function refOf(c: Ctx) {
  const id = c.req.param("id") ?? "";
  c.set("requestId", id);
  return { organization: c.get("apiKey").organization, id };
}

export const listDeliveriesRoute: Route = {
  docs: {
    operationId: "listDeliveries",
    summary: "The webhooks of a request",
    description: "One delivery per event and receiver, each with its attempts.",
    tags,
    request: { params: requestParams },
    errors: ["REQUEST_NOT_FOUND"],
    responses: {
      200: {
        description: "In the order of their events.",
        content: json(deliveryList),
        links: linksTo(["redeliver"], {
          id: "$request.path.id",
          delivery_id: "$response.body#/deliveries/0/id",
        }),
      },
    },
  },
  handler: (deps) => async (c) => answerJson(c, { deliveries: await listDeliveries(deps, refOf(c)) }),
};

export const listAllDeliveriesRoute: Route = {
  docs: {
    operationId: "listAllDeliveries",
    summary: "Webhooks of all requests",
    description:
      "Newest first. Follow next_cursor, with the same filters, until it is null. One call reads 500 deliveries at most, " +
      "so with filters that match few of them a page may hold fewer than limit, or none, and still have a next one.",
    tags,
    request: { query: deliveriesQuery },
    responses: {
      200: {
        description: "A page of deliveries.",
        content: json(deliveryPage),
        links: {
          ...linksTo(["redeliver"], {
            id: "$response.body#/deliveries/0/request_id",
            delivery_id: "$response.body#/deliveries/0/id",
          }),
          ...linksTo(["listAllDeliveries"], { cursor: "$response.body#/next_cursor" }),
        },
      },
    },
  },
  handler: (deps) => async (c) => {
    const query = readQuery(c, deliveriesQuery);
    const { limit, cursor = null } = query;
    const { organization } = c.get("apiKey");
    const page = await listAllDeliveries(deps, organization, { filters: filtersOf(query), limit, cursor });
    return answerJson(c, { deliveries: page.deliveries, next_cursor: page.nextCursor });
  },
};

function filtersOf({ state, endpoint_id, type, ...times }: DeliveriesQuery): DeliveryFilters {
  return {
    state: state === undefined ? null : validate(deliveryStates, state.split(","), "state"),
    endpointId: endpoint_id ?? null,
    type: type ?? null,
    ...timesOf(times),
  };
}

export const redeliverRoute: Route = {
  docs: {
    operationId: "redeliver",
    summary: "Send a webhook again",
    description:
      "Under the same webhook-id, whether it was delivered or not. One that waits for its next attempt is sent now.",
    tags,
    request: { params: deliveryParams },
    errors: ["NOT_FOUND"],
    responses: { 202: { description: "It is being sent.", content: json(redelivering) } },
  },
  handler: (deps) => async (c) => {
    await redeliver(deps, refOf(c), c.req.param("delivery_id") ?? "");
    return answerJson(c, { redelivering: 1 }, 202);
  },
};

const body = { required: true, content: json(redeliverBody, { since: "2026-01-31T12:00:00Z" }) };
const responses = { 202: { description: "How many are being sent.", content: json(redelivering) } };

async function readFailed(c: Ctx, endpointId: string | null) {
  const { since } = validate(redeliverBody, await readJson(c));
  return { organization: c.get("apiKey").organization, endpointId, since: Date.parse(since) };
}

export const redeliverEndpointRoute: Route = {
  docs: {
    operationId: "redeliverToEndpoint",
    summary: "Send an endpoint's failed webhooks again",
    description: "All webhooks that were given up, of events since a time.",
    tags,
    request: { params: endpointParams, body },
    errors: ["NOT_FOUND"],
    responses,
  },
  handler: (deps) => async (c) => {
    const failed = await readFailed(c, c.req.param("id") ?? "");
    return answerJson(c, { redelivering: await redeliverFailed(deps, failed) }, 202);
  },
};

export const redeliverAllRoute: Route = {
  docs: {
    operationId: "redeliverAll",
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
