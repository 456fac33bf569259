/** The `Prefer` header (RFC 7240): `respond-async` and `wait=N`. Unknown preferences are ignored, as the RFC says. */
import { invalid } from "@visgate/shared/errors";

export interface Preference {
  /** How long to hold the answer, in seconds; null when the caller does not say. */
  waitSeconds: number | null;
  /** The `Preference-Applied` header; null without a known preference. */
  applied: string | null;
}

export function parsePrefer(header: string | undefined, maxWaitSeconds: number): Preference {
  const tokens = (header ?? "").split(/[,;]/).map((token) => token.trim().toLowerCase());
  const wait = tokens.find((token) => /^wait(?![\w-])/.test(token));
  if (wait !== undefined) {
    const waitSeconds = Math.min(parseWait(wait), maxWaitSeconds);
    return { waitSeconds, applied: waitSeconds === 0 ? "respond-async" : `wait=${waitSeconds}` };
  }
  return tokens.includes("respond-async")
    ? { waitSeconds: 0, applied: "respond-async" }
    : { waitSeconds: null, applied: null };
}

function parseWait(token: string): number {
  const seconds = /^wait\s*=\s*"?(\d{1,6})"?$/.exec(token)?.[1];
  if (seconds === undefined)
    throw invalid("Prefer", "Prefer: wait takes whole seconds, as in wait=30.", { minimum: 0 });
  return Number(seconds);
}
