/** The API on one screen: every route with its method, path and authorization. http/pipeline.ts runs each request. */
import { VisgateError } from "@visgate/shared/errors";
import { REPORTS_PATH } from "@visgate/shared/runtime";
import { type Context, Hono } from "hono";
import type { Deps } from "./deps.js";
import type { Dialect } from "./dialects/dialect.js";
import { DIALECTS } from "./dialects/index.js";
import { createAdminAuthentication } from "./http/admin-key.js";
import { createAuthentication } from "./http/auth.js";
import { answerPreflight } from "./http/for-pages.js";
import type { HotRoute } from "./http/hot-routes.js";
import { createPipeline, type Pipeline } from "./http/pipeline.js";
import type { Answer, Ctx, Env, Handler, Route, RouteRow } from "./http/route.js";
import { unknownRoute } from "./http/unknown-route.js";
import { BASE_PATH } from "./openapi.js";
import { createApiKeyRoute, deleteApiKeyRoute, listApiKeysRoute } from "./routes/api-keys.js";
import { getAudit } from "./routes/audit.js";
import { deleteBudgetRoute, listBudgetsRoute, setBudgetRoute } from "./routes/budgets.js";
import { bulkRequestsRoute } from "./routes/bulk-requests.js";
import { cancelRequestRoute } from "./routes/cancel-request.js";
import { consoleRoutes } from "./routes/console.js";
import { deleteRequestRoute } from "./routes/delete-request.js";
import {
  listAllDeliveriesRoute,
  listDeliveriesRoute,
  redeliverAllRoute,
  redeliverEndpointRoute,
  redeliverRoute,
} from "./routes/deliveries.js";
import { docsAsset, docsPage, openApiRoute } from "./routes/docs.js";
import { getFile } from "./routes/files.js";
import { generateAgainRoute } from "./routes/generate-again.js";
import { generateImages } from "./routes/generate-images.js";
import { generateQuick } from "./routes/generate-quick.js";
import { generateVideo } from "./routes/generate-video.js";
import { getDiagnostics } from "./routes/get-diagnostics.js";
import { getFeed } from "./routes/get-feed.js";
import { getPrices } from "./routes/get-prices.js";
import { getRequest } from "./routes/get-request.js";
import { getRequestEvents } from "./routes/get-request-events.js";
import { getShards } from "./routes/get-shards.js";
import { getHealth, getMetrics } from "./routes/health.js";
import { getIdentity, getWebhookSecret } from "./routes/identity.js";
import { listAlertsRoute } from "./routes/list-alerts.js";
import { listRequestsRoute } from "./routes/list-requests.js";
import { getModelRoute, listModelsRoute } from "./routes/models.js";
import {
  createQuote,
  getBillingInfo,
  getBillingPricing,
  getBillingStats,
  getReceipt,
  settleRequestRoute,
} from "./routes/money.js";
import {
  createOrganizationKeyRoute,
  createOrganizationRoute,
  deleteOrganizationKeyRoute,
  getOrganizationRoute,
  listOrganizationBudgetsRoute,
  listOrganizationKeysRoute,
  listOrganizationsRoute,
  recountRoute,
  removeOperatorBudgetRoute,
  setOperatorBudgetRoute,
  updateOrganizationRoute,
} from "./routes/organizations.js";
import { deleteProviderKeyRoute, listProviderKeysRoute, setProviderKeyRoute } from "./routes/provider-keys.js";
import { getBalances, listProviders, validateKeyRoute } from "./routes/providers.js";
import { receiveReportRoute } from "./routes/receive-report.js";
import { rootRoutes } from "./routes/root.js";
import { rotateServerSecretRoute } from "./routes/rotate-server-secret.js";
import { uploadFile } from "./routes/upload-file.js";
import { exportUsageRoute, getDashboard, getUsage, getUsageLogs } from "./routes/usage.js";
import {
  createEndpointRoute,
  deleteEndpointRoute,
  getEndpointRoute,
  listEndpointsRoute,
  rotateSecretRoute,
  updateEndpointRoute,
} from "./routes/webhook-endpoints.js";

