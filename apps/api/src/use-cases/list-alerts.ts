/** Lists the alerts of an organization: the open ones, and those that ended in the last day. */
import { alertView } from "@visgate/shared/alert";
import type { AlertList } from "@visgate/shared/contract";
import type { Deps } from "../deps.js";

export async function listAlerts({ store }: Pick<Deps, "store">, organization: string): Promise<AlertList> {
  return { alerts: (await store.alerts.list(organization)).map(alertView) };
}
