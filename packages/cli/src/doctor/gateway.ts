/** Is the gateway there, is it the right version, does it take the key? */
import { AuthenticationError, type Health, type Identity, VisgateError } from "@visgate_ai/client";
import { type Check, fault, ok, warning } from "./check.js";
import { isLoopback } from "./loopback.js";

export interface Answered {
  base: string;
  health: Health;
  ms: number;
  /** Of this program. */
  ownVersion: string;
}

export function unreachable(base: string, error: unknown): Check {
  const why = error instanceof VisgateError ? `${error.errorCode}: ${error.message}` : String(error);
  return fault(
    "gateway",
    `${base} is no gateway that answers. ${why}`,
    "Start it (npm start), or set VISGATE_BASE_URL.",
  );
}

export function checkGateway({ base, health, ms, ownVersion }: Answered): Check[] {
  const answers = `${base} answers in ${ms} ms, version ${health.version}`;
  const differs = minorOf(health.version) !== minorOf(ownVersion);
  const version = differs
    ? warning("gateway", `${answers}; this is visgate ${ownVersion}`, "Install the version of the gateway.")
    : ok("gateway", answers);
  const { protocol, hostname } = new URL(base);
  if (protocol === "https:" || isLoopback(hostname)) return [version];
  return [version, warning("transport", "The key travels unencrypted.", "Put TLS in front of the gateway, use https.")];
}

export const NO_KEY = fault("key", "There is no key.", "Set VISGATE_API_KEY; npm start prints one.");

export function checkKey(identity: Identity): Check {
  return ok("key", `It is accepted, for the organization ${identity.organization.name}`);
}

export function keyFault(error: unknown): Check {
  if (error instanceof AuthenticationError)
    return fault(
      "key",
      "The gateway does not know this key, or it was revoked.",
      "Set VISGATE_API_KEY to a key of it.",
    );
  const why = error instanceof VisgateError ? error.errorCode : String(error);
  return fault("key", `It could not be checked (${why}).`, "See to the other faults first.");
}

const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");
