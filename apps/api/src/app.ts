/** The API on one screen: every route with its method, path and authorization. http/pipeline.ts runs each request. */
import { REPORTS_PATH } from "@visgate/shared/runtime";
import { Hono } from "hono";
import type { Deps } from "./deps.js";
import { createAuthentication } from "./http/auth.js";
import { answerPreflight } from "./http/for-pages.js";
import { createPipeline } from "./http/pipeline.js";
import type { Env, RouteRow } from "./http/route.js";
import { unknownRoute } from "./http/unknown-route.js";
import { BASE_PATH } from "./openapi.js";
import { cancelRequestRoute } from "./routes/cancel-request.js";
import { deleteRequestRoute } from "./routes/delete-request.js";
import { listDeliveriesRoute, redeliverAllRoute, redeliverEndpointRoute, redeliverRoute } from "./routes/deliveries.js";
import { docsAsset, docsPage, openApiRoute } from "./routes/docs.js";
import { getFile } from "./routes/files.js";
import { generateImages } from "./routes/generate-images.js";
import { generateQuick } from "./routes/generate-quick.js";
import { generateVideo } from "./routes/generate-video.js";
import { getDiagnostics } from "./routes/get-diagnostics.js";
import { getFeed } from "./routes/get-feed.js";
import { getRequest } from "./routes/get-request.js";
import { getRequestEvents } from "./routes/get-request-events.js";
import { getHealth, getMetrics } from "./routes/health.js";
import { getIdentity, getWebhookSecret } from "./routes/identity.js";
import { listRequestsRoute } from "./routes/list-requests.js";
import { getModelRoute, listModelsRoute } from "./routes/models.js";
import { getBalances, validateKeyRoute } from "./routes/providers.js";
import { receiveReportRoute } from "./routes/receive-report.js";
import { ROOT_ROUTES } from "./routes/root.js";
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
  ["POST", "/videos/generate", "key", generateVideo],
  ["POST", "/images/generate", "key", generateImages],
  ["POST", "/generate", "key", generateQuick],
  ["GET", "/requests", "key", listRequestsRoute],
  ["GET", "/requests/{id}", "key", getRequest],
  ["GET", "/requests/{id}/events", "key", getRequestEvents],
  ["POST", "/requests/{id}/cancel", "key", cancelRequestRoute],
  ["DELETE", "/requests/{id}", "key", deleteRequestRoute],
  ["GET", "/requests/{id}/deliveries", "key", listDeliveriesRoute],
  ["POST", "/requests/{id}/deliveries/{delivery_id}/redeliver", "key", redeliverRoute],
  ["GET", "/events", "key", getFeed],
  ["POST", "/webhook-endpoints", "key", createEndpointRoute],
  ["GET", "/webhook-endpoints", "key", listEndpointsRoute],
  ["GET", "/webhook-endpoints/{id}", "key", getEndpointRoute],
  ["PATCH", "/webhook-endpoints/{id}", "key", updateEndpointRoute],
  ["DELETE", "/webhook-endpoints/{id}", "key", deleteEndpointRoute],
  ["POST", "/webhook-endpoints/{id}/rotate-secret", "key", rotateSecretRoute],
  ["POST", "/webhook-endpoints/{id}/redeliver", "key", redeliverEndpointRoute],
  ["POST", "/deliveries/redeliver", "key", redeliverAllRoute],
  ["GET", "/models", "none", listModelsRoute],
  ["GET", "/models/{id…}", "none", getModelRoute],
  ["GET", "/files/{organization}/{id}/{name}", "signed-url", getFile],
  ["GET", "/providers/balances", "key", getBalances],
  ["POST", "/providers/validate", "key", validateKeyRoute],
  ["POST", REPORTS_PATH, "signed-url", receiveReportRoute],
  ["GET", "/auth/me", "key", getIdentity],
  ["GET", "/webhooks/default/secret", "key", getWebhookSecret],
  ["GET", "/health", "none", getHealth],
  ["GET", "/diagnostics", "key", getDiagnostics],
  ["GET", "/openapi.json", "none", openApiRoute(() => ROUTES)],
  ["GET", "/docs", "none", docsPage],
  ["GET", "/docs/{name}", "none", docsAsset],
];

export function createApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  const pipeline = createPipeline(deps, createAuthentication(deps));

  for (const [method, path, authorization, { handler, isForPages = false }] of ROUTES) {
    const endpoint = { path, authorization, isForPages, handle: handler(deps) };
    app.on(method, BASE_PATH + honoPath(path), pipeline(endpoint));
    if (isForPages) app.options(BASE_PATH + honoPath(path), pipeline({ ...endpoint, handle: answerPreflight }));
  }
  if (deps.settings.exposeMetrics)
    app.get("/metrics", pipeline({ path: "/metrics", authorization: "none", handle: getMetrics(deps) }));
  for (const [path, handle] of ROOT_ROUTES) app.get(path, pipeline({ path, authorization: "none", handle }));
  const handleUnknown = unknownRoute(app, `${deps.settings.publicBase}${BASE_PATH}/docs`);
  app.notFound(pipeline({ path: "none", authorization: "none", handle: handleUnknown }) as never);
  return app;
}

/** `/requests/{id}` → `/requests/:id`; `{id…}` takes the rest of the path. */
function honoPath(path: string): string {
  return path.replace(/\{(\w+)…\}/g, ":$1{.+}").replace(/\{(\w+)\}/g, ":$1");
}
