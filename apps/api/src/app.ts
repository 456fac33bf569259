/** The API on one screen: every route, and the order in which a request passes the middleware. */
import { Hono } from "hono";
import type { Deps } from "./deps.js";
import { createAuthentication } from "./http/auth.js";
import { DEFAULT_BODY_BYTES, limitBody } from "./http/body.js";
import { createErrorHandler, notFound } from "./http/errors.js";
import { observe } from "./http/observe.js";
import type { Env, Route } from "./http/route.js";
import { BASE_PATH } from "./openapi.js";
import { cancelRequestRoute } from "./routes/cancel-request.js";
import { docsAsset, docsPage, openApiRoute } from "./routes/docs.js";
import { getFile } from "./routes/files.js";
import { generateVideo } from "./routes/generate-video.js";
import { getRequest } from "./routes/get-request.js";
import { getHealth } from "./routes/health.js";
import { getIdentity, getWebhookSecret } from "./routes/identity.js";
import { getModelRoute, listModelsRoute } from "./routes/models.js";

const ROUTES: readonly Route[] = [
  generateVideo,
  getRequest,
  cancelRequestRoute,
  listModelsRoute,
  getModelRoute,
  getFile,
  getIdentity,
  getWebhookSecret,
  getHealth,
  openApiRoute(() => ROUTES),
  docsPage,
  docsAsset,
];

export function createApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  app.onError(createErrorHandler(deps.log));
  app.notFound(notFound);
  app.use(observe(deps.log, deps.metrics));
  const authenticate = createAuthentication(deps.store.apiKeys, deps.clock);

  for (const route of ROUTES) {
    const pattern = BASE_PATH + honoPath(route.path);
    app.on(route.method, pattern, async (c, next) => {
      c.set("routePattern", route.path);
      await next();
    });
    if (route.auth === "key") app.on(route.method, pattern, authenticate);
    if (route.method !== "get") app.on(route.method, pattern, limitBody(route.maxBodyBytes ?? DEFAULT_BODY_BYTES));
    app.on(route.method, pattern, route.handler(deps));
  }

  app.get("/", (c) => c.redirect(`${BASE_PATH}/docs`));
  if (deps.settings.exposeMetrics) app.get("/metrics", (c) => metricsAnswer(deps, c));
  return app;
}

/** `/requests/{id}` → `/requests/:id`; `{id…}` takes the rest of the path. */
function honoPath(path: string): string {
  return path.replace(/\{(\w+)…\}/g, ":$1{.+}").replace(/\{(\w+)\}/g, ":$1");
}

async function metricsAnswer(
  deps: Deps,
  c: { body(text: string, status: 200, headers: Record<string, string>): Response },
) {
  const { registry } = deps.metrics;
  return c.body(await registry.metrics(), 200, { "Content-Type": registry.contentType });
}
