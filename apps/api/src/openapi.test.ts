/** The OpenAPI document as tools read it. tests/e2e/openapi.test.ts runs its examples on a whole stack. */

import { createConfig, lintFromString } from "@redocly/openapi-core";
import { loadModels } from "@visgate/providers";
import { errorBody } from "@visgate/shared/contract";
import { ERROR_STATUS } from "@visgate/shared/errors";
import { describe, expect, test } from "vitest";
import { ROUTES } from "./app.js";
import type { Settings } from "./deps.js";
import { buildOpenApi } from "./openapi.js";

const catalogue = loadModels();
const KEYLESS = { apiKey: null, simulated: false };
function build(providers: Settings["providers"]) {
  const settings = { version: "0.0.0", publicBase: "http://127.0.0.1:8787", providers } as Settings;
  // biome-ignore lint/suspicious/noExplicitAny: the document is read like any client reads it
  return buildOpenApi(ROUTES, { settings, catalogue }) as any;
}
const document = build(new Map());
const operations: { name: string; method: string; operation: typeof document }[] = Object.entries(
  document.paths as Record<string, Record<string, typeof document>>,
).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, method, operation })),
);
const operationOf = (id: string) => operations.find(({ operation }) => operation.operationId === id)?.operation;

describe("Redocly's strict rules", () => {
  const lint = async (source: object) => {
    const config = await createConfig({
      extends: ["recommended-strict"],
      rules: { "operation-description": "error", "parameter-description": "error", "info-contact": "error" },
    });
    const problems = await lintFromString({ source: JSON.stringify(source), absoluteRef: "openapi.json", config });
    return problems.map(({ ruleId, location: [place] }) => `${ruleId} ${place?.pointer}`);
  };

  test("find nothing wrong", async () => {
    expect(await lint(document)).toEqual([]);
  });

  test("would find an example that does not fit its schema, and an operation without an id", async () => {
    const spoilt = structuredClone(document);
    const { post } = spoilt.paths["/api/v1/videos/generate"];
    delete post.operationId;
    post.requestBody.content["application/json"].example.model = "no/such-model";
    expect((await lint(spoilt)).map((line) => line.split(" ")[0]).toSorted()).toEqual([
      ...["no-invalid-media-type-examples", "operation-operationId"],
    ]);
  });
});

test("operations have ids that stay: the methods of generated clients are named after them", () => {
  expect(operations.map(({ operation }) => operation.operationId).toSorted()).toEqual([
    ...["bulkRequests", "cancelRequest", "createApiKey", "createOrganization", "createOrganizationKey", "createQuote"],
    ...["createWebhookEndpoint", "deleteApiKey", "deleteBudget", "deleteOrganizationKey"],
    ...[
      "deleteProviderKey",
      "deleteRequest",
      "deleteWebhookEndpoint",
      "exportUsage",
      "generateAgain",
      "generateImages",
    ],
    ...["generateQuickImage", "generateVideo", "getBillingInfo", "getBillingPricing", "getBillingStats"],
    ...["getDashboard", "getDiagnostics", "getDocsAsset", "getDocsPage", "getFile", "getHealth"],
    ...["getIdentity", "getModel", "getOpenApiDocument", "getOrganization", "getPrices", "getReceipt"],
    ...[
      "getRequest",
      "getShards",
      "getUsage",
      "getWebhookEndpoint",
      "getWebhookSecret",
      "listAlerts",
      "listAllDeliveries",
      "listApiKeys",
      "listAuditEntries",
    ],
    ...[
      "listBalances",
      "listBudgets",
      "listDeliveries",
      "listEvents",
      "listModels",
      "listOrganizationBudgets",
      "listOrganizationKeys",
    ],
    ...[
      "listOrganizations",
      "listProviderKeys",
      "listProviders",
      "listRequests",
      "listUsageLogs",
      "listWebhookEndpoints",
    ],
    ...["receiveProviderReport", "recountOrganization", "redeliver", "redeliverAll", "redeliverToEndpoint"],
    ...["removeOperatorBudget", "rotateServerSecret", "rotateWebhookSecret", "setBudget"],
    ...["setOperatorBudget", "setProviderKey", "settleRequest", "streamRequestEvents", "updateOrganization"],
    ...["updateWebhookEndpoint", "uploadFile", "validateProviderKey"],
  ]);
});

