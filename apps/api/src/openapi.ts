/** The OpenAPI document, made from the route table and the schemas that validate. */
import { OpenAPIRegistry, OpenApiGeneratorV31 } from "@asteasolutions/zod-to-openapi";
import { errorBody } from "@visgate/shared/contract";
import type { Settings } from "./deps.js";
import { json, type Method, type RouteRow } from "./http/route.js";

export const BASE_PATH = "/api/v1";
const ERRORS = { default: { description: "An error; see its code and message.", content: json(errorBody) } };

export function buildOpenApi(routes: readonly RouteRow[], settings: Settings): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent("securitySchemes", "apiKey", { type: "http", scheme: "bearer", description: "vg-…" });
  for (const [method, path, authorization, { docs }] of routes) {
    const { request, responses, ...texts } = docs;
    registry.registerPath({
      method: method.toLowerCase() as Lowercase<Method>,
      path: BASE_PATH + path.replace("…", ""),
      ...texts,
      ...(request === undefined ? {} : { request }),
      responses: { ...responses, ...ERRORS },
      security: authorization === "key" ? [{ apiKey: [] }] : [],
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: {
      title: "Visgate",
      version: settings.version,
      description: "One API in front of AI media generation providers.",
    },
    servers: [{ url: settings.publicBase }],
  });
}
