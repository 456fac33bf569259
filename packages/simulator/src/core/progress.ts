import type { Job } from "./job.js";

const STEPS = 10;
const FALLS_EVERY = 3;
const FALL = 0.3;

/** Falls back by three tenths for one tenth of the way out of every three: so 0.25 is told as 0, and 0.55 as 0.25. */
function fallingBack(share: number): number {
  const falls = Math.floor(share * STEPS) % FALLS_EVERY === FALLS_EVERY - 1;
  return falls ? Math.max(0, share - FALL) : share;
}

/** What a provider says of the share of a wait or of a render that is behind. */
export const shownShare = ({ disasters }: Pick<Job, "disasters">, share: number): number =>
  disasters.progress?.name === "progress_backwards" ? fallingBack(share) : share;
