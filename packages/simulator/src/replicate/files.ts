import type { NodeContext } from "../core/mishaps.js";
import type { Simulation } from "../core/simulation.js";
import { findUpload, keepUpload, sendUpload, spoilUpload, type Upload } from "../core/uploads.js";
import { PREFIX } from "./answers.js";
import { invalid, notFound } from "./problems.js";
import { replicateWords } from "./words.js";

const MAX_BYTES = 100 * 1024 * 1024;
const KEPT_MS = 24 * 3600_000;

const addressOf = (id: string, url: string): string => `${url}${PREFIX}/files/${id}`;

const described = ({ id, at, name, contentType, bytes, sha256, metadata }: Upload, { url }: Simulation) => ({
  ...{ id, name, content_type: contentType, size: bytes, etag: sha256, checksums: { sha256 }, metadata },
  created_at: new Date(at).toISOString(),
  expires_at: new Date(at + KEPT_MS).toISOString(),
  urls: { get: addressOf(id, url) },
});

async function metadataIn(form: FormData): Promise<unknown> {
  const given = form.get("metadata");
  const text = typeof given === "string" ? given : await given?.text();
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
}

/** `POST /v1/files`: a form with the file as `content` and its `metadata` as JSON. */
export async function createFile(c: NodeContext, simulation: Simulation): Promise<Response> {
  const spoilt = spoilUpload(c, replicateWords(simulation), simulation);
  if (spoilt) return spoilt;
  const form = await c.req.formData().catch(() => new FormData());
  const content = form.get("content");
  const refuse = (description: string) => invalid(c, [{ type: "invalid", field: "content", description }]);
  if (!(content instanceof File)) return refuse("content is required");
  if (content.size > MAX_BYTES) return refuse("Files may have up to 100 MiB");
  const id = simulation.newId();
  const file = { id, address: addressOf(id, simulation.url), provider: "replicate", name: content.name };
  const kind = { contentType: content.type || "application/octet-stream", metadata: await metadataIn(form) };
  const upload = await keepUpload({ ...file, ...kind }, Buffer.from(await content.arrayBuffer()), simulation);
  return c.json(described(upload, simulation), 201);
}

function findFile(c: NodeContext, simulation: Simulation): Upload | null {
  const upload = findUpload(addressOf(c.req.param("id") ?? "", simulation.url), simulation);
  return upload && simulation.now() < upload.at + KEPT_MS ? upload : null;
}

export function getFile(c: NodeContext, simulation: Simulation): Response {
  const upload = findFile(c, simulation);
  return upload ? c.json(described(upload, simulation)) : notFound(c);
}

export function downloadFile(c: NodeContext, simulation: Simulation): Response | Promise<Response> {
  const upload = findFile(c, simulation);
  return upload ? sendUpload(c, upload, simulation) : notFound(c);
}
