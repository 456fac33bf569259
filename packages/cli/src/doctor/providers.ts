/** Do the providers take their keys? */
import type { Balance, Diagnostics } from "@visgate_ai/client";
import { KEY_VARIABLES } from "../providers.generated.js";
import { type Check, fault, ok, warning } from "./check.js";

export function checkProviders(balances: readonly Balance[], { providers }: Diagnostics): Check[] {
  const simulated = new Set(providers.filter((one) => one.simulated).map((one) => one.provider));
  const checks = balances.map((balance) => checkProvider(balance, simulated.has(balance.provider)));
  if (balances.some(({ configured }) => configured)) return checks;
  return [...checks, fault("providers", "There is a key for none of them.", "Set one at the API and at the workers.")];
}

function checkProvider(balance: Balance, isSimulated: boolean): Check {
  const { provider, configured, available, remaining, currency, message } = balance;
  const variable = KEY_VARIABLES[provider] ?? "its key";
  if (!configured)
    return warning(provider, "There is no key for it.", `Set ${variable}, or send along a key of your own.`);
  if (!available)
    return fault(provider, message ?? "It is not available.", `Look at ${variable}, or wait for the provider.`);
  if (isSimulated) return ok(provider, "Simulated: nothing is paid, nothing is real");
  if (remaining === null) return ok(provider, "It accepts its key; what is left it does not tell");
  const left = `${remaining} ${currency ?? ""} left`;
  return remaining > 0 ? ok(provider, `It accepts its key; ${left}`) : warning(provider, left, "Top up the account.");
}
