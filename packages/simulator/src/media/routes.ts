import { readFile } from "node:fs/promises";
import { Hono } from "hono";
import type { Disaster } from "../core/disasters.js";
import { isPurged, type Job } from "../core/job.js";
import { htmlPage, type NodeContext, sendHalf } from "../core/mishaps.js";
import type { Simulation } from "../core/simulation.js";
import { isExpired } from "./address.js";
import type { Library, MediaFile } from "./library.js";

const RANGE = /^bytes=(\d*)-(\d*)$/;

/** First and last byte; null for the whole file; `invalid` when the range lies outside the file. */
export function parseRange(header: string | undefined, length: number): [number, number] | null | "invalid" {
  const match = RANGE.exec(header ?? "");
  if (!match || (!match[1] && !match[2])) return null;
  const first = match[1] ? Number(match[1]) : Math.max(0, length - Number(match[2]));
  const last = match[1] && match[2] ? Math.min(Number(match[2]), length - 1) : length - 1;
  if (first > last || first >= length) return "invalid";
  return [first, last];
}

function sendFile(c: NodeContext, bytes: Buffer<ArrayBuffer>, contentType: string): Response {
  const range = parseRange(c.req.header("range"), bytes.byteLength);
  if (range === "invalid") return c.body(null, 416, { "content-range": `bytes */${bytes.byteLength}` });
  const [first, last] = range ?? [0, bytes.byteLength - 1];
  const headers = {
    "content-type": contentType,
    "content-length": String(last - first + 1),
    "accept-ranges": "bytes",
    ...(range && { "content-range": `bytes ${first}-${last}/${bytes.byteLength}` }),
  };
  return c.body(bytes.subarray(first, last + 1), range ? 206 : 200, headers);
}

async function fileOf(job: Job, index: number, library: Library): Promise<MediaFile | null> {
  const rendered = job.rendered?.files[index];
  const spec = job.plan.kind === "media" ? job.plan.specs[index] : undefined;
  if (!rendered || !spec) return null;
  return library.find(rendered.name) ?? library.ensure(spec).catch(() => null);
}

/** More than a caller would store of one film, and more than fits into 31 bits. */
const DEFAULT_BYTES = 3 * 1024 ** 3;
const FILLER = new Uint8Array(64 * 1024);

/** Starts with the requested file and continues with filler at the reader's pace, without a content length. */
function oversized(head: Uint8Array<ArrayBuffer>, bytes = DEFAULT_BYTES): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = bytes;
  let next = head;
  return new ReadableStream(
    {
      pull(controller) {
        const chunk = next.subarray(0, left);
        next = FILLER;
        left -= chunk.byteLength;
        controller.enqueue(chunk);
        if (left === 0) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

async function sendSpoilt(c: NodeContext, { path, contentType }: MediaFile, mishap: Disaster | null) {
  if (mishap?.name === "output_wrong_type") return c.html(htmlPage("Please sign in"));
  if (mishap?.name === "output_204") return c.body(null, 204);
  if (mishap?.name === "output_empty")
    return c.body(new Uint8Array(), 200, { "content-type": contentType, "content-length": "0" });
  const bytes = (await readFile(path)) as Buffer<ArrayBuffer>;
  if (mishap?.name === "output_truncated") return sendHalf(c, bytes, contentType);
  if (mishap?.name === "output_oversized")
    return c.body(oversized(bytes, mishap.bytes), 200, { "content-type": contentType });
  return sendFile(c, bytes, contentType);
}

/** `output_one_missing` spoils only the second of several files. */
const isSpared = ({ name }: Disaster, index: number): boolean => name === "output_one_missing" && index !== 1;

/** The file itself; `job` is null for one that does not exist. */
export async function serveOutput(c: NodeContext, job: Job | null, index: number, simulation: Simulation) {
  const { library, settings, now } = simulation;
  const existing = job !== null && !isPurged(job, now()) ? job : null;
  const mishap = existing
    ? settings.disasters.take("download", existing.prompt, (found) => isSpared(found, index))
    : null;
  const found = existing && mishap?.name !== "output_404" && mishap?.name !== "output_one_missing";
  const file = found ? await fileOf(existing, index, library) : null;
  return file ? sendSpoilt(c, file, mishap) : c.json({ detail: "File not found" }, 404);
}

async function serve(c: NodeContext, simulation: Simulation): Promise<Response> {
  const { ledger, now } = simulation;
  const job = ledger.jobs.get(c.req.param("id") ?? "") ?? null;
  if (job && isExpired(job, c.req.query("expires"), now())) return c.json({ detail: "This address has expired" }, 403);
  return serveOutput(c, job, Number(c.req.param("index")), simulation);
}

export function mediaRoutes(simulation: Simulation): Hono<{ Bindings: NodeContext["env"] }> {
  const app = new Hono<{ Bindings: NodeContext["env"] }>();
  app.get("/:provider/:id/:index/:name", (c) => serve(c, simulation));
  return app;
}
