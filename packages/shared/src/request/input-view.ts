/** What a request was made from, as its caller sees it. */
import type { RequestInputView } from "../contract/request.js";
import type { ImageInput, MediaInput, RequestRecord } from "./record.js";

/** Makes the URLs of inputs that this gateway keeps. */
export interface InputUrls {
  inputUrl(record: RequestRecord, number: number, extension: string): string;
}

export function inputView(record: RequestRecord, urls: InputUrls): RequestInputView {
  const { prompt, image, media = [], durationSeconds, size, count, params } = record.input;
  const shown = media.map(({ role, source }, at) => ({ role, url: urlOf(record, source, at + 1, urls) }));
  const urlAs = (wanted: MediaInput["role"]) => shown.find(({ role }) => role === wanted)?.url ?? null;
  return {
    prompt,
    image_url: image === null ? null : urlOf(record, image, 0, urls),
    image_urls: shown.flatMap(({ role, url }) => (role === "last" || role === "reference" ? [{ url, role }] : [])),
    video_url: urlAs("video"),
    audio_url: urlAs("audio"),
    duration_seconds: durationSeconds,
    width: size?.width ?? null,
    height: size?.height ?? null,
    num_images: count,
    params,
  };
}

function urlOf(record: RequestRecord, source: ImageInput, number: number, urls: InputUrls): string {
  if (source.kind === "url") return source.url;
  return urls.inputUrl(record, number, extensionOf(source));
}

/** `png` of `…/input.png` and of `data:image/png;base64,…`, whose type is that of its bytes; "" for one that is no extension. */
function extensionOf(source: Exclude<ImageInput, { kind: "url" }>): string {
  const found =
    source.kind === "stored" ? /\.(\w{1,8})$/.exec(source.key) : /^data:\w+\/(\w{1,8});/.exec(source.dataUri);
  return found?.[1] ?? "";
}
