/** What is left on each provider's account. */
import { type AccountResult, PROVIDER_NAMES } from "@visgate/providers";
import type { BalancesAnswer, BalanceView } from "@visgate/shared/contract";
import type { Deps } from "../deps.js";

type CallerKeys = Record<string, string | undefined>;

/** Uses the caller's own key before the server's. */
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
    ? { message: "The API of this provider does not report a balance." }
    : { ...balance, message: null };
}
