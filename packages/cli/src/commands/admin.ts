/** visgate admin: the operator's commands, with the admin key of the gateway. */
import { addAdminBudget } from "../admin/budget.js";
import { addAdminKeys } from "../admin/keys.js";
import { addOrganizations } from "../admin/organizations.js";
import { addPrices } from "../admin/prices.js";
import { addRecount } from "../admin/recount.js";
import { addRotateSecret } from "../admin/rotate-secret.js";
import { addShards } from "../admin/shards.js";
import type { AddCommand } from "../session.js";

const MORE_HELP = `
The admin key is read from VISGATE_ADMIN_KEY, never from the command line, which other users of this machine can see.
These commands need no API key.

Examples:
  visgate admin organizations create acme --name Acme --time-zone Europe/Berlin
  visgate admin keys create acme "first key"
  visgate admin budget set acme 1000
  visgate admin recount acme
  visgate admin shards
  visgate admin prices
  visgate admin rotate-secret`;

export const addAdmin: AddCommand = (program, toAction) => {
  const admin = program
    .command("admin")
    .description("for the operator: organizations, their keys and budgets, and checks")
    .addHelpText("after", MORE_HELP);
  for (const add of [addOrganizations, addAdminKeys, addAdminBudget, addRecount, addShards, addPrices, addRotateSecret])
    add(admin, toAction);
};
