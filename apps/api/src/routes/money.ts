/** Quotes, receipts, settlements by hand, and billing. */
import {
  billingInfo,
  billingPricing,
  billingStats,
  generateImageBody,
  generateVideoBody,
  quoteAnswer,
  receipt,
  requestWithInput,
  settleBody,
} from "@visgate/shared/contract";
import type { RequestRecord } from "@visgate/shared/request";
import { z } from "zod";
import type { Deps } from "../deps.js";
import { actorOf } from "../http/actor.js";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { callerKeyHeaders, readCallerKeys } from "../http/caller-keys.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { requestParams } from "../openapi/params.js";
import { quoteRequest } from "../use-cases/quote-request.js";
import { readBilling, readPricing } from "../use-cases/read-billing.js";
import { readReceipt } from "../use-cases/read-receipt.js";
import { readUsage } from "../use-cases/read-usage.js";
import { settleRequest } from "../use-cases/settle-request.js";
import { statusView } from "../use-cases/status-view.js";
import { MAX_BODY_BYTES } from "./generate-video.js";
import { imageInput, videoInput } from "./generation-input.js";

const tags = ["Usage"];
const QUOTED = { model: "fal-ai/veo3.1/fast", prompt: "A lighthouse in a storm at dusk", duration_seconds: 8 };

export const createQuote: Route = {
  docs: {
    operationId: "createQuote",
    summary: "What would this generation cost?",
    description: "Takes the body of a generation. Nothing is submitted, set aside or spent.",
    tags,
    request: { headers: callerKeyHeaders, body: { required: true, content: json(generateVideoBody, QUOTED) } },
    errors: ["MODEL_NOT_FOUND", "PROVIDER_NOT_CONFIGURED"],
    responses: { 200: { description: "The quote.", content: json(quoteAnswer) } },
  },
  handler: (deps) => async (c) => {
    const input = inputOf(deps, await readJson(c, MAX_BODY_BYTES));
    const command = { apiKey: c.get("apiKey"), organization: c.get("organization"), callerKeys: readCallerKeys(c) };
    return answerJson(c, await quoteRequest(deps, { ...command, input }));
  },
};

/** The model decides which body it is. */
function inputOf({ catalogue }: Deps, body: unknown) {
  const { model } = validate(z.looseObject({ model: generateVideoBody.shape.model }), body);
  return (catalogue.routes.get(model) ?? catalogue.get(model))?.mediaType === "image"
    ? imageInput(validate(generateImageBody, body))
    : videoInput(validate(generateVideoBody, body));
}

const refOf = (c: Ctx) => ({ organization: c.get("apiKey").organization, id: c.req.param("id") ?? "" });

export const getReceipt: Route = {
  docs: {
    operationId: "getReceipt",
    summary: "The receipt of a request",
    description: "What was quoted, set aside, tried, billed and saved.",
    tags,
    request: { params: requestParams },
    errors: ["REQUEST_NOT_FOUND"],
    responses: { 200: { description: "The receipt.", content: json(receipt) } },
  },
  handler: (deps) => async (c) => answerJson(c, await readReceipt(deps, refOf(c))),
};

export const settleRequestRoute: Route = {
  docs: {
    operationId: "settleRequest",
    summary: "Settle an unknown charge by hand",
    description:
      "For a request that ended with charge_state unknown: whether the provider billed it, as its own bill says. Until " +
      "then, or for UNKNOWN_HOLD_DAYS, its money stays set aside.",
    tags,
    request: {
      params: requestParams,
      body: { required: true, content: json(settleBody, { outcome: "charged", cost_usd: 3.2 }) },
    },
    errors: ["REQUEST_NOT_FOUND", "ALREADY_TERMINAL", "NOT_TERMINAL"],
    responses: { 200: { description: "The settled request.", content: json(requestWithInput) } },
  },
  handler: (deps) => async (c) => {
    const body = validate(settleBody, await readJson(c));
    const settled: RequestRecord = await settleRequest(deps, { ...refOf(c), by: actorOf(c), body });
    return answerJson(c, statusView(deps, settled, { withInput: true }));
  },
};

export const getBillingInfo: Route = {
  docs: {
    operationId: "getBillingInfo",
    summary: "The month's budget and spend",
    description: "Read-only.",
    tags,
    responses: { 200: { description: "The organization's billing.", content: json(billingInfo) } },
  },
  handler: (deps) => async (c) => answerJson(c, await readBilling(deps, c.get("organization"))),
};

export const getBillingStats: Route = {
  docs: {
    operationId: "getBillingStats",
    summary: "Counts and costs of the month",
    description: "Read-only.",
    tags,
    responses: { 200: { description: "The figures.", content: json(billingStats) } },
  },
  handler: (deps) => async (c) => {
    const usage = await readUsage(deps, c.get("organization"), { period: "month" });
    const { period: _period, by_provider: _byProvider, by_model: _byModel, ...stats } = usage;
    return answerJson(c, stats);
  },
};

export const getBillingPricing: Route = {
  docs: {
    operationId: "getBillingPricing",
    summary: "The price list",
    description: "What the models cost according to the catalogue. What a provider bills counts.",
    tags,
    responses: { 200: { description: "The prices.", content: json(billingPricing) } },
  },
  handler: (deps) => (c) => answerJson(c, readPricing(deps)),
};
