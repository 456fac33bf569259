import type { Job } from "../core/job.js";

/** The path under which one file of a job is served; it ends in a name, as a CDN's does. */
export function mediaPath(job: Job, index: number): string {
  const name = job.rendered?.files[index]?.name ?? "";
  const stem = name.endsWith(".mp4") ? "output" : `image-${index}`;
  return `/media/${job.provider}/${job.id}/${index}/${stem}${name.slice(name.lastIndexOf("."))}`;
}

/** Addresses that must never be connected to. The second is this machine at a port where nothing listens. */
const ODD_URL = "ftp://127.0.0.1/output";
const PRIVATE_URL = "https://127.0.0.1:1/output";

/** The address of one file of a job as it is handed out `now`. Where addresses do not last, each asking gives a new one. */
export function mediaUrl(job: Job, index: number, { url, now }: { url: string; now: number }): string {
  if (job.disasters.output?.name === "output_odd_url") return ODD_URL;
  if (job.disasters.output?.name === "output_private") return PRIVATE_URL;
  const expiry = job.addressMs === undefined ? "" : `?expires=${now + job.addressMs}`;
  return `${url}${mediaPath(job, index)}${expiry}`;
}

/** Without its expiry an address that needs one is no good either. */
export const isExpired = (job: Job, expires: string | undefined, now: number): boolean =>
  job.addressMs !== undefined && !(Number(expires) > now);
