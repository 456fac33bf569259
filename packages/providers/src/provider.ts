/** What the folder of a provider exports to the registry. */
import { readFileSync } from "node:fs";
import { type ModelSource, providerManifest } from "@visgate/shared/catalogue";
import type { ProviderSource } from "@visgate/shared/runtime";
import type { AdapterOptions, ProviderAdapter } from "./port.js";
import type { ReportVerifier, VerifierOptions } from "./report/verifier.js";
import type { WebhookForm } from "./words.js";

export interface Provider extends ModelSource, ProviderSource {
  /** Loads the adapter and the provider's SDK. Processes that never call the provider do not load them. */
  createAdapter(options: AdapterOptions): Promise<ProviderAdapter>;
  /** Whether the adapter can read the provider's own prices. */
  hasPriceList?: boolean;
  /** Only for providers that send reports. */
  createReportVerifier?(options: VerifierOptions): ReportVerifier;
  /** How its own API tells of the end of a request. Only for providers whose API is a dialect with webhooks. */
  webhookForm?: WebhookForm;
}

/** `moduleUrl`: the URL of the calling module. `provider.json` is in the same folder of the sources. */
export function defineProvider(moduleUrl: string, parts: Omit<Provider, "manifest">): Provider {
  const folder = new URL(".", moduleUrl).pathname.split("/").at(-2) ?? "";
  const file = new URL(`../../src/${folder}/provider.json`, moduleUrl);
  return { ...parts, manifest: providerManifest.parse(JSON.parse(readFileSync(file, "utf8"))) };
}
