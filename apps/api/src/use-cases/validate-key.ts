/** Asks a provider whether it accepts a key. */
import type { ValidateKeyAnswer } from "@visgate/shared/contract";
import { VisgateError } from "@visgate/shared/errors";
import type { Deps } from "../deps.js";
import { isSimulated } from "./is-simulated.js";

export async function validateKey(deps: Deps, provider: string, apiKey: string): Promise<ValidateKeyAnswer> {
  const account = await deps.askAccount(provider, apiKey);
  if (account.kind === "unavailable") {
    throw new VisgateError("PROVIDER_ERROR", `${provider} cannot be asked now; send the same call again later.`, {
      provider,
      retryable: true,
    });
  }
  const valid = account.kind === "valid";
  const message = valid ? `${provider} accepts the key.` : `${provider} refuses the key.`;
  return { valid, message, simulated: isSimulated(deps, provider) };
}
