/** What a queue job carries: ids and a version, nothing else. The record is the truth, the job is a wake-up. */
import { z } from "zod";

export const wakeUp = z.strictObject({
  v: z.literal(1),
  organization: z.string().min(1),
  id: z.string().min(1),
});
export type WakeUp = z.infer<typeof wakeUp>;
