/** What each organization may have of scarce slots. The operator's changes work within a second. */
import type { Share, Store } from "@visgate/shared/store";
import type { Clock } from "@visgate/shared/units";

const REMEMBER_MS = 800;
const MAX_REMEMBERED = 10_000;
const STANDARD: Share = { weight: 1, maxInFlight: null };

export interface SharesOptions {
  organizations: Pick<Store["organizations"], "get">;
  clock: Clock;
}

export function createShares({ organizations, clock }: SharesOptions): (organization: string) => Promise<Share> {
  const remembered = new Map<string, { share: Share; until: number }>();

  return async (id) => {
    const known = remembered.get(id);
    const now = clock.now();
    if (known !== undefined && known.until > now) return known.share;
    const organization = await organizations.get(id);
    const share =
      organization === null ? STANDARD : { weight: organization.weight, maxInFlight: organization.limits.maxInFlight };
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(id, { share, until: now + REMEMBER_MS });
    return share;
  };
}