/** All below BASE_PATH. The OpenAPI document lists them in this order. */
export const ROUTES: readonly RouteRow[] = [
  ["POST", "/videos/generate", "generate", generateVideo],
  ["POST", "/images/generate", "generate", generateImages],
  ["POST", "/generate", "generate", generateQuick],
  ["GET", "/requests", "read", listRequestsRoute],
  ["POST", "/requests/bulk", "generate", bulkRequestsRoute],
  ["GET", "/requests/{id}", "own-request", getRequest],
  ["GET", "/requests/{id}/events", "own-request", getRequestEvents],
  ["POST", "/requests/{id}/cancel", "generate", cancelRequestRoute],
  ["POST", "/requests/{id}/again", "generate", generateAgainRoute],
  ["DELETE", "/requests/{id}", "generate", deleteRequestRoute],
  ["GET", "/requests/{id}/deliveries", "read", listDeliveriesRoute],
  ["POST", "/requests/{id}/deliveries/{delivery_id}/redeliver", "manage", redeliverRoute],
  ["GET", "/requests/{id}/receipt", "read", getReceipt],
  ["POST", "/requests/{id}/settle", "manage", settleRequestRoute],
  ["POST", "/quotes", "generate", createQuote],
  ["GET", "/usage", "read", getUsage],
  ["GET", "/usage/logs", "read", getUsageLogs],
  ["GET", "/usage/export", "read", exportUsageRoute],
  ["GET", "/dashboard", "read", getDashboard],
  ["GET", "/budgets", "read", listBudgetsRoute],
  ["PUT", "/budgets", "manage", setBudgetRoute],
  ["DELETE", "/budgets", "manage", deleteBudgetRoute],
  ["GET", "/billing/info", "read", getBillingInfo],
  ["GET", "/billing/stats", "read", getBillingStats],
  ["GET", "/billing/pricing", "read", getBillingPricing],
  ["GET", "/events", "read", getFeed],
  ["GET", "/alerts", "read", listAlertsRoute],
  ["POST", "/webhook-endpoints", "manage", createEndpointRoute],
  ["GET", "/webhook-endpoints", "read", listEndpointsRoute],
  ["GET", "/webhook-endpoints/{id}", "read", getEndpointRoute],
  ["PATCH", "/webhook-endpoints/{id}", "manage", updateEndpointRoute],
  ["DELETE", "/webhook-endpoints/{id}", "manage", deleteEndpointRoute],
  ["POST", "/webhook-endpoints/{id}/rotate-secret", "manage", rotateSecretRoute],
  ["POST", "/webhook-endpoints/{id}/redeliver", "manage", redeliverEndpointRoute],
  ["GET", "/deliveries", "read", listAllDeliveriesRoute],
  ["POST", "/deliveries/redeliver", "manage", redeliverAllRoute],
  ["GET", "/models", "none", listModelsRoute],
  ["GET", "/models/{id…}", "none", getModelRoute],
  ["POST", "/files", "generate", uploadFile],
  ["GET", "/files/{organization}/{id}/{name}", "signed-url", getFile],
  ["GET", "/providers", "read", listProviders],
  ["GET", "/providers/balances", "read", getBalances],
  ["POST", "/providers/validate", "manage", validateKeyRoute],
  ["GET", "/providers/keys", "read", listProviderKeysRoute],
  ["PUT", "/providers/keys", "manage", setProviderKeyRoute],
  ["DELETE", "/providers/keys/{provider}", "manage", deleteProviderKeyRoute],
  ["POST", REPORTS_PATH, "signed-url", receiveReportRoute],
  ["GET", "/auth/me", "any-key", getIdentity],
  ["GET", "/api-keys", "manage", listApiKeysRoute],
  ["POST", "/api-keys", "manage", createApiKeyRoute],
  ["DELETE", "/api-keys/{id}", "manage", deleteApiKeyRoute],
  ["GET", "/audit", "manage", getAudit],
  ["GET", "/webhooks/default/secret", "manage", getWebhookSecret],
  ["GET", "/health", "none", getHealth],
  ["GET", "/diagnostics", "read", getDiagnostics],
  ["POST", "/admin/organizations", "admin", createOrganizationRoute],
  ["GET", "/admin/organizations", "admin", listOrganizationsRoute],
  ["GET", "/admin/organizations/{id}", "admin", getOrganizationRoute],
  ["PATCH", "/admin/organizations/{id}", "admin", updateOrganizationRoute],
  ["GET", "/admin/organizations/{id}/api-keys", "admin", listOrganizationKeysRoute],
  ["POST", "/admin/organizations/{id}/api-keys", "admin", createOrganizationKeyRoute],
  ["DELETE", "/admin/organizations/{id}/api-keys/{key_id}", "admin", deleteOrganizationKeyRoute],
  ["GET", "/admin/organizations/{id}/budgets", "admin", listOrganizationBudgetsRoute],
  ["PUT", "/admin/organizations/{id}/budgets", "admin", setOperatorBudgetRoute],
  ["DELETE", "/admin/organizations/{id}/budgets", "admin", removeOperatorBudgetRoute],
  ["POST", "/admin/organizations/{id}/recount", "admin", recountRoute],
  ["GET", "/admin/shards", "admin", getShards],
  ["GET", "/admin/prices", "admin", getPrices],
  ["POST", "/admin/rotate-secret", "admin", rotateServerSecretRoute],
  ["GET", "/openapi.json", "none", openApiRoute(() => ROUTES)],
  ["GET", "/docs", "none", docsPage],
  ["GET", "/docs/{name}", "none", docsAsset],
];

