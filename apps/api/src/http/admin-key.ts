/** Checks the operator's admin key. It opens the admin routes only, and no API key opens those. */
import { createHash, timingSafeEqual } from "node:crypto";
import { VisgateError } from "@visgate/shared/errors";
import type { Clock } from "@visgate/shared/units";
import { createWrongKeys } from "./wrong-keys.js";

/** The header of the admin key. It is not Authorization, so that no client sends one kind of key for the other. */
export const ADMIN_KEY_HEADER = "X-Visgate-Admin-Key";

export type AuthenticateAdmin = (header: string | undefined, addressOf: () => string) => void;

/** `adminKey`: null when the server has none; then every call is refused. */
export function createAdminAuthentication(adminKey: string | null, clock: Clock): AuthenticateAdmin {
  const wrongKeys = createWrongKeys(clock);
  return (header, addressOf) => {
    if (adminKey === null) throw refusal("This server has no admin key: its operator can set VISGATE_ADMIN_KEY.");
    if (header === undefined) throw refusal(`Send the admin key as ${ADMIN_KEY_HEADER}.`);
    if (isSame(header, adminKey)) return;
    throw wrongKeys.count(addressOf()) ?? refusal("This admin key is wrong.");
  };
}

const refusal = (message: string) => new VisgateError("AUTHENTICATION_ERROR", message);

/** Compares hashes, so that the time it takes says nothing about the key. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
