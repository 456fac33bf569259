/** What forwarded events are signed with. */
import { UsageError } from "../errors/failure.js";

const PREFIX = "whsec_";
/** What the Standard Webhooks scheme asks for. */
const FEWEST_BYTES = 24;
const MOST_BYTES = 64;
const MADE_BYTES = 32;

export function readSecret(given: string | undefined, randomBytes: (count: number) => Buffer): string {
  if (given === undefined) return PREFIX + randomBytes(MADE_BYTES).toString("base64");
  const base64 = given.startsWith(PREFIX) ? given.slice(PREFIX.length) : "";
  const bytes = Buffer.from(base64, "base64");
  const isWhole = bytes.toString("base64").replace(/=+$/, "") === base64.replace(/=+$/, "");
  if (isWhole && bytes.length >= FEWEST_BYTES && bytes.length <= MOST_BYTES) return given;
  throw new UsageError(`--secret takes ${PREFIX} and ${FEWEST_BYTES} to ${MOST_BYTES} bytes in base64.`);
}