const INLINE = new Set(["getOpenApiDocument", "receiveProviderReport"]);
test.each(operations.filter(({ operation }) => !INLINE.has(operation.operationId)))(
  "$name: its bodies and answers in JSON have named schemas",
  ({ operation }) => {
    const bodies = [operation.requestBody, ...Object.values<typeof document>(operation.responses)];
    const media = bodies.flatMap((body) => body?.content?.["application/json"] ?? []);
    for (const { schema } of media)
      expect(schema).toEqual({ $ref: expect.stringMatching(/^#\/components\/schemas\//) });
  },
);

describe("every operation", () => {
  test.each(operations)("$name: has examples for what it needs", ({ operation }) => {
    const { requestBody, parameters = [] } = operation;
    // JSON cannot hold the example of a file.
    const isFile = operation.operationId === "uploadFile";
    if (requestBody !== undefined && !isFile)
      expect(requestBody.content["application/json"].example).toBeTypeOf("object");
    if (operation.operationId === "receiveProviderReport") return; // only a provider can sign one
    for (const { required, schema } of parameters) if (required) expect(schema.example).toBeTypeOf("string");
  });

  test.each(operations)("$name: says what its answers are, and has the id of the call on them", ({ operation }) => {
    const responses = Object.entries<typeof document>(operation.responses);
    for (const [status, response] of responses) {
      const { headers, content } = response.$ref === undefined ? response : resolve(response.$ref);
      expect(headers).toHaveProperty("X-Request-Id");
      if (/^(200|201|206|4|5)/.test(status) && status !== "416") expect(content).toBeTypeOf("object");
    }
    expect(responses.map(([status]) => status)).toEqual(expect.arrayContaining(["400", "500", "default"]));
  });
});

describe("errors", () => {
  test.each([
    { id: "generateVideo", statuses: [400, 401, 402, 403, 404, 409, 413, 415, 422, 424, 429, 500, 502, 503, 504] },
    { id: "getRequest", statuses: [400, 401, 403, 404, 422, 429, 500, 503] },
    { id: "generateAgain", statuses: [400, 401, 402, 403, 404, 409, 422, 424, 429, 500, 502, 503, 504] },
    { id: "bulkRequests", statuses: [400, 401, 403, 409, 413, 415, 422, 429, 500, 503] },
    { id: "cancelRequest", statuses: [400, 401, 403, 404, 409, 429, 500, 503] },
    { id: "createWebhookEndpoint", statuses: [400, 401, 403, 413, 415, 422, 429, 500, 503] },
    { id: "getFile", statuses: [400, 401, 404, 416, 422, 424, 429, 500, 502, 503, 504] },
    { id: "listModels", statuses: [400, 422, 500] },
  ])("$id answers $statuses", ({ id, statuses }) => {
    const found = Object.keys(operationOf(id).responses).map(Number);
    expect(found.filter((status) => status >= 400)).toEqual(statuses);
  });

  test("each status has an example of its own, with one of its codes", () => {
    for (const [name, { content }] of Object.entries<typeof document>(document.components.responses)) {
      const { error } = errorBody.parse(content["application/json"].example);
      if (name === "OtherError") continue;
      const statuses = operations.flatMap(({ operation }) =>
        Object.entries<typeof document>(operation.responses).flatMap(([status, { $ref }]) =>
          $ref === `#/components/responses/${name}` ? [Number(status)] : [],
        ),
      );
      expect([...new Set(statuses)]).toEqual([ERROR_STATUS[error]]);
    }
  });

  test("a call that can be repeated says when", () => {
    const { TooManyRequests, ServiceUnavailable } = document.components.responses;
    for (const response of [TooManyRequests, ServiceUnavailable])
      expect(response.headers).toHaveProperty("Retry-After");
  });
});

describe("models", () => {
  const modelOf = (from: typeof document, name: string) => from.components.schemas[name].properties.model;
  const idsOf = (mediaType: string) =>
    [...catalogue.values()].filter((one) => one.mediaType === mediaType).map(({ id }) => id);

  test("the bodies list the models of the catalogue that make such media", () => {
    expect(modelOf(document, "VideoRequest").enum).toEqual(idsOf("video"));
    expect(modelOf(document, "ImageRequest").enum).toEqual(idsOf("image"));
    expect(modelOf(document, "QuickImageRequest").enum).toEqual(idsOf("image"));
  });

  test("a provider that takes any model is listed by a pattern, once it is configured", () => {
    const off = build(new Map([["openai-videos", KEYLESS]]));
    expect(modelOf(off, "VideoRequest").enum).toEqual(idsOf("video"));
    const on = build(new Map([["openai-videos", { apiKey: "a-key", simulated: false }]]));
    const [listed, { pattern }] = modelOf(on, "VideoRequest").anyOf;
    expect(listed.enum).toEqual(idsOf("video"));
    expect("openai-videos/some-model@my-server").toMatch(new RegExp(pattern));
    expect("openai-videos/").not.toMatch(new RegExp(pattern));
    expect(modelOf(on, "ImageRequest").enum).toEqual(idsOf("image"));
  });
});

test("links lead to operations that exist, and give parameters that these have", () => {
  for (const { operation } of operations)
    for (const response of Object.values<typeof document>(operation.responses))
      for (const link of Object.values<typeof document>(response.links ?? {})) {
        const target = operationOf(link.operationId);
        const names = target.parameters.map(({ name }: { name: string }) => name);
        expect(names).toEqual(expect.arrayContaining(Object.keys(link.parameters)));
      }
});

function resolve(pointer: string): typeof document {
  return pointer
    .slice(2)
    .split("/")
    .reduce((node, key) => node[key], document);
}
