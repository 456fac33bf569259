/** The one table of providers: a new one is an adapter file and a line here. */
import { createFalAdapter } from "./fal.js";
import type { ProviderAdapter } from "./port.js";

export type * from "./port.js";

interface AdapterOptions {
  baseUrl: string;
  fetch: typeof fetch;
  now: () => number;
}

const ADAPTERS: Record<string, (options: AdapterOptions) => ProviderAdapter> = {
  fal: createFalAdapter,
};

export function createAdapter(name: string, options: AdapterOptions): ProviderAdapter {
  const create = Object.hasOwn(ADAPTERS, name) ? ADAPTERS[name] : undefined;
  if (create === undefined) throw new Error(`There is no adapter for the provider ${name}.`);
  return create(options);
}
