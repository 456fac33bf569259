/**
 * Opens and closes the alerts of organizations. One worker looks at a time, but two may overlap: the alerts are saved by
 * compare-and-set, and the one that comes second does nothing until its next look.
 */
import { alertChanges, type Condition } from "@visgate/shared/alert";
import { atMost } from "@visgate/shared/at-most";
import type { Deps } from "../deps.js";
import { budgetConditions, errorRateCondition, providerConditions } from "./alert-conditions.js";
import { createQueueAge, type QueueAge } from "./queue-age.js";

/** How many organizations are looked at at the same time. */
const AT_ONCE = 20;

type AlertDeps = Pick<Deps, "store" | "clock" | "newToken" | "settings">;

export interface AlertWatch {
  look(): Promise<void>;
}

export function createAlertWatch(deps: AlertDeps): AlertWatch {
  const queueAge = createQueueAge(deps);
  return {
    async look() {
      const several = atMost(AT_ONCE);
      const organizations = await deps.store.maintenance.organizations();
      await Promise.all(
        organizations.map((organization) =>
          several(async () => {
            if (await deps.store.alerts.mayChange(organization)) await lookAt(deps, queueAge, organization);
          }),
        ),
      );
    },
  };
}

async function lookAt(deps: AlertDeps, queueAge: QueueAge, organization: string): Promise<void> {
  const { alerts } = deps.store;
  // First: what changes between this read and the save makes the save do nothing.
  const { revision, open } = await alerts.open(organization);
  const conditions = await conditionsOf(deps, queueAge, organization);
  const times = { now: deps.clock.now(), clearMs: deps.settings.alerts.clearMs };
  const changes = alertChanges(open, conditions, times, () => `alert_${deps.newToken()}`);
  if (changes.length > 0) await alerts.save(organization, revision, changes);
}

async function conditionsOf(deps: AlertDeps, queueAge: QueueAge, organization: string): Promise<Condition[]> {
  const outcomes = await deps.store.outcomes.read(organization);
  const found = await Promise.all([
    errorRateCondition(outcomes, deps.settings.alerts),
    queueAge.condition(organization),
    budgetConditions(deps, organization),
    providerConditions(deps, outcomes),
  ]);
  return found.flatMap((one) => one ?? []);
}
