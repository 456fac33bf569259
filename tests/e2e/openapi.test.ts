/** The OpenAPI document tells the truth: its examples succeed as they stand on a server with the simulator. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FUZZ_ENV, fuzz } from "../../scripts/lib/fuzz.mjs";
import { findSchemathesis } from "../../scripts/lib/programs/schemathesis.mjs";
import { type Operation, operationsOf, requestOf } from "../support/openapi-examples.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";

let stack: TestStack;
let receiver: Receiver;
let operations: Operation[];
beforeAll(async () => {
  const env = FUZZ_ENV;
  [stack, receiver] = await Promise.all([startTestStack({ env }), startReceiver()]);
  operations = operationsOf((await stack.caller.call("GET", "/openapi.json")).body);
});
afterAll(async () => {
  await receiver.close();
  await stack.stop();
});

/** The calls take 15 s on an idle machine with two cores. */
const FUZZ_LIMIT = { timeout: 300_000 };
/**
 * A provider signs its reports, so nobody else can send one. Only an unknown charge can be settled by hand. A file has
 * no example in JSON.
 */
const NOT_FOR_CALLERS = ["receiveProviderReport", "settleRequest", "uploadFile"];
/** What they make, later examples need. */
const FIRST = ["createOrganization", "createApiKey", "setProviderKey", "createOrganizationKey"];
const LAST = [
  ...["cancelRequest", "deleteRequest", "deleteWebhookEndpoint", "deleteProviderKey"],
  ...["deleteApiKey", "deleteOrganizationKey", "deleteBudget", "removeOperatorBudget"],
];
/** Their examples are of this document, and not placeholders. */
const AS_IT_STANDS = ["getModel", "getDocsAsset", "deleteProviderKey"];

async function send(operation: Operation, given: Record<string, string> = {}) {
  const { url, headers, ...init } = requestOf(operation, given);
  const keys = { authorization: `Bearer ${stack.stack.apiKey}`, "x-visgate-admin-key": FUZZ_ENV.VISGATE_ADMIN_KEY };
  const response = await fetch(stack.stack.baseUrl + url, { ...init, headers: { ...headers, ...keys } });
  const isJson = response.headers.get("content-type") === "application/json";
  // biome-ignore lint/suspicious/noExplicitAny: answers are read like any client reads them
  const body: any = isJson ? await response.json() : await response.text();
  return { status: response.status, body };
}
const operationOf = (id: string) => operations.find((one) => one.id === id) as Operation;

/** What the placeholders among the examples stand for: things that this server has. */
async function makeOneOfEach() {
  const id: string = await stack.caller.submit({ model: "fal-ai/veo3", prompt: "a bird", webhook_url: receiver.url });
  const { output_url } = await stack.caller.finished(id);
  const [endpoint, { deliveries }] = await Promise.all([
    send(operationOf("createWebhookEndpoint")),
    stack.caller.call("GET", `/requests/${id}/deliveries`).then(({ body }) => body),
  ]);
  const file = new URL(output_url);
  const [organization = "", , name = ""] = file.pathname.split("/").slice(-3);
  const signed = Object.fromEntries(file.searchParams);
  return {
    id,
    endpoint: endpoint.body.id as string,
    delivery_id: deliveries[0].id as string,
    organization,
    name,
    ...signed,
  };
}

describe("the examples", () => {
  test("each succeeds as it stands", async () => {
    const { endpoint, ...request } = await makeOneOfEach();
    const failed: unknown[] = [];
    const made: Record<string, string> = {};
    const givenTo = async ({ id, path }: Operation): Promise<Record<string, string>> => {
      if (AS_IT_STANDS.includes(id)) return {};
      if (id === "cancelRequest") return { ...request, id: await stack.caller.submit() };
      if (path.includes("/webhook-endpoints/{id}")) return { id: endpoint };
      if (path.includes("/api-keys/{id}")) return { id: made["createApiKey"] ?? "" };
      if (path.includes("/admin/")) return { key_id: made["createOrganizationKey"] ?? "" };
      return request;
    };
    const run = async (operation: Operation) => {
      const { status, body } = await send(operation, await givenTo(operation));
      if (status >= 300) failed.push([operation.id, status, body]);
      made[operation.id] = body.id;
    };
    const callable = operations.filter(({ id }) => !NOT_FOR_CALLERS.includes(id));
    for (const id of FIRST) await run(operationOf(id));
    await Promise.all(callable.filter(({ id }) => ![...FIRST, ...LAST].includes(id)).map(run));
    for (const id of LAST) await run(operationOf(id));
    expect(failed).toEqual([]);
    expect(callable.length).toBeGreaterThan(30);
  });

  test.each(["generateVideo", "generateImages", "generateQuickImage"])("%s: its example is generated", async (id) => {
    const { status, body } = await send(operationOf(id));
    expect([status, body.status]).toEqual([202, "pending"]);
    expect((await stack.caller.finished(body.request_id)).status).toBe("completed");
  });
});

/** Null where Python is too old: the message says so. `npm run test:fuzz` makes many more calls. */
const python = await findSchemathesis().catch((error: Error) => {
  console.warn(`Schemathesis is skipped: ${error.message}`);
  return null;
});

/** Without stateful testing, which follows the links of the document and takes as long as the others together. */
const QUICK_PHASES = ["examples", "coverage", "fuzzing"];
/** apps/api/src/access.test.ts tries wrong keys on every route, and without their delay. */
const QUICK_WITHOUT = ["ignored_auth"];

test.skipIf(python === null)(
  "Schemathesis finds no answer that the document does not describe",
  FUZZ_LIMIT,
  async () => {
    const { baseUrl, apiKey } = stack.stack;
    const found = await fuzz(
      { python: python ?? "", baseUrl, apiKey },
      { ...{ examples: 3, seed: 1 }, phases: QUICK_PHASES, withoutChecks: QUICK_WITHOUT },
    );
    expect(found.succeeded, found.output.slice(-20_000)).toBe(true);
    expect(found.cases).toBeGreaterThan(1000);
    // Calls that are made of the document alone generate something.
    for (const model of ["fal-ai/veo3", "fal-ai/stable-diffusion-v3-medium"])
      expect(found.generated[model]).toBeGreaterThan(5);
  },
);
