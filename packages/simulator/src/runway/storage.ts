import { z } from "zod";
import type { NodeContext } from "../core/mishaps.js";
import type { Simulation } from "../core/simulation.js";
import { keepUpload, spoilUpload } from "../core/uploads.js";
import { invalidBody } from "./failures.js";
import { wordsOf } from "./words.js";

const MAX_BYTES = 200 * 1024 * 1024;
const uploadSchema = z.strictObject({ filename: z.string().min(1).max(255), type: z.literal("ephemeral") });

const addressOf = (key: string): string => `runway://${key}`;

/** The keys of uploads that were announced and whose file has not arrived. */
export type PendingUploads = Set<string>;

/** `POST /v1/uploads`: where to send the file, the fields to send with it, and its later address. */
export async function createUpload(c: NodeContext, simulation: Simulation, pending: PendingUploads): Promise<Response> {
  const parsed = uploadSchema.safeParse(await c.req.json().catch(() => null));
  if (!parsed.success) return c.json(invalidBody(parsed.error.issues), 400);
  const spoilt = spoilUpload(c, wordsOf("uploads"), simulation);
  if (spoilt) return spoilt;
  const key = simulation.newId();
  pending.add(key);
  return c.json({ uploadUrl: `${simulation.url}/runway/storage`, fields: { key }, runwayUri: addressOf(key) });
}

/** Receives the file. Needs no API key: each announced key allows one file. */
export async function receiveFile(c: NodeContext, simulation: Simulation, pending: PendingUploads): Promise<Response> {
  const form = await c.req.formData().catch(() => null);
  const [key, file] = [form?.get("key"), form?.get("file")];
  if (typeof key !== "string" || !(file instanceof File)) return c.text("MalformedPOSTRequest", 400);
  if (file.size > MAX_BYTES) return c.text("EntityTooLarge", 400);
  if (!pending.delete(key)) return c.text("AccessDenied", 403);
  const described = { id: key, address: addressOf(key), provider: "runway", name: file.name, contentType: file.type };
  await keepUpload(described, Buffer.from(await file.arrayBuffer()), simulation);
  return c.body(null, 204);
}
