/** A request as status calls and lists show it: also what it was made from. */
import type { RequestWithInput } from "@visgate/shared/contract";
import { inputView, type RequestRecord, requestView } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

/** `withInput`: whether the caller wants it. A server that hides prompts never shows it. */
export function statusView(
  { fileUrls, settings }: Pick<Deps, "fileUrls" | "settings">,
  record: RequestRecord,
  { withInput }: { withInput: boolean },
): RequestWithInput {
  const view = requestView(record, fileUrls);
  return withInput && !settings.hidePrompts ? { ...view, input: inputView(record, fileUrls) } : view;
}
