/** Checks from outside: whether the gateway answers, has the right version, and accepts the API key. */
import { AuthenticationError, type Health, type Identity, VisgateError } from "@visgate_ai/client";
import { type Check, fault, ok, warning } from "./check.js";

export interface GatewayAnswer {
  base: string;
  health: Health;
  ms: number;
  /** The version of this program. */
  ownVersion: string;
}

export function unreachable(base: string, error: unknown): Check {
  const why = error instanceof VisgateError ? `${error.errorCode}: ${error.message}` : String(error);
  return fault("gateway", `No gateway answers at ${base}. ${why}`, "Start it (npm start), or set VISGATE_BASE_URL.");
}

export function checkGateway({ base, health, ms, ownVersion }: GatewayAnswer): Check[] {
  const answers = `${base} answers in ${ms} ms, version ${health.version}`;
  const differs = minorOf(health.version) !== minorOf(ownVersion);
  const version = differs
    ? warning("gateway", `${answers}; visgate has version ${ownVersion}`, "Install visgate in the gateway's version.")
    : ok("gateway", answers);
  const { protocol, hostname } = new URL(base);
  if (protocol === "https:" || isLoopback(hostname)) return [version];
  const unencrypted = "The API key is sent unencrypted.";
  return [version, warning("transport", unencrypted, "Put TLS in front of the gateway, and use its https URL.")];
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(hostname);
}

export const NO_KEY = fault("key", "No API key is set.", "Set VISGATE_API_KEY; npm start prints a key.");

export function checkKey(identity: Identity): Check {
  return ok("key", `It is accepted; it belongs to the organization ${identity.organization.name}`);
}

export function keyFault(error: unknown): Check {
  if (error instanceof AuthenticationError)
    return fault(
      "key",
      "The gateway does not know this API key, or the key was revoked.",
      "Set VISGATE_API_KEY to a key of this gateway.",
    );
  const why = error instanceof VisgateError ? error.errorCode : String(error);
  return fault("key", `The API key could not be checked (${why}).`, "Correct the other faults first.");
}

const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");
