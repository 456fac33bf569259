import type { RequestRecord } from "./record.js";

/** Who pays for a request, and where. */
export type Payer = Pick<RequestRecord, "provider" | "account" | "organization">;

/** The name of the provider account. Null for a key that the caller sent along: this server does not know what else that account does. */
export function accountOf({ provider, account, organization }: Payer): string | null {
  if (account === "caller") return null;
  return account === "server" ? provider : `${provider}:${organization}`;
}
