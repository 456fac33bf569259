/** Asks a provider whether it accepts a key. */
import type { ValidateKeyAnswer } from "@visgate/shared/contract";
import { VisgateError } from "@visgate/shared/errors";
import type { Deps } from "../deps.js";

export async function validateKey(deps: Deps, provider: string, apiKey: string): Promise<ValidateKeyAnswer> {
  const account = await deps.askAccount(provider, apiKey);
  if (account.kind === "unavailable") {
    throw new VisgateError("PROVIDER_ERROR", `${provider} cannot be asked now; send the same call again later.`, {
      provider,
      retryable: true,
    });
  }
  return account.kind === "valid"
    ? { valid: true, message: `${provider} accepts the key.` }
    : { valid: false, message: `${provider} refuses the key.` };
}
