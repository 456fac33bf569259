/**
 * Encrypts everything that is stored encrypted with the first secret of VISGATE_SECRET, so that the others can be
 * removed. Each text is replaced by compare-and-set, so it can run beside everything else, and again at any time.
 */
import type { SecretRotation } from "@visgate/shared/contract";
import type { WebhookEndpoint } from "@visgate/shared/delivery";
import { type AuditEntry, providerKeyContext, type StoredProviderKey } from "@visgate/shared/organization";
import { changeSetting, type RequestKey } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

export async function rotateServerSecret(deps: Deps): Promise<SecretRotation> {
  const [providerKeys, webhookSecrets, requestKeys] = [noRenewals(), noRenewals(), noRenewals()];
  for (const organization of await deps.store.maintenance.organizations()) {
    await renewProviderKeys(deps, organization, providerKeys);
    await renewEndpoints(deps, organization, webhookSecrets);
    await renewRequestKeys(deps, organization, requestKeys);
  }
  const rotation = { provider_keys: providerKeys, webhook_secrets: webhookSecrets, request_keys: requestKeys };
  deps.log.info({ rotation }, "what is stored is encrypted with the first secret of VISGATE_SECRET");
  return rotation;
}

type Counts = SecretRotation["provider_keys"];
const noRenewals = (): Counts => ({ changed: 0, unchanged: 0, unreadable: 0 });

interface Renewal {
  outcome: keyof Counts;
  /** Encrypted with the first secret, or as it was when it cannot be decrypted. */
  text: string;
}

function renew({ secrets }: Deps, text: string, context: string): Renewal {
  try {
    const renewed = secrets.renew(text, context);
    return renewed === null ? { outcome: "unchanged", text } : { outcome: "changed", text: renewed };
  } catch {
    return { outcome: "unreadable", text };
  }
}

function auditOf(deps: Deps, target: string, what: "provider_key" | "webhook_endpoint"): AuditEntry {
  const by = { kind: "admin" } as const;
  return { action: "secret.rotated", by, at: deps.clock.now(), target, details: { what } };
}

async function renewProviderKeys(deps: Deps, organization: string, counts: Counts): Promise<void> {
  const { providerKeys } = deps.store;
  for (const { provider } of await providerKeys.list(organization)) {
    let outcome: Renewal["outcome"] | null = null;
    const change = (key: StoredProviderKey | null) => {
      const renewal = key && renew(deps, key.encrypted, providerKeyContext(organization, provider));
      outcome = renewal?.outcome ?? null;
      if (renewal?.outcome !== "changed" || key === null) return null;
      return { after: { ...key, encrypted: renewal.text }, audit: auditOf(deps, provider, "provider_key") };
    };
    await changeSetting(providerKeys, { organization, id: provider }, change);
    count(counts, outcome);
  }
}

async function renewEndpoints(deps: Deps, organization: string, counts: Counts): Promise<void> {
  const { endpoints } = deps.store;
  for (const { id } of await endpoints.list(organization)) {
    let outcomes: Renewal["outcome"][] = [];
    const change = (endpoint: WebhookEndpoint) => {
      const { after, renewals } = renewedEndpoint(deps, endpoint);
      outcomes = renewals.map(({ outcome }) => outcome);
      return outcomes.includes("changed") ? after : endpoint;
    };
    const found = await endpoints.update(organization, id, change, auditOf(deps, id, "webhook_endpoint"));
    if (found !== null) for (const outcome of outcomes) count(counts, outcome);
  }
}

/** A previous secret that signs nothing any more is left as it is. */
function renewedEndpoint(deps: Deps, endpoint: WebhookEndpoint): { after: WebhookEndpoint; renewals: Renewal[] } {
  const { id, previousSecret } = endpoint;
  const secret = renew(deps, endpoint.secret, id);
  const after = { ...endpoint, secret: secret.text };
  if (previousSecret === null || previousSecret.until <= deps.clock.now()) return { after, renewals: [secret] };
  const previous = renew(deps, previousSecret.secret, id);
  return {
    after: { ...after, previousSecret: { ...previousSecret, secret: previous.text } },
    renewals: [secret, previous],
  };
}

async function renewRequestKeys(deps: Deps, organization: string, counts: Counts): Promise<void> {
  for await (const page of deps.store.requestKeys.pages(organization)) {
    const outcomes = await Promise.all(page.map((key) => renewRequestKey(deps, key)));
    for (const outcome of outcomes) count(counts, outcome);
  }
}

/** Null when the request has ended meanwhile: its key is erased, and stays so. */
async function renewRequestKey(deps: Deps, key: RequestKey): Promise<Renewal["outcome"] | null> {
  const { outcome, text } = renew(deps, key.encrypted, key.id);
  if (outcome !== "changed") return outcome;
  return (await deps.store.requestKeys.replace(key, text)) ? "changed" : null;
}

/** Null: it was removed meanwhile. */
function count(counts: Counts, outcome: Renewal["outcome"] | null): void {
  if (outcome !== null) counts[outcome] += 1;
}
