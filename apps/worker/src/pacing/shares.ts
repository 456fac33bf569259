/** What each organization may have of scarce slots. The operator's changes work within a second. */
import { createShortMemory } from "@visgate/shared/runtime";
import type { Share, Store } from "@visgate/shared/store";
import type { Clock } from "@visgate/shared/units";

const STANDARD: Share = { weight: 1, maxInFlight: null };

export interface SharesOptions {
  organizations: Pick<Store["organizations"], "get">;
  clock: Clock;
}

export function createShares({ organizations, clock }: SharesOptions): (organization: string) => Promise<Share> {
  async function read(id: string): Promise<Share> {
    const organization = await organizations.get(id);
    if (organization === null) return STANDARD;
    return { weight: organization.weight, maxInFlight: organization.limits.maxInFlight };
  }
  return createShortMemory(read, clock).get;
}
