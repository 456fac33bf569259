import type { Job } from "../core/job.js";

/** The path that serves one file of a job. It ends in a file name, as the paths of a CDN do. */
export function mediaPath(job: Job, index: number): string {
  const name = job.rendered?.files[index]?.name ?? "";
  const stem = name.endsWith(".mp4") ? "output" : `image-${index}`;
  return `/media/${job.provider}/${job.id}/${index}/${stem}${name.slice(name.lastIndexOf("."))}`;
}

/** Addresses that a caller must never connect to. The second one is a port of this machine without a server. */
const ODD_URL = "ftp://127.0.0.1/output";
const PRIVATE_URL = "https://127.0.0.1:1/output";

/** Where and when an answer is given: `url` is the address of this process. */
export interface AnswerContext {
  url: string;
  now: number;
}

/** The address of one file of a job. Where addresses expire, each call returns one with a new expiry. */
export function mediaUrl(job: Job, index: number, { url, now }: AnswerContext): string {
  if (job.disasters.output?.name === "output_odd_url") return ODD_URL;
  if (job.disasters.output?.name === "output_private") return PRIVATE_URL;
  const expiry = job.addressMs === undefined ? "" : `?expires=${now + job.addressMs}`;
  return `${url}${mediaPath(job, index)}${expiry}`;
}

/** An address that needs an expiry but has none counts as expired. */
export const isExpired = (job: Job, expires: string | undefined, now: number): boolean =>
  job.addressMs !== undefined && !(Number(expires) > now);
