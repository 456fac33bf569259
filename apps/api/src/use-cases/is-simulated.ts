import type { Deps } from "../deps.js";

/** Whether the provider is the simulator of this server, so that what is said about keys and accounts is not real. */
export const isSimulated = ({ settings }: Deps, provider: string): boolean =>
  settings.providers.get(provider)?.simulated ?? false;
