/** The operator's routes: organizations and their API keys. */
import {
  apiKeyDeleted,
  apiKeyList,
  apiKeyWithSecret,
  budgetDeleted,
  budgetList,
  budgetView,
  createApiKeyBody,
  createOrganizationBody,
  operatorBudgetQuery,
  organizationList,
  organizationView,
  recountAnswer,
  setOperatorBudgetBody,
  updateOrganizationBody,
} from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { readQuery } from "../http/query.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { linksTo } from "../openapi/links.js";
import { organizationKeyParams, organizationParams } from "../openapi/params.js";
import { ALL_GRANTS, createApiKey, deleteApiKey, listApiKeys } from "../use-cases/manage-api-keys.js";
import { deleteBudget, listBudgets, setBudget } from "../use-cases/manage-budgets.js";
import {
  createOrganization,
  findOrganization,
  listOrganizations,
  requireOrganization,
  updateOrganization,
} from "../use-cases/manage-organizations.js";
import { recount } from "../use-cases/recount.js";

const tags = ["Operation"];
const BY_ADMIN = { kind: "admin" } as const;
const NEW_ORGANIZATION = { id: "acme", name: "Acme", time_zone: "Europe/Berlin" };
const idOf = (c: Ctx) => c.req.param("id") ?? "";

export const createOrganizationRoute: Route = {
  docs: {
    operationId: "createOrganization",
    summary: "Create an organization",
    description: "It has no API key yet: create its first one with the next call.",
    tags,
    request: { body: { required: true, content: json(createOrganizationBody, NEW_ORGANIZATION) } },
    responses: {
      201: {
        description: "Created.",
        content: json(organizationView),
        links: linksTo(["getOrganization", "updateOrganization", "createOrganizationKey"], {
          id: "$response.body#/id",
        }),
      },
    },
  },
  handler: (deps) => async (c) =>
    answerJson(c, await createOrganization(deps, validate(createOrganizationBody, await readJson(c))), 201),
};

export const listOrganizationsRoute: Route = {
  docs: {
    operationId: "listOrganizations",
    summary: "List organizations",
    description: "All organizations of this server, by id.",
    tags,
    responses: { 200: { description: "The organizations.", content: json(organizationList) } },
  },
  handler: (deps) => async (c) => answerJson(c, { organizations: await listOrganizations(deps) }),
};

export const getOrganizationRoute: Route = {
  docs: {
    operationId: "getOrganization",
    summary: "An organization",
    description: "Its settings and its limits.",
    tags,
    request: { params: organizationParams },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "The organization.", content: json(organizationView) } },
  },
  handler: (deps) => async (c) => answerJson(c, await findOrganization(deps, idOf(c))),
};

export const updateOrganizationRoute: Route = {
  docs: {
    operationId: "updateOrganization",
    summary: "Change an organization",
    description: "Fields that are left out stay. The change works within a second.",
    tags,
    request: {
      params: organizationParams,
      body: { required: true, content: json(updateOrganizationBody, { max_in_flight: 20 }) },
    },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "The changed organization.", content: json(organizationView) } },
  },
  handler: (deps) => async (c) => {
    const body = validate(updateOrganizationBody, await readJson(c));
    return answerJson(c, await updateOrganization(deps, idOf(c), body));
  },
};

export const createOrganizationKeyRoute: Route = {
  docs: {
    operationId: "createOrganizationKey",
    summary: "Create an API key of an organization",
    description: "With all scopes, unless the call names some. Only this answer shows the key.",
    tags,
    request: {
      params: organizationParams,
      body: { required: true, content: json(createApiKeyBody, { name: "first key" }) },
    },
    errors: ["NOT_FOUND"],
    responses: { 201: { description: "Created.", content: json(apiKeyWithSecret) } },
  },
  handler: (deps) => async (c) => {
    const body = validate(createApiKeyBody, await readJson(c));
    const { id: organization } = await findOrganization(deps, idOf(c));
    return answerJson(c, await createApiKey(deps, { organization, by: BY_ADMIN, grants: ALL_GRANTS, body }), 201);
  },
};

export const listOrganizationKeysRoute: Route = {
  docs: {
    operationId: "listOrganizationKeys",
    summary: "List the API keys of an organization",
    description: "Without the keys themselves, oldest first.",
    tags,
    request: { params: organizationParams },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "The keys.", content: json(apiKeyList) } },
  },
  handler: (deps) => async (c) => {
    const { id } = await findOrganization(deps, idOf(c));
    return answerJson(c, await listApiKeys(deps, id));
  },
};

export const deleteOrganizationKeyRoute: Route = {
  docs: {
    operationId: "deleteOrganizationKey",
    summary: "Revoke an API key of an organization",
    description: "It stops working within a second.",
    tags,
    request: { params: organizationKeyParams },
    errors: ["NOT_FOUND", "FORBIDDEN"],
    responses: { 200: { description: "Revoked.", content: json(apiKeyDeleted) } },
  },
  handler: (deps) => async (c) => {
    const id = c.req.param("key_id") ?? "";
    await deleteApiKey(deps, { organization: idOf(c), id, by: BY_ADMIN });
    return answerJson(c, { id, deleted: true });
  },
};

const OPERATOR = "operator" as const;

export const listOrganizationBudgetsRoute: Route = {
  docs: {
    operationId: "listOrganizationBudgets",
    summary: "The budgets of an organization",
    description: "The operator's and its own, with what is left of each in the current period.",
    tags,
    request: { params: organizationParams },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "The budgets.", content: json(budgetList) } },
  },
  handler: (deps) => async (c) => {
    const organization = await requireOrganization(deps, idOf(c));
    return answerJson(c, { budgets: await listBudgets(deps, organization) });
  },
};

export const setOperatorBudgetRoute: Route = {
  docs: {
    operationId: "setOperatorBudget",
    summary: "Limit what an organization may spend",
    description: "The organization sees this budget and cannot change it.",
    tags,
    request: {
      params: organizationParams,
      body: { required: true, content: json(setOperatorBudgetBody, { period: "month", limit_usd: 1000 }) },
    },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "The budget.", content: json(budgetView) } },
  },
  handler: (deps) => async (c) => {
    const { period, limit_usd: limitUsd } = validate(setOperatorBudgetBody, await readJson(c));
    const organization = await requireOrganization(deps, idOf(c));
    return answerJson(c, await setBudget(deps, { organization, by: BY_ADMIN, subject: OPERATOR, period, limitUsd }));
  },
};

export const removeOperatorBudgetRoute: Route = {
  docs: {
    operationId: "removeOperatorBudget",
    summary: "Remove the limit of what an organization may spend",
    description: "Its own budgets stay.",
    tags,
    request: { params: organizationParams, query: operatorBudgetQuery },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "Removed.", content: json(budgetDeleted) } },
  },
  handler: (deps) => async (c) => {
    const { period } = readQuery(c, operatorBudgetQuery);
    await deleteBudget(deps, { organization: idOf(c), by: BY_ADMIN, subject: OPERATOR, period });
    return answerJson(c, { subject: OPERATOR, period, deleted: true });
  },
};

export const recountRoute: Route = {
  docs: {
    operationId: "recountOrganization",
    summary: "Prove the counters from the ledger",
    description:
      "Reads the whole ledger, counts everything again, and lists every counter that differs. It changes nothing. A " +
      "ledger of a million entries takes about half a minute.",
    tags,
    request: { params: organizationParams },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "What was compared.", content: json(recountAnswer) } },
  },
  handler: (deps) => async (c) => answerJson(c, await recount(deps, idOf(c))),
};
