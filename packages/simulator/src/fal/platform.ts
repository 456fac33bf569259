import { endOf, type Job, startsAt } from "../core/job.js";
import { jobsListed, pageOf } from "../core/lists.js";
import type { NodeContext } from "../core/mishaps.js";
import { listPrice } from "../core/prices.js";
import type { Simulation } from "../core/simulation.js";
import { resultOf } from "./answers.js";
import { findModel } from "./models.js";

/** fal's platform API (api.fal.ai, its own host): the list of requests, and the prices. */

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;
const DAY_MS = 24 * 3600_000;

const MAX_PRICED = 50;

const refuse = (c: NodeContext, status: 400 | 401 | 403 | 404, type: string, message: string): Response =>
  c.json({ error: { type, message } }, status);

interface Query {
  endpoints: string[];
  start: number;
  end: number;
  limit: number;
  cursor: string | undefined;
  withPayloads: boolean;
}

const endpointsIn = (c: NodeContext) => (c.req.queries("endpoint_id") ?? []).flatMap((ids) => ids.split(","));

/** Null when a parameter is not valid. */
function readQuery(c: NodeContext, now: number): Query | null {
  const timeOf = (name: string, otherwise: number) =>
    Date.parse(c.req.query(name) ?? new Date(otherwise).toISOString());
  const query = {
    endpoints: endpointsIn(c),
    start: timeOf("start", now - DAY_MS),
    // `end` is exclusive; without it the list includes the present.
    end: timeOf("end", now + 1),
    limit: Number(c.req.query("limit") ?? DEFAULT_LIMIT),
    cursor: c.req.query("cursor"),
    withPayloads: c.req.queries("expand")?.includes("payloads") ?? false,
  };
  const isValid = query.endpoints.length > 0 && query.limit >= 1 && query.limit <= MAX_LIMIT;
  return isValid && !Number.isNaN(query.start + query.end) ? query : null;
}

const isoOf = (at: number): string => new Date(at).toISOString();

function itemOf(job: Job, { withPayloads }: Query, { url, now }: { url: string; now: number }): object {
  const end = endOf(job);
  const ended = end !== null && now >= end.at ? end : null;
  const result = ended && resultOf(job, ended, { url, now });
  const payloads = { ...(job.echo && { json_input: job.echo }), ...(result && { json_output: result.body }) };
  return {
    ...{ request_id: job.id, endpoint_id: job.endpoint, sent_at: isoOf(job.submittedAt) },
    started_at: isoOf(startsAt(job)),
    ...(ended && result && { ended_at: isoOf(ended.at), status_code: result.status }),
    ...(ended && { duration: Math.max(0, ended.at - startsAt(job)) / 1000 }),
    ...(withPayloads && payloads),
  };
}

/** The cursor is the number of a page, so jobs added between two calls shift the pages. */
const cursorOf = (page: number): string => Buffer.from(String(page)).toString("base64");
const pageNumber = (cursor: string | undefined): number =>
  cursor === undefined ? 1 : Number(Buffer.from(cursor, "base64").toString()) || 1;

/** `GET /platform/v1/models/requests/by-endpoint`: only requests that have begun, because each has a `started_at`. */
export function listRequests(c: NodeContext, authorized: boolean, simulation: Simulation): Response {
  if (!authorized) return refuse(c, 401, "authorization_error", "Invalid API key");
  const now = simulation.now();
  const query = readQuery(c, now);
  if (query === null) return refuse(c, 400, "validation_error", "Invalid query parameters");
  const jobs = jobsListed("fal", simulation);
  if (jobs === null) return refuse(c, 403, "authorization_error", "This key has no access to the list of requests");
  const inRange = ({ endpoint, submittedAt }: Job) =>
    query.endpoints.includes(endpoint) && submittedAt >= query.start && submittedAt < query.end;
  const listed = jobs.filter((job) => inRange(job) && startsAt(job) <= now);
  const page = pageNumber(query.cursor);
  const { items, older } = pageOf(listed, query.limit, Math.max(0, listed.length - (page - 1) * query.limit));
  return c.json({
    items: items.map((job) => itemOf(job, query, { url: simulation.url, now })),
    next_cursor: older === null ? null : cursorOf(page + 1),
    has_more: older !== null,
  });
}

/**
 * `GET /platform/v1/models/pricing`: one price for each endpoint. An endpoint that is not known is a 404 for the whole
 * call; whether the real API does that is not documented.
 */
export function listPrices(c: NodeContext, authorized: boolean, { settings }: Simulation): Response {
  if (!authorized) return refuse(c, 401, "authorization_error", "Invalid API key");
  const endpoints = endpointsIn(c);
  if (endpoints.length === 0 || endpoints.length > MAX_PRICED)
    return refuse(c, 400, "validation_error", "endpoint_id: 1 to 50 endpoints");
  const unknown = endpoints.find((endpoint) => findModel(endpoint) === undefined);
  if (unknown !== undefined) return refuse(c, 404, "not_found", `Endpoint ${unknown} not found`);
  const prices = endpoints.flatMap((endpoint_id) => {
    const price = listPrice("fal", endpoint_id);
    const unit_price = settings.listPrice(endpoint_id) ?? (price === null ? null : price.micro / 1e6);
    return unit_price === null ? [] : [{ endpoint_id, unit_price, unit: price?.unit ?? "second", currency: "USD" }];
  });
  return c.json({ prices, next_cursor: null, has_more: false });
}
