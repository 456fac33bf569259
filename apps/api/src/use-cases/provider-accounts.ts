/** Providers' accounts: is a key accepted, and what is left. */
import { type AccountResult, PROVIDER_NAMES } from "@visgate/providers";
import type { BalancesAnswer, BalanceView, ValidateKeyAnswer } from "@visgate/shared/contract";
import { VisgateError } from "@visgate/shared/errors";
import type { Deps } from "../deps.js";

type CallerKeys = Record<string, string | undefined>;

/** A caller's own key goes before the server's. */
export async function readBalances(deps: Deps, callerKeys: CallerKeys): Promise<BalancesAnswer> {
  const balances = PROVIDER_NAMES.map((provider) => readBalance(deps, provider, callerKeys[provider]));
  return { balances: await Promise.all(balances) };
}

async function readBalance(deps: Deps, provider: string, callerKey: string | undefined): Promise<BalanceView> {
  const unknown = { provider, limit: null, remaining: null, currency: null };
  const apiKey = callerKey || (deps.settings.providers.get(provider)?.apiKey ?? null);
  if (apiKey === null) return { ...unknown, configured: false, available: false, message: "There is no key for it." };
  const account = await deps.askAccount(provider, apiKey);
  switch (account.kind) {
    case "refused":
      return { ...unknown, configured: true, available: false, message: "The provider refuses the key." };
    case "unavailable":
      return { ...unknown, configured: true, available: false, message: "The provider cannot be reached now." };
    case "valid":
      return { ...unknown, configured: true, available: true, ...balanceOf(account) };
  }
}

function balanceOf({ balance }: Extract<AccountResult, { kind: "valid" }>) {
  return balance === null
    ? { message: "This provider has no way to ask for a balance." }
    : { ...balance, message: null };
}

export async function validateKey(deps: Deps, provider: string, apiKey: string): Promise<ValidateKeyAnswer> {
  const account = await deps.askAccount(provider, apiKey);
  if (account.kind === "unavailable") {
    throw new VisgateError("PROVIDER_ERROR", `${provider} cannot be asked now.`, { provider, retryable: true });
  }
  return account.kind === "valid"
    ? { valid: true, message: `${provider} accepts the key.` }
    : { valid: false, message: `${provider} refuses the key.` };
}
