/** The API on one screen: every route there is; http/pipeline.ts has what each request passes. */
import { Hono } from "hono";
import type { Deps } from "./deps.js";
import { answer } from "./http/answer.js";
import { createAuthentication } from "./http/auth.js";
import { unknownRoute } from "./http/errors.js";
import { createPipeline } from "./http/pipeline.js";
import type { Ctx, Env, Route } from "./http/route.js";
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
import { getHealth } from "./routes/health.js";
import { getIdentity, getWebhookSecret } from "./routes/identity.js";
import { listRequestsRoute } from "./routes/list-requests.js";
import { getMetrics } from "./routes/metrics.js";
import { getModelRoute, listModelsRoute } from "./routes/models.js";
import { providerWebhook } from "./routes/provider-webhook.js";
import { getBalances, validateProviderKey } from "./routes/providers.js";
import {
  createEndpointRoute,
  deleteEndpointRoute,
  getEndpointRoute,
  listEndpointsRoute,
  rotateSecretRoute,
  updateEndpointRoute,
} from "./routes/webhook-endpoints.js";

const ROUTES: readonly Route[] = [
  generateVideo,
  generateImages,
  generateQuick,
  listRequestsRoute,
  getRequest,
  getRequestEvents,
  cancelRequestRoute,
  deleteRequestRoute,
  listDeliveriesRoute,
  redeliverRoute,
  getFeed,
  createEndpointRoute,
  listEndpointsRoute,
  getEndpointRoute,
  updateEndpointRoute,
  deleteEndpointRoute,
  rotateSecretRoute,
  redeliverEndpointRoute,
  redeliverAllRoute,
  listModelsRoute,
  getModelRoute,
  getFile,
  getBalances,
  validateProviderKey,
  providerWebhook,
  getIdentity,
  getWebhookSecret,
  getHealth,
  getDiagnostics,
  openApiRoute(() => ROUTES),
  docsPage,
  docsAsset,
];

export function createApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  const pipeline = createPipeline(deps, createAuthentication(deps.store.apiKeys, deps.clock));

  for (const route of ROUTES) app.on(route.method, BASE_PATH + honoPath(route.path), pipeline(route));
  if (deps.settings.exposeMetrics)
    app.get("/metrics", pipeline({ path: "/metrics", auth: "none", handler: getMetrics }));
  app.get("/", pipeline({ path: "/", auth: "none", handler: () => toDocs }));
  app.notFound(pipeline({ path: "none", auth: "none", handler: () => unknownRoute }) as never);
  return app;
}

const toDocs = (c: Ctx): Response => answer(c, null, 302, { Location: `${BASE_PATH}/docs` });

/** `/requests/{id}` → `/requests/:id`; `{id…}` takes the rest of the path. */
function honoPath(path: string): string {
  return path.replace(/\{(\w+)…\}/g, ":$1{.+}").replace(/\{(\w+)\}/g, ":$1");
}
