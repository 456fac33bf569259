/** The names of the schemas in the OpenAPI document. Client generators name their types after them. */
import { zodToOpenAPIRegistry } from "@asteasolutions/zod-to-openapi";
import { CALLER_KEY_PROVIDERS, PROVIDER_NAMES } from "@visgate/providers";
import * as contract from "@visgate/shared/contract";
import type { z } from "zod";

// The schemas that list the providers. Routes use these, so that the document has them under their names.
export const balances = contract.balancesAnswer(PROVIDER_NAMES);
export const providers = contract.providersAnswer(PROVIDER_NAMES);
export const diagnosticsReport = contract.diagnostics(PROVIDER_NAMES);
export const pricesReport = contract.pricesReport(PROVIDER_NAMES);
export const bulkRequest = contract.bulkBody(PROVIDER_NAMES);
export const providerKey = contract.validateKeyBody(PROVIDER_NAMES);
export const newProviderKey = contract.newProviderKey(CALLER_KEY_PROVIDERS);
export const providerKeys = contract.providerKeysAnswer(CALLER_KEY_PROVIDERS);

const SCHEMAS: Record<string, z.ZodType> = {
  VideoRequest: contract.generateVideoBody,
  VideoResult: contract.videoResult,
  UploadedFile: contract.uploadedFile,
  ImageRequest: contract.generateImageBody,
  ImageResult: contract.imageResult,
  QuickImageRequest: contract.quickImageBody,
  QuickImageResult: contract.quickImageResult,
  Acknowledgement: contract.acknowledgement,
  GeneratedAgain: contract.generatedAgain,
  RequestStatus: contract.requestStatus,
  RequestInput: contract.requestInput,
  RequestStatusWithInput: contract.requestWithInput,
  StatusEvent: contract.statusEvent,
  RequestStatusWithTimeline: contract.statusAnswer,
  RequestPage: contract.listAnswer,
  TimelineEntry: contract.timelineEntry,
  CancelAnswer: contract.cancelAnswer,
  RequestDeleted: contract.deleteAnswer,
  BulkRequest: bulkRequest,
  BulkResult: contract.bulkAnswer,
  OutputProgress: contract.outputProgress,
  Event: contract.feedEvent,
  EventPage: contract.feedAnswer,
  WebhookEvent: contract.webhookEvent,
  Alert: contract.alertView,
  AlertList: contract.alertList,
  Delivery: contract.deliveryView,
  DeliveryList: contract.deliveryList,
  ListedDelivery: contract.listedDelivery,
  DeliveryPage: contract.deliveryPage,
  RedeliverRequest: contract.redeliverBody,
  Redelivering: contract.redelivering,
  NewWebhookEndpoint: contract.createEndpointBody,
  WebhookEndpointChange: contract.updateEndpointBody,
  WebhookEndpoint: contract.webhookEndpoint,
  WebhookEndpointWithSecret: contract.webhookEndpointWithSecret,
  WebhookEndpointList: contract.webhookEndpointList,
  WebhookEndpointDeleted: contract.endpointDeleted,
  RotateSecretRequest: contract.rotateSecretBody,
  WebhookSecret: contract.webhookSecret,
  Model: contract.modelView,
  ModelList: contract.modelsAnswer,
  Balances: balances,
  Providers: providers,
  ProviderKey: providerKey,
  KeyValidation: contract.validateKeyAnswer,
  NewProviderKey: newProviderKey,
  ProviderKeyList: providerKeys,
  Identity: contract.identity,
  NewApiKey: contract.createApiKeyBody,
  ApiKey: contract.apiKeyView,
  ApiKeyWithSecret: contract.apiKeyWithSecret,
  ApiKeyList: contract.apiKeyList,
  ApiKeyDeleted: contract.apiKeyDeleted,
  AuditPage: contract.auditPage,
  UsageSummary: contract.usageAnswer,
  UsageLogs: contract.usageLogs,
  Dashboard: contract.dashboardAnswer,
  Quote: contract.quoteAnswer,
  Receipt: contract.receipt,
  Settlement: contract.settleBody,
  BudgetLimit: contract.setBudgetBody,
  Budget: contract.budgetView,
  BudgetThreshold: contract.budgetThreshold,
  BudgetList: contract.budgetList,
  BudgetDeleted: contract.budgetDeleted,
  OperatorBudgetLimit: contract.setOperatorBudgetBody,
  BillingInfo: contract.billingInfo,
  BillingStats: contract.billingStats,
  BillingPricing: contract.billingPricing,
  Recount: contract.recountAnswer,
  NewOrganization: contract.createOrganizationBody,
  OrganizationChange: contract.updateOrganizationBody,
  Organization: contract.organizationView,
  OrganizationList: contract.organizationList,
  SecretRotation: contract.secretRotation,
  ShardsReport: contract.shardsReport,
  PricesReport: pricesReport,
  Health: contract.health,
  Diagnostics: diagnosticsReport,
  Error: contract.errorBody,
};

for (const [refId, schema] of Object.entries(SCHEMAS)) zodToOpenAPIRegistry.add(schema, { _internal: { refId } });