/** The calls under load. They skip Hono when nothing about them is unusual (http/hot-routes.ts). */
const HOT: ReadonlySet<Route> = new Set([generateVideo, generateImages, generateQuick, getRequest, listModelsRoute]);

export interface Api {
  /** Answers every call. */
  app: Hono<Env>;
  hotRoutes: HotRoute[];
  /** The beginnings of the paths to which large files are sent. */
  longUploads: string[];
}

export function createApi(deps: Deps): Api {
  const app = new Hono<Env>();
  const hotRoutes: HotRoute[] = [];
  const pipeline = createPipeline(deps, {
    authenticate: createAuthentication(deps),
    authenticateAdmin: createAdminAuthentication(deps.settings.adminKey, deps.clock),
  });

  for (const [method, path, authorization, route] of ROUTES) {
    const { isForPages = false } = route;
    const endpoint = { path, route: BASE_PATH + path, authorization, isForPages, handle: route.handler(deps) };
    const run = pipeline(endpoint);
    app.on(method, BASE_PATH + honoPath(path), throughHono(run));
    if (isForPages)
      app.options(BASE_PATH + honoPath(path), throughHono(pipeline({ ...endpoint, handle: answerPreflight })));
    if (HOT.has(route)) hotRoutes.push({ method, path: BASE_PATH + path, run });
  }
  for (const dialect of DIALECTS) hotRoutes.push(...routeDialect(app, pipeline, deps, dialect));
  const get = (path: string, handle: Handler) =>
    app.get(path, throughHono(pipeline({ path, authorization: "none", handle })));
  if (deps.settings.exposeMetrics) get("/metrics", getMetrics(deps));
  for (const [path, handle] of [...rootRoutes(deps.settings.publicBase), ...consoleRoutes(deps)]) get(path, handle);
  const handle = unknownRoute(app, `${deps.settings.publicBase}${BASE_PATH}/docs`);
  app.notFound(throughHono(pipeline({ path: "none", authorization: "none", handle })));
  return {
    app,
    hotRoutes,
    longUploads: [`${BASE_PATH}/files`, ...DIALECTS.flatMap(({ longUploads = [] }) => longUploads)],
  };
}

/** Everything below its prefix answers in its own words, also what is not there. Returns the calls under load. */
function routeDialect(app: Hono<Env>, pipeline: Pipeline, deps: Deps, dialect: Dialect): HotRoute[] {
  const { prefix, errorShape, routes } = dialect;
  const hotRoutes: HotRoute[] = [];
  for (const [method, path, authorization, handler, hot] of routes) {
    const run = pipeline({ path: prefix + path, authorization, errorShape, handle: handler(deps) });
    app.on(method, prefix + honoPath(path), throughHono(run));
    if (hot !== undefined) hotRoutes.push({ method, path: prefix + path, run });
  }
  const handle: Handler = ({ req }) => {
    throw new VisgateError("NOT_FOUND", `There is nothing at ${req.method} ${prefix}. docs/dialects.md has its calls.`);
  };
  const run = pipeline({ path: `${prefix}/*`, authorization: "none", errorShape, handle });
  app.all(`${prefix}/*`, throughHono(run));
  return hotRoutes;
}

const throughHono = (run: (c: Ctx) => Promise<Answer>) => async (c: Context<Env>) => {
  const { body, status, headers } = await run(c);
  return new Response(body, { status, headers });
};

/** `/requests/{id}` → `/requests/:id`; `{id…}` takes the rest of the path. */
function honoPath(path: string): string {
  return path.replace(/\{(\w+)…\}/g, ":$1{.+}").replace(/\{(\w+)\}/g, ":$1");
}
