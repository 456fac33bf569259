/**
 * Files that callers upload, to name them by their URL as inputs of later calls. What a file is, is decided by its bytes.
 * Nothing of it is in Redis: a small file beside it says what it is, and both are removed when they are old.
 */
import { buffer } from "node:stream/consumers";
import { invalid, VisgateError } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import {
  callerAboutKey,
  callerFileKey,
  callerFolder,
  kindOf,
  limitBytes,
  MEDIA_KINDS,
  type OpenedFile,
  oneChunk,
  SNIFF_BYTES,
  type Sniffed,
  sniff,
  takeHead,
  watchSource,
} from "@visgate/shared/outputs";
import type { RequestRef } from "@visgate/shared/request";
import { z } from "zod";
import type { Deps } from "../deps.js";
import { outputsAway } from "./outputs-away.js";
import { isConvertedType, wholeImage } from "./whole-image.js";

export const MAX_FILE_BYTES = 100 * 1024 * 1024;
/** An image is in memory as a whole while it is checked. */
const MAX_IMAGE_BYTES = 32 * 1024 * 1024;

const about = z.object({
  v: z.literal(1),
  organization: z.string(),
  contentType: z.string(),
  extension: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  createdAt: z.int(),
});
export type CallerFile = Omit<z.infer<typeof about>, "v">;

const ALLOWED = Object.values(MEDIA_KINDS).flatMap(({ types }) => types);

/** `field`: where the file is in the body, for errors. */
export async function storeCallerFile(
  deps: Deps,
  { organization, id, field }: RequestRef & { field: string },
  content: AsyncIterable<Uint8Array>,
): Promise<CallerFile> {
  if (deps.outputsHealth.fault() !== null) throw outputsAway();
  const source = watchSource(limited(content, field, MAX_FILE_BYTES));
  const { head, rest } = await takeHead(source.bytes, SNIFF_BYTES);
  if (head.length === 0) throw invalid(field, `${field} is empty; send a file.`, ALLOWED);
  const { type, bytes } = await checked(deps, field, head, rest);
  try {
    const stored = await deps.outputs.put(callerFileKey(id), bytes);
    const file = { organization, ...type, ...stored, createdAt: deps.clock.now() };
    await deps.outputs.put(callerAboutKey(id), oneChunk(Buffer.from(JSON.stringify({ v: 1, ...file }))));
    return file;
  } catch (error) {
    await deps.outputs.removeAll(callerFolder(id)).catch(() => {});
    // The bytes did not arrive, or the store did not take them.
    if (source.fault() !== null) throw source.fault();
    deps.log.error({ err: error }, "an uploaded file could not be stored");
    throw outputsAway();
  }
}

type Type = Pick<CallerFile, "contentType" | "extension">;

/** The type, and the bytes to store. A video or a sound is not read here. */
async function checked(deps: Deps, field: string, head: Buffer, rest: AsyncIterable<Uint8Array>) {
  const found = await sniff(head);
  if (found === null || !mayBeKept(found)) {
    const texts = Object.values(MEDIA_KINDS).map(({ text }) => text);
    throw invalid(field, `${field} must hold ${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}.`, ALLOWED);
  }
  if (!found.contentType.startsWith("image/")) {
    const type: Type = { contentType: found.contentType, extension: found.extension };
    return { type, bytes: rest };
  }
  const whole = await buffer(limited(rest, field, MAX_IMAGE_BYTES));
  const { file, fault } = await wholeImage(deps, whole, { converts: true });
  if (fault !== null) throw invalid(field, `${field} ${fault}.`, MEDIA_KINDS.image.types);
  return { type: { contentType: file.contentType, extension: file.extension }, bytes: oneChunk(file.bytes) };
}

const mayBeKept = ({ contentType }: Sniffed): boolean => isConvertedType(contentType) || kindOf(contentType) !== null;

export interface OpenedCallerFile extends CallerFile {
  key: string;
  file: OpenedFile;
}

/** Null when it is not kept (any more), or belongs to another organization. */
export async function describeCallerFile(deps: Deps, { organization, id }: RequestRef): Promise<CallerFile | null> {
  const described = isRequestId(id) ? await deps.outputs.open(callerAboutKey(id)) : null;
  if (described === null) return null;
  const { v: _, ...found } = about.parse(JSON.parse((await buffer(described.stream())).toString()));
  return found.organization === organization ? found : null;
}

/** Null as above. */
export async function openCallerFile(deps: Deps, ref: RequestRef): Promise<OpenedCallerFile | null> {
  const found = await describeCallerFile(deps, ref);
  const key = callerFileKey(ref.id);
  const file = found === null ? null : await deps.outputs.open(key);
  return found === null || file === null ? null : { ...found, key, file };
}

/** The caller checks before that it belongs to the organization. */
export const removeCallerFile = (deps: Deps, { id }: RequestRef): Promise<void> =>
  deps.outputs.removeAll(callerFolder(id));

const limited = (content: AsyncIterable<Uint8Array>, field: string, max: number) =>
  limitBytes(content, max, () => tooLarge(field, max));

const tooLarge = (field: string, max: number) =>
  new VisgateError(
    "PAYLOAD_TOO_LARGE",
    `${field} may have at most ${max / 1024 ** 2} MB${max === MAX_IMAGE_BYTES ? " if it is an image" : ""}.`,
    {
      field,
      max_bytes: max,
    },
  );
