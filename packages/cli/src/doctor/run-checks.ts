/** Runs all checks in order, and stops where a fault makes the later checks impossible. */
import type { Client, Diagnostics, Health } from "@visgate_ai/client";
import { type Session, VERSION } from "../session.js";
import { type Check, fault } from "./check.js";
import { checkAccepting, checkClocks, checkProviders, checkRedis, checkWorkers, redisFault } from "./diagnostics.js";
import { checkGateway, checkKey, keyFault, NO_KEY, unreachable } from "./gateway.js";

/** Longer than the gateway needs to notice that Redis hangs. */
const TIMEOUT_MS = 6000;
/** Longer than the gateway waits for a provider. */
const PROVIDERS_TIMEOUT_MS = 15_000;

export async function runChecks(session: Session): Promise<Check[]> {
  const client = session.createClient({ timeout: TIMEOUT_MS, maxRetries: 0 });
  const base = client.baseUrl;
  const askedAt = session.io.now();
  let health: Health;
  const checks: Check[] = [];
  try {
    health = await client.health();
    checks.push(...checkGateway({ base, health, ms: session.io.now() - askedAt, ownVersion: VERSION }));
  } catch (error) {
    return [unreachable(base, error)];
  }
  if (health.database !== "ok") return [...checks, redisFault(health.reason)];
  if (session.apiKey === undefined) return [...checks, NO_KEY];
  return [...checks, ...(await checksWithKey(session, client))];
}

async function checksWithKey(session: Session, client: Client): Promise<Check[]> {
  const identity = await client.me().catch((error: unknown) => ({ error }));
  if ("error" in identity) return [keyFault(identity.error)];
  return [checkKey(identity), ...(await diagnosticsChecks(session, client))];
}

async function diagnosticsChecks(session: Session, client: Client): Promise<Check[]> {
  try {
    const askedAt = session.io.now();
    const diagnostics = await client.diagnostics();
    const answeredAt = session.io.now();
    return [
      checkRedis(diagnostics),
      ...checkAccepting(diagnostics),
      checkWorkers(diagnostics),
      ...(await providerChecks(session, diagnostics)),
      checkClocks({ diagnostics, askedAt, answeredAt }),
    ];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [fault("diagnostics", message, "Check that the gateway and visgate have the same version, and try again.")];
  }
}

/** A failure here must not hide the other checks. */
async function providerChecks(session: Session, diagnostics: Diagnostics): Promise<Check[]> {
  const client = session.createClient({ timeout: PROVIDERS_TIMEOUT_MS, maxRetries: 0 });
  try {
    return checkProviders(await client.providers.balances(), diagnostics);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [fault("providers", message, "The provider accounts could not be checked: try again.")];
  }
}
