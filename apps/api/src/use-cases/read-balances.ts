/** What is left on each provider's account. */
import { type AccountResult, PROVIDER_NAMES } from "@visgate/providers";
import type { BalancesAnswer, BalanceView } from "@visgate/shared/contract";
import type { Deps } from "../deps.js";
import { isSimulated } from "./is-simulated.js";
import { type CallerKeys, type KeyQuestion, pickKey } from "./pick-key.js";

/** Asks with the keys that a generation of this call would use. */
export async function readBalances(deps: Deps, organization: string, callerKeys: CallerKeys): Promise<BalancesAnswer> {
  const balances = PROVIDER_NAMES.map((provider) => readBalance(deps, { organization, provider, callerKeys }));
  return { balances: await Promise.all(balances) };
}

async function readBalance(deps: Deps, question: KeyQuestion): Promise<BalanceView> {
  const { provider } = question;
  const unknown = { provider, limit: null, remaining: null, currency: null, simulated: isSimulated(deps, provider) };
  const choice = await pickKey(deps, question);
  if (choice.kind === "none")
    return { ...unknown, configured: false, available: false, message: "There is no key for it." };
  if (choice.kind === "unreadable")
    return {
      ...unknown,
      configured: true,
      available: false,
      message: "The stored key cannot be read; store it again.",
    };
  const account = await deps.askAccount(provider, choice.apiKey);
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
