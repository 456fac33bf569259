import { z } from "zod";
import { createDisasterList, type Disaster, type DisasterList, disasterSchema } from "./disasters.js";

/** Far longer than any test, and still within the longest timer of Node. */
const MAX_SECONDS = 86_400;
const seconds = z.number().min(0).max(MAX_SECONDS);

export const settingsPatchSchema = z.strictObject({
  render_seconds: seconds.optional(),
  queue_seconds: seconds.optional(),
  disasters: z.array(disasterSchema).optional(),
  /** In USD for one unit, by endpoint: what lists of prices show instead of the catalogue's price. */
  list_prices: z.record(z.string(), z.number().nonnegative()).optional(),
});

export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

/** How jobs submitted from now on behave. Kept in memory only: a restart returns to the start options. */
export interface Settings {
  queueMs(): number;
  renderMs(): number;
  disasters: DisasterList;
  /** In USD; undefined where the list has the catalogue's price. */
  listPrice(endpoint: string): number | undefined;
  patch(patch: SettingsPatch): void;
  reset(): void;
  show(): { render_seconds: number; queue_seconds: number; disasters: Disaster[]; list_prices: Record<string, number> };
}

/** By default a job waits in the queue for half of its render time, so that callers that poll see its positions. */
const DEFAULT_QUEUE_SHARE = 0.5;

export interface SettingsAtStart {
  renderSeconds: number;
  queueSeconds?: number | undefined;
}

export function createSettings({
  renderSeconds,
  queueSeconds = renderSeconds * DEFAULT_QUEUE_SHARE,
}: SettingsAtStart): Settings {
  const initial = { render: renderSeconds, queue: queueSeconds };
  let current = initial;
  const disasters = createDisasterList();
  let listPrices: Record<string, number> = {};
  return {
    queueMs: () => current.queue * 1000,
    renderMs: () => current.render * 1000,
    disasters,
    listPrice: (endpoint) => (Object.hasOwn(listPrices, endpoint) ? listPrices[endpoint] : undefined),
    patch(patch) {
      current = { render: patch.render_seconds ?? current.render, queue: patch.queue_seconds ?? current.queue };
      if (patch.disasters) disasters.replace(patch.disasters);
      if (patch.list_prices) listPrices = patch.list_prices;
    },
    reset() {
      current = initial;
      disasters.replace([]);
      listPrices = {};
    },
    show: () => ({
      ...{ render_seconds: current.render, queue_seconds: current.queue },
      ...{ disasters: disasters.list(), list_prices: listPrices },
    }),
  };
}
