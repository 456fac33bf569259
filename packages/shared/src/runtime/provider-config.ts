/** What the environment says of each provider: its key, its addresses, whether the simulator stands in for it. */
import { z } from "zod";
import type { ProviderManifest } from "../catalogue/manifest.js";

export type Env = Readonly<Record<string, string | undefined>>;

/** What `provider.json` cannot describe. */
export interface ProviderSettings {
  /** For the adapter alone. */
  value: unknown;
  /** Further origins that it calls. */
  origins: readonly string[];
}

export interface ProviderSource {
  manifest: ProviderManifest;
  /** @throws Error whose message has one line per fault, each starting with the variable */
  readSettings?(env: Env): ProviderSettings;
}

export interface ProviderConfig {
  manifest: ProviderManifest;
  /** The server's own key; "" when the provider needs none; null when only callers with a key of their own can use it. */
  apiKey: string | null;
  /** "" when the operator has not set one and there is no default. */
  baseUrl: string;
  /** By what they are for; null for one that the key must not be sent to. */
  urls: Readonly<Record<string, string | null>>;
  settings: unknown;
  /** Where this provider is: the server may talk to these hosts even when their addresses are private. */
  origins: readonly string[];
  simulated: boolean;
}

/** It travels in a header. */
export const headerValue = z.string().regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces");
export const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));

/** The variables of all providers, for the schema of the whole environment. */
export function providerFields(manifests: readonly ProviderManifest[]) {
  const fields: Record<string, z.ZodType<string | undefined>> = {};
  for (const { keyVariable, baseUrlVariable, urls } of manifests) {
    fields[keyVariable] = headerValue.optional();
    fields[baseUrlVariable] = httpUrl.optional();
    for (const { variable } of Object.values(urls)) fields[variable] = httpUrl.optional();
  }
  return fields;
}

type Values = { readonly SIMULATED_PROVIDERS: readonly string[] };

/** `parsed`: the whole environment, with the variables of `providerFields`. */
export function providerConfig(
  { manifest }: ProviderSource,
  parsed: Values,
  settings: ProviderSettings,
): ProviderConfig {
  const values = parsed as unknown as Env;
  const baseUrl = values[manifest.baseUrlVariable] ?? manifest.baseUrl ?? "";
  const hasDefaultBase = baseUrl === manifest.baseUrl;
  const urls = Object.entries(manifest.urls).map(([role, further]) => {
    const standard = further.withDefaultBaseUrlOnly && !hasDefaultBase ? null : further.default;
    return [role, values[further.variable] ?? standard] as const;
  });
  const origins = [...(baseUrl === "" ? [] : [new URL(baseUrl).origin]), ...settings.origins];
  const keyless = manifest.isKeyRequired || origins.length === 0 ? null : "";
  return {
    manifest,
    apiKey: values[manifest.keyVariable] ?? keyless,
    baseUrl,
    urls: Object.fromEntries(urls),
    settings: settings.value,
    origins,
    simulated: parsed.SIMULATED_PROVIDERS.includes(manifest.name),
  };
}
