/** All checks, in the order in which one fault explains the next: what cannot be asked for a fault before is left out. */
import type { Client, Diagnostics } from "@visgate_ai/client";
import type { Session } from "../session.js";
import { VERSION } from "../version.js";
import { type Check, fault } from "./check.js";
import { checkClocks } from "./clocks.js";
import { checkGateway, checkKey, keyFault, NO_KEY, unreachable } from "./gateway.js";
import { checkProviders } from "./providers.js";
import { checkAccepting, checkRedis, REDIS_AWAY } from "./redis.js";
import { checkWorkers } from "./workers.js";

/** Longer than the gateway takes to notice that Redis hangs. */
const TIMEOUT_MS = 6000;
/** Longer than the gateway waits for a provider. */
const PROVIDERS_TIMEOUT_MS = 15_000;

export async function examine(session: Session): Promise<Check[]> {
  const client = session.connect({ timeout: TIMEOUT_MS, maxRetries: 0 });
  const base = client.baseUrl;
  const askedAt = session.io.now();
  let isRedisAway: boolean;
  const checks: Check[] = [];
  try {
    const health = await client.health();
    checks.push(...checkGateway({ base, health, ms: session.io.now() - askedAt, ownVersion: VERSION }));
    isRedisAway = health.database !== "ok";
  } catch (error) {
    return [unreachable(base, error)];
  }
  if (isRedisAway) return [...checks, REDIS_AWAY];
  if (session.apiKey === undefined) return [...checks, NO_KEY];
  return [...checks, ...(await examineWithKey(session, client))];
}

async function examineWithKey(session: Session, client: Client): Promise<Check[]> {
  const identity = await client.me().catch((error: unknown) => ({ error }));
  if ("error" in identity) return [keyFault(identity.error)];
  return [checkKey(identity), ...(await examineInside(session, client))];
}

async function examineInside(session: Session, client: Client): Promise<Check[]> {
  try {
    const askedAt = session.io.now();
    const diagnostics = await client.diagnostics();
    const answeredAt = session.io.now();
    return [
      checkRedis(diagnostics),
      ...checkAccepting(diagnostics),
      checkWorkers(diagnostics),
      ...(await examineProviders(session, diagnostics)),
      checkClocks({ diagnostics, askedAt, answeredAt }),
    ];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [fault("diagnostics", message, "Does the gateway have the version of this program? Try again.")];
  }
}

async function examineProviders(session: Session, diagnostics: Diagnostics): Promise<Check[]> {
  const client = session.connect({ timeout: PROVIDERS_TIMEOUT_MS, maxRetries: 0 });
  try {
    return checkProviders(await client.providers.balances(), diagnostics);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [fault("providers", message, "Their accounts could not be asked for: try again.")];
  }
}
