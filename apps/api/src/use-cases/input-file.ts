/** An input of a request, as this gateway keeps it: a file of the output store, or bytes in the record. */
import { decodeDataUri, type InputName, inputNumber } from "@visgate/shared/outputs";
import type { ImageInput, RequestInput } from "@visgate/shared/request";

/** Undefined when the request has no such input. */
export function inputNamed({ image, media = [] }: RequestInput, name: InputName): ImageInput | undefined {
  const number = inputNumber(name);
  return number === 0 ? (image ?? undefined) : media[number - 1]?.source;
}

export interface InlineFile {
  contentType: string;
  bytes: Buffer;
}

/** The file in a data: URI that this gateway encoded. */
export function inlineFile(dataUri: string): InlineFile {
  const contentType = /^data:([^;,]+)/.exec(dataUri)?.[1] ?? "application/octet-stream";
  return { contentType, bytes: decodeDataUri(dataUri) ?? Buffer.alloc(0) };
}
