/**
 * How an answer shows the outputs of a request. Images are always in the answer, in base64. Videos are at their URLs,
 * except when this server has a private address: the SDK refuses to download from those, so they are in the answer too.
 * A file is read while it is sent, because several large videos would not fit in memory.
 */

import type { OpenedFile } from "@visgate/shared/outputs";
import { parseUrl } from "@visgate/shared/parse-url";
import { type RequestRecord, requestView } from "@visgate/shared/request";
import { isInternalHost } from "@visgate/shared/runtime/net";
import { microToUsd } from "@visgate/shared/units";
import type { Deps } from "../../deps.js";
import { openOutput } from "../../open-output.js";

type Shown = { url: string } | { file: OpenedFile; mediaType: string };

/** The texts of the answer, in order. Opens all files first. @throws VisgateError when one cannot be read */
export async function answerTexts(deps: Deps, record: RequestRecord, head: object): Promise<AsyncGenerator<string>> {
  const shown = await openOutputs(deps, record);
  const { id, costMicro } = record;
  const providerMetadata = { gateway: { generationId: id, cost: String(microToUsd(costMicro)) } };
  const start = JSON.stringify({ ...head, providerMetadata }).slice(0, -1);
  return record.mediaType === "image" ? imageTexts(start, shown) : videoTexts(start, shown);
}

async function openOutputs(deps: Deps, record: RequestRecord): Promise<Shown[]> {
  const { output_urls: urls } = requestView(record, deps.fileUrls);
  const isInline = record.mediaType === "image" || isPrivate(deps.settings.publicBase);
  return Promise.all(
    record.outputs.map(async (output, at) =>
      output.kind === "stored" && isInline
        ? { file: await openOutput(deps, output.key), mediaType: output.contentType }
        : { url: urls[at] ?? "" },
    ),
  );
}

const isPrivate = (base: string): boolean => isInternalHost(parseUrl(base)?.hostname ?? "");

async function* videoTexts(start: string, shown: Shown[]): AsyncGenerator<string> {
  yield `${start},"videos":[`;
  for (const [at, one] of shown.entries()) {
    if (at > 0) yield ",";
    if ("url" in one) yield JSON.stringify({ type: "url", url: one.url, mediaType: "video/mp4" });
    else yield* inQuotes(`{"type":"base64","mediaType":${JSON.stringify(one.mediaType)},"data":"`, one.file, '"}');
  }
  yield "]}";
}

/** Without the output store there are no images (dialect.ts). */
async function* imageTexts(start: string, shown: Shown[]): AsyncGenerator<string> {
  yield `${start},"images":[`;
  for (const [at, one] of shown.entries()) {
    if (at > 0) yield ",";
    if ("file" in one) yield* inQuotes('"', one.file, '"');
  }
  yield "]}";
}

async function* inQuotes(before: string, file: OpenedFile, after: string): AsyncGenerator<string> {
  yield before;
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of file.stream()) {
    const bytes = Buffer.concat([rest, chunk]);
    // Three bytes are four characters; a part in between would end with padding.
    const whole = bytes.length - (bytes.length % 3);
    yield bytes.toString("base64", 0, whole);
    rest = bytes.subarray(whole);
  }
  yield Buffer.from(rest).toString("base64") + after;
}
