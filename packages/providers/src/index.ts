/** The one table of providers: a new one is an adapter file and a line here. */
import { createFalAdapter } from "./fal.js";
import type { AdapterOptions, ProviderAdapter } from "./port.js";
import { createReplicateAdapter } from "./replicate.js";
import { createRunwayAdapter } from "./runway.js";

export type * from "./port.js";

const ADAPTERS: Record<string, (options: AdapterOptions) => ProviderAdapter> = {
  fal: createFalAdapter,
  replicate: createReplicateAdapter,
  runway: createRunwayAdapter,
};

export function createAdapter(name: string, options: AdapterOptions): ProviderAdapter {
  const create = Object.hasOwn(ADAPTERS, name) ? ADAPTERS[name] : undefined;
  if (create === undefined) throw new Error(`There is no adapter for the provider ${name}.`);
  return create(options);
}
