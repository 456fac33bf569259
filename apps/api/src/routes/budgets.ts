/** Budgets of the caller's organization. */
import { budgetDeleted, budgetList, budgetQuery, budgetView, setBudgetBody } from "@visgate/shared/contract";
import type { BudgetSubject } from "@visgate/shared/money";
import { actorOf } from "../http/actor.js";
import { answerJson } from "../http/answer.js";
import { readJson } from "../http/body.js";
import { readQuery } from "../http/query.js";
import { json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { deleteBudget, listBudgets, setBudget } from "../use-cases/manage-budgets.js";

const tags = ["Usage"];
const NEW_BUDGET = { subject: "organization", period: "month", limit_usd: 500 };

export const listBudgetsRoute: Route = {
  docs: {
    operationId: "listBudgets",
    summary: "List budgets",
    description: "With what is left of them. The operator's budget for the organization is listed too.",
    tags,
    responses: { 200: { description: "The budgets.", content: json(budgetList) } },
  },
  handler: (deps) => async (c) => answerJson(c, { budgets: await listBudgets(deps, c.get("organization")) }),
};

export const setBudgetRoute: Route = {
  docs: {
    operationId: "setBudget",
    summary: "Set a budget",
    description:
      "A call is answered 402 when what it holds would cross a budget: of the organization, of its API key or of the " +
      "provider, in the day or the month. A budget that is set again is replaced.",
    tags,
    request: { body: { required: true, content: json(setBudgetBody, NEW_BUDGET) } },
    responses: { 200: { description: "The budget.", content: json(budgetView) } },
  },
  handler: (deps) => async (c) => {
    const { subject, period, limit_usd: limitUsd } = validate(setBudgetBody, await readJson(c));
    const command = { organization: c.get("organization"), by: actorOf(c), period, limitUsd };
    return answerJson(c, await setBudget(deps, { ...command, subject: subject as BudgetSubject }));
  },
};

export const deleteBudgetRoute: Route = {
  docs: {
    operationId: "deleteBudget",
    summary: "Remove a budget",
    description: "The operator's budget cannot be removed here.",
    tags,
    request: { query: budgetQuery },
    errors: ["NOT_FOUND"],
    responses: { 200: { description: "Removed.", content: json(budgetDeleted) } },
  },
  handler: (deps) => async (c) => {
    const { subject, period } = readQuery(c, budgetQuery);
    const organization = c.get("apiKey").organization;
    await deleteBudget(deps, { organization, by: actorOf(c), subject: subject as BudgetSubject, period });
    return answerJson(c, { subject, period, deleted: true });
  },
};
