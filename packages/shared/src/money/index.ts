/** Money and usage: the ledger, budgets, and what is counted from them. */
export * from "./budget.js";
export * from "./budget-view.js";
export * from "./ledger.js";
export * from "./period.js";
export * from "./times.js";
export * from "./usage.js";
