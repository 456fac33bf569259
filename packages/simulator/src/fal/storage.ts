import type { NodeContext } from "../core/mishaps.js";
import type { Simulation } from "../core/simulation.js";
import { findUpload, keepUpload, sendUpload, spoilUpload } from "../core/uploads.js";
import { falWords } from "./words.js";

/** `POST /storage/upload/initiate`: the address for the upload and the address of the file, which are equal here. */
export async function initiateUpload(c: NodeContext, authorized: boolean, simulation: Simulation, prefix: string) {
  if (!authorized) return c.json({ detail: "invalid key credentials" }, 401);
  const spoilt = spoilUpload(c, falWords, simulation);
  if (spoilt) return spoilt;
  const body = (await c.req.json().catch(() => ({}))) as { file_name?: unknown };
  const name = typeof body.file_name === "string" && body.file_name ? body.file_name : "file";
  const address = `${simulation.url}${prefix}/storage/files/${simulation.newId()}/${encodeURIComponent(name)}`;
  return c.json({ upload_url: address, file_url: address });
}

/** Needs no key: only the uploader knows the address. */
export async function putFile(c: NodeContext, simulation: Simulation): Promise<Response> {
  const bytes = Buffer.from(await c.req.arrayBuffer());
  const { id = "", name = "" } = c.req.param();
  const contentType = c.req.header("content-type") ?? "application/octet-stream";
  const address = `${simulation.url}${c.req.path}`;
  await keepUpload({ id, address, provider: "fal", name, contentType }, bytes, simulation);
  return c.body(null, 200);
}

export function getFile(c: NodeContext, simulation: Simulation): Response | Promise<Response> {
  const upload = findUpload(c.req.path, simulation);
  return upload ? sendUpload(c, upload, simulation) : c.json({ detail: "Not Found" }, 404);
}
