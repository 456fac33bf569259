/** The client's types as TypeScript source, made of the API's own schemas. */
import { CALLER_KEY_PROVIDERS, PROVIDER_NAMES } from "@visgate/providers";
import * as contract from "@visgate/shared/contract";
import { compile } from "json-schema-to-typescript";
import { z } from "zod";

const ANSWERS = {
  RequestStatus: contract.requestStatus,
  RequestInput: contract.requestInput,
  RequestWithInput: contract.requestWithInput,
  Acknowledgement: contract.acknowledgement,
  VideoAnswer: contract.videoResult,
  ImageResult: contract.imageResult,
  QuickImageResult: contract.quickImageResult,
  UploadedFile: contract.uploadedFile,
  RequestPageAnswer: contract.listAnswer,
  CancelAnswer: contract.cancelAnswer,
  DeleteAnswer: contract.deleteAnswer,
  BulkResult: contract.bulkAnswer,
  TimelineEntry: contract.timelineEntry,
  FeedEvent: contract.feedEvent,
  BudgetThreshold: contract.budgetThreshold,
  FeedPage: contract.feedAnswer,
  Alert: contract.alertView,
  Delivery: contract.deliveryView,
  DeliveryList: contract.deliveryList,
  ListedDelivery: contract.listedDelivery,
  DeliveryPageAnswer: contract.deliveryPage,
  Redelivering: contract.redelivering,
  WebhookEvent: contract.webhookEvent,
  WebhookEndpoint: contract.webhookEndpoint,
  WebhookEndpointWithSecret: contract.webhookEndpointWithSecret,
  WebhookEndpointList: contract.webhookEndpointList,
  WebhookEndpointDeleted: contract.endpointDeleted,
  Model: contract.modelView,
  ModelList: contract.modelsAnswer,
  Balances: contract.balancesAnswer(PROVIDER_NAMES),
  Providers: contract.providersAnswer(PROVIDER_NAMES),
  KeyValidation: contract.validateKeyAnswer,
  ProviderKeyList: contract.providerKeysAnswer(CALLER_KEY_PROVIDERS),
  UsageSummary: contract.usageAnswer,
  UsageLogs: contract.usageLogs,
  Dashboard: contract.dashboardAnswer,
  Budget: contract.budgetView,
  BudgetDeleted: contract.budgetDeleted,
  BillingInfo: contract.billingInfo,
  Quote: contract.quoteAnswer,
  Receipt: contract.receipt,
  ApiKey: contract.apiKeyView,
  ApiKeyWithSecret: contract.apiKeyWithSecret,
  ApiKeyDeleted: contract.apiKeyDeleted,
  Health: contract.health,
  Diagnostics: contract.diagnostics(PROVIDER_NAMES),
  Identity: contract.identity,
  WebhookSecret: contract.webhookSecret,
  ErrorBody: contract.errorBody,
};
const INPUTS = {
  VideoBody: contract.generateVideoBody,
  ImageBody: contract.generateImageBody,
  QuickImageBody: contract.quickImageBody,
  RequestQuery: contract.listQuery(PROVIDER_NAMES),
  BulkBody: contract.bulkBody(PROVIDER_NAMES),
  DeliveryQuery: contract.deliveriesQuery,
  FeedQuery: contract.feedQuery,
  ModelQuery: contract.modelsQuery,
  WebhookEndpointInput: contract.createEndpointBody,
  WebhookEndpointChange: contract.updateEndpointBody,
  UsageQuery: contract.usageQuery,
  UsageLogQuery: contract.usageLogsQuery,
  BudgetLimit: contract.setBudgetBody,
  BudgetKey: contract.budgetQuery,
  Settlement: contract.settleBody,
  ApiKeyInput: contract.createApiKeyBody,
  ProviderKey: contract.validateKeyBody(PROVIDER_NAMES),
  NewProviderKey: contract.newProviderKey(CALLER_KEY_PROVIDERS),
};
const HEADER = `/**
 * Made of the API's own schemas by \`npm run generate\`; do not edit.
 * Times are ISO 8601 in UTC with milliseconds; costs are USD unless the name says micro (1e-6 USD).
 */`;

/** @returns {Promise<string>} the source of src/types.generated.ts */
export async function contractTypes() {
  const answers = schemasOf(ANSWERS, "output");
  const schemas = { ...answers, ...schemasOf(INPUTS, "input") };
  const maps = new Set();
  /** @type {Record<string, any>} */
  const definitions = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, plain(schema, maps)]));
  /** @type {any} */
  const root = { title: "Contract", type: "object", properties: refs(definitions), definitions };
  const source = await compile(root, "Contract", {
    bannerComment: HEADER,
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    format: true,
    style: { printWidth: 120 },
  });
  return `${withoutRoot(source)}\n${mapsConstant([...maps].toSorted())}`;
}

/** @param {Record<string, z.ZodType>} named @param {"input" | "output"} io @returns {Record<string, any>} */
function schemasOf(named, io) {
  /** @type {any} */
  const registry = z.registry();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  return z.toJSONSchema(registry, {
    io,
    unrepresentable: "any",
    uri: (/** @type {string} */ id) => `#/definitions/${id}`,
  }).schemas;
}

/**
 * camelCase properties, and no names of our own making for what is inside. Names of maps are collected: their keys are
 * the caller's, so the client leaves them as they are.
 * @param {any} schema @param {Set<string>} maps @returns {any}
 */
function plain(schema, maps) {
  if (Array.isArray(schema)) return schema.map((one) => plain(one, maps));
  if (typeof schema !== "object" || schema === null) return schema;
  const { $schema: _, $id: _id, id: _name, properties, required, additionalProperties, ...rest } = schema;
  const made = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plain(value, maps)]));
  if (additionalProperties !== undefined && properties === undefined) made.additionalProperties = additionalProperties;
  if (properties === undefined) return made;
  for (const [name, property] of Object.entries(properties)) if (isMap(property)) maps.add(name);
  made.properties = Object.fromEntries(Object.entries(properties).map(([k, v]) => [camel(k), plain(v, maps)]));
  if (required) made.required = required.map(camel);
  return made;
}

/** @param {any} schema @returns {boolean} */
function isMap(schema) {
  if (schema.anyOf) return schema.anyOf.some(isMap);
  return schema.type === "object" && schema.properties === undefined;
}

const camel = (/** @type {string} */ name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const refs = (/** @type {object} */ definitions) =>
  Object.fromEntries(Object.keys(definitions).map((name) => [name, { $ref: `#/definitions/${name}` }]));

/** The compiler wants one type above all others; nobody else does. @param {string} source */
function withoutRoot(source) {
  return source
    .replace(/export interface Contract \{[\s\S]*?\n\}\n/, "")
    .replace(/^ \* via the `definition`.*\n/gm, "");
}

/** @param {string[]} names */
function mapsConstant(names) {
  const list = names.map((name) => JSON.stringify(name)).join(", ");
  return `/** Properties that are maps: their keys are data, not names. @internal */\nexport const MAPS: readonly string[] = [${list}];\n`;
}
