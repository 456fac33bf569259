/**
 * Reads a multipart/form-data body: its size is limited as that of JSON bodies, and every part must be a field or a file
 * with a name of its own.
 */
import { Busboy } from "@fastify/busboy";
import { VisgateError } from "@visgate/shared/errors";
import { badRequest, readBytes, requireSafeName, requireUtf8 } from "./body.js";
import type { Ctx } from "./route.js";

const MAX_PARTS = 100;
/** RFC 2046 allows 70 characters. */
const BOUNDARY = /;\s*boundary=(?:"([ -~]{1,70})"|([!-~]{1,70}?))\s*(?:;|$)/i;

export interface Form {
  fields: Map<string, string>;
  files: Map<string, Buffer>;
}

export const isForm = (c: Ctx): boolean => /^multipart\/form-data\s*(;|$)/i.test(c.req.header("content-type") ?? "");

/** @throws VisgateError PAYLOAD_TOO_LARGE, or BAD_REQUEST for a body that is not a whole, valid form */
export async function readForm(c: Ctx, maxBytes: number): Promise<Form> {
  const contentType = c.req.header("content-type") ?? "";
  const body = await readBytes(c, maxBytes);
  const expected = partsOf(body, contentType);
  const parts = await parse(body, contentType, maxBytes);
  // The parser leaves out parts that it cannot read.
  if (parts.length !== expected) throw notValidForm();
  const form: Form = { fields: new Map(), files: new Map() };
  for (const { name, content } of parts) {
    requireSafeName(name);
    if (form.fields.has(name) || form.files.has(name)) throw badRequest(`${name} is given twice; give it once.`);
    if (typeof content !== "string") form.files.set(name, content);
    else {
      requireUtf8(content);
      form.fields.set(name, content);
    }
  }
  return form;
}

export const notValidForm = () =>
  badRequest(
    "The body is not valid multipart/form-data: each part needs a name, and the last one ends with --boundary--.",
  );

/** How many parts the body must have. Counted first, because the parser would read a million of them. */
function partsOf(body: Buffer, contentType: string): number {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw badRequest("Content-Type: multipart/form-data needs a boundary.");
  const delimiter = `\r\n--${boundary}`;
  let delimiters = body.indexOf(delimiter.slice(2)) === 0 ? 1 : 0;
  for (let at = body.indexOf(delimiter); at !== -1; at = body.indexOf(delimiter, at + delimiter.length)) {
    delimiters += 1;
    if (delimiters > MAX_PARTS + 1) throw badRequest(`A form may have at most ${MAX_PARTS} parts.`);
  }
  return delimiters - 1;
}

interface Part {
  name: string;
  content: string | Buffer;
}

async function parse(body: Buffer, contentType: string, maxBytes: number): Promise<Part[]> {
  const parts: Part[] = [];
  // A name that is missing arrives as undefined, against the types of the parser.
  const add = (name: string | undefined, content: Part["content"]) => {
    if (name !== undefined && name !== "") parts.push({ name, content });
  };
  try {
    const parser = new Busboy({ headers: { "content-type": contentType }, limits: { fieldSize: maxBytes } });
    const ended = new Promise((resolve, reject) => parser.once("finish", resolve).once("error", reject));
    parser.on("field", add);
    parser.on("file", (name: string | undefined, stream) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.once("end", () => add(name, Buffer.concat(chunks)));
      // It is cut off: the parser says so too.
      stream.on("error", () => {});
    });
    parser.end(body);
    await ended;
  } catch (error) {
    throw error instanceof VisgateError ? error : notValidForm();
  }
  return parts;
}
