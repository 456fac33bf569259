/**
 * Reads one file out of a multipart/form-data body while it arrives, so that a large file is never in memory. Other forms
 * are read as a whole (form.ts).
 */
import { once } from "node:events";
import type { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import { invalid, VisgateError } from "@visgate/shared/errors";
import { announcedBytes, badRequest, cutOff } from "./body.js";
import { isForm, notValidForm } from "./form.js";
import type { Ctx } from "./route.js";

export interface FormFile {
  /** The name of the part with the file. */
  field: string;
  /** Of the file. */
  maxBytes: number;
  /** Parts that are skipped. Any other one is refused. */
  ignored?: readonly string[];
}

/** For the boundaries, the heads and the other parts. */
const MAX_REST_BYTES = 64 * 1024;
const MAX_PARTS = 10;

/**
 * `receive` gets the bytes of the file, and fails when they do not arrive whole.
 * @throws VisgateError UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, BAD_REQUEST, VALIDATION_ERROR; and what `receive` throws
 */
export async function readFormFile<T>(
  c: Ctx,
  { field, maxBytes, ignored = [] }: FormFile,
  receive: (content: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  if (!isForm(c))
    throw new VisgateError("UNSUPPORTED_MEDIA_TYPE", `Send the body as multipart/form-data, with ${field}.`);
  announcedBytes(c, maxBytes + MAX_REST_BYTES);
  const parser = openParser(c);
  let refuse: (error: unknown) => void = () => {};
  const refused = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  refused.catch(() => {});
  let file: Readable | undefined;
  let received: Promise<T> | undefined;

  parser.on("file", (name: string | undefined, stream: Readable) => {
    if (name === field && received === undefined) {
      file = stream;
      received = receive(stream);
      received.catch((error) => {
        refuse(error);
        // Else the parser waits for a reader.
        stream.on("error", () => {}).resume();
      });
      return;
    }
    stream.on("error", () => {}).resume();
    if (name === undefined || !ignored.includes(name)) refuse(otherPart(name, field));
  });
  parser.on("field", (name: string | undefined) => {
    if (name === undefined || !ignored.includes(name)) refuse(otherPart(name, field));
  });
  parser.on("partsLimit", () => refuse(badRequest(`A form may have at most ${MAX_PARTS} parts.`)));
  const ended = once(parser, "finish").catch(() => {
    throw notValidForm();
  });
  ended.catch((error) => refuse(error));

  let isOver = false;
  const pour = async () => {
    for await (const chunk of c.req.raw.body ?? []) {
      if (isOver) return;
      if (!parser.write(chunk)) await Promise.race([once(parser, "drain"), ended]);
    }
    parser.end();
    await ended;
  };
  try {
    await Promise.race([refused, pour().catch(asCutOff)]);
  } catch (error) {
    isOver = true;
    file?.destroy(error instanceof Error ? error : undefined);
    await received?.catch(() => {});
    throw error;
  }
  if (received === undefined) throw invalid(field, `${field} is required: a part with a file.`, "file");
  return received;
}

function openParser(c: Ctx): InstanceType<typeof Busboy> {
  try {
    const headers = { "content-type": c.req.header("content-type") ?? "" };
    return new Busboy({ headers, limits: { parts: MAX_PARTS, fieldSize: MAX_REST_BYTES } });
  } catch {
    throw badRequest("Content-Type: multipart/form-data needs a boundary.");
  }
}

function otherPart(name: string | undefined, field: string): VisgateError {
  if (name === undefined || name === "") return notValidForm();
  if (name === field) return invalid(field, `${field} is given twice, or without a filename; give one file.`, "file");
  return invalid(name, `${name} is not a part of this form; send the file as ${field}.`, [field]);
}

/** The caller hung up, or sent too slowly. */
function asCutOff(error: unknown): never {
  throw error instanceof VisgateError ? error : cutOff();
}
