/** The OpenAPI document, made from the route table and the schemas that validate. */
import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from "@asteasolutions/zod-to-openapi";
import type { Deps } from "./deps.js";
import { ADMIN_KEY_HEADER } from "./http/admin-key.js";
import { type Authorization, type Method, type RouteRow, scopesFor } from "./http/route.js";
import { errorComponents, errorResponses } from "./openapi/errors.js";
import { HEADERS, headers } from "./openapi/headers.js";
import { listModelIds } from "./openapi/model-ids.js";
import "./openapi/schemas.js";
import { tagsAt } from "./openapi/tags.js";
import { EVENT_WEBHOOK } from "./openapi/webhook.js";

export const BASE_PATH = "/api/v1";

/** Contains what is true of this server only: its models, and which of its providers are configured. */
export function buildOpenApi(routes: readonly RouteRow[], deps: Pick<Deps, "catalogue" | "settings">): object {
  const { version, publicBase } = deps.settings;
  const registry = new OpenAPIRegistry();
  registry.registerComponent("securitySchemes", "apiKey", { type: "http", scheme: "bearer", description: "vg-…" });
  const adminKey = { type: "apiKey", in: "header", name: ADMIN_KEY_HEADER, description: "VISGATE_ADMIN_KEY." } as const;
  registry.registerComponent("securitySchemes", "adminKey", adminKey);
  for (const [name, header] of Object.entries(HEADERS)) registry.registerComponent("headers", name, header);
  const paths = routes.map(pathOf);
  const statuses = new Set(paths.flatMap(({ responses }) => Object.keys(responses)));
  for (const [name, response] of Object.entries(errorComponents(statuses)))
    registry.registerComponent("responses", name, response as never);
  for (const path of paths) registry.registerPath(path);
  registry.registerWebhook(EVENT_WEBHOOK);
  const document = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: {
      title: "Visgate",
      version,
      description: "One API in front of AI media generation providers.",
      contact: { name: "The documentation of this server", url: `${publicBase}${BASE_PATH}/docs` },
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: publicBase }],
    tags: tagsAt(publicBase),
  });
  return listModelIds(document, deps);
}

function pathOf(row: RouteRow): RouteConfig {
  const [method, path, authorization, { docs }] = row;
  const { request, responses, errors: _errors, ...texts } = docs;
  return {
    method: method.toLowerCase() as Lowercase<Method>,
    path: BASE_PATH + path.replace("…", ""),
    ...texts,
    ...(request === undefined ? {} : { request }),
    responses: { ...errorResponses(row), ...withRequestId(responses) },
    security: securityOf(authorization),
  };
}

function securityOf(authorization: Authorization): Record<string, string[]>[] {
  if (authorization === "admin") return [{ adminKey: [] }];
  return scopesFor(authorization) === null ? [] : [{ apiKey: [] }];
}

/** Every answer has the id of its HTTP call. */
function withRequestId(responses: RouteConfig["responses"]): RouteConfig["responses"] {
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) =>
      "$ref" in response
        ? [status, response]
        : [status, { ...response, headers: { ...headers("X-Request-Id"), ...response.headers } } as typeof response],
    ),
  );
}
