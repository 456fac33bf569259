import { z } from "zod";

/**
 * Where each named disaster strikes. The kinds `submit`, `upload`, `list`, `poll`, `stream` and `download` spoil the
 * answer to one HTTP call. The other kinds are attached to a job when it is accepted; a job can have one of each kind.
 */
export const DISASTERS = {
  submit_503_before_accept: "submit",
  submit_429: "submit",
  submit_500_html: "submit",
  submit_503_after_accept: "submit",
  submit_500_html_after_accept: "submit",
  submit_drop_after_accept: "submit",
  submit_hang: "submit",
  submit_slow: "submit",
  submit_no_id: "submit",
  upload_500: "upload",
  list_late: "list",
  list_refused: "list",
  poll_429: "poll",
  poll_500: "poll",
  poll_html: "poll",
  poll_unknown_status: "poll",
  poll_hang: "poll",
  stream_cut: "stream",
  never_start: "fate",
  never_finish: "fate",
  fail: "fate",
  late_moderation: "fate",
  progress_backwards: "progress",
  output_missing: "output",
  output_expiring: "output",
  output_flagged: "output",
  output_odd_url: "output",
  output_private: "output",
  output_404: "download",
  output_empty: "download",
  output_204: "download",
  output_one_missing: "download",
  output_oversized: "download",
  output_truncated: "download",
  output_wrong_type: "download",
  cancel_billed: "cancel",
  webhook_duplicate: "webhook",
  webhook_never: "webhook",
  webhook_late: "webhook",
  webhook_forged: "webhook",
  webhook_stale: "webhook",
} as const;

export type DisasterName = keyof typeof DISASTERS;
export type StrikesAt = (typeof DISASTERS)[DisasterName];

export const disasterSchema = z.strictObject({
  name: z.enum(Object.keys(DISASTERS) as [DisasterName, ...DisasterName[]]),
  /** How many matching events it spoils; every one if absent. */
  times: z.int().positive().optional(),
  /** Only for jobs whose prompt contains this text; upper and lower case are equal. */
  match_prompt: z.string().min(1).optional(),
  /** submit_429, poll_429: the seconds to wait that the answer names. */
  retry_after: z.number().nonnegative().optional(),
  /**
   * submit_slow: until the answer; list_late: until a list shows the job; output_expiring: lifetime of a media address;
   * webhook_late: from the end of the job to its webhook.
   */
  seconds: z.number().nonnegative().optional(),
  /** stream_cut: how many events are sent before the cut. */
  events: z.int().positive().optional(),
  /** output_oversized: how many bytes are sent. */
  bytes: z.int().positive().optional(),
  /** fail: the error that the result shows. */
  status: z.int().min(400).max(599).optional(),
  type: z.string().optional(),
  /** fail, cancel_billed: how many units the provider bills. */
  units: z.number().nonnegative().optional(),
  message: z.string().optional(),
});

export type Disaster = z.infer<typeof disasterSchema>;

export interface DisasterList {
  /** Finds the first disaster that applies and uses up one of its times, in one synchronous step; skips `unless`. */
  take(strikesAt: StrikesAt, prompt: string, unless?: (disaster: Disaster) => boolean): Disaster | null;
  replace(disasters: readonly Disaster[]): void;
  list(): Disaster[];
}

const JOB_KINDS = ["fate", "progress", "output", "cancel", "webhook"] as const satisfies readonly StrikesAt[];

/** The disasters of one job, by kind. */
export type JobDisasters = { [Kind in (typeof JOB_KINDS)[number]]?: Disaster };

export function takeForJob(disasters: DisasterList, prompt: string): JobDisasters {
  const taken: JobDisasters = {};
  for (const kind of JOB_KINDS) {
    const disaster = disasters.take(kind, prompt);
    if (disaster) taken[kind] = disaster;
  }
  return taken;
}

const applies = (disaster: Disaster, strikesAt: StrikesAt, prompt: string): boolean =>
  DISASTERS[disaster.name] === strikesAt &&
  disaster.times !== 0 &&
  (!disaster.match_prompt || prompt.toLowerCase().includes(disaster.match_prompt.toLowerCase()));

export function createDisasterList(): DisasterList {
  let active: Disaster[] = [];
  return {
    take(strikesAt, prompt, unless = () => false) {
      const found = active.find((disaster) => applies(disaster, strikesAt, prompt) && !unless(disaster));
      if (!found) return null;
      if (found.times !== undefined) found.times -= 1;
      return { ...found };
    },
    replace(disasters) {
      active = disasters.map((disaster) => ({ ...disaster }));
    },
    list: () => active.map((disaster) => ({ ...disaster })),
  };
}
