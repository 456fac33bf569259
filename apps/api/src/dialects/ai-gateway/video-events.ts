/**
 * The answer of a call that waits for its video: server-sent events, of which the SDK reads the first that has data.
 * Comments come first, because proxies and Node.js give up an answer that is silent for minutes.
 */
import { VisgateError } from "@visgate/shared/errors";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../../deps.js";
import { failureError } from "../../http/errors.js";
import { requestNotFound } from "../../use-cases/read-request.js";
import { waitForTerminal } from "../../waiting/long-poll.js";
import { shownError } from "./errors.js";
import { answerTexts } from "./outputs.js";

const COMMENT_EVERY_MS = 15_000;
const COMMENT = ": the video is being made\n\n";

/** The SDK sends such a call again, and joins the request. */
const SEND_AGAIN = new VisgateError("UNAVAILABLE", "The wait was cut short; send the same call again.");

/** `signal`: aborts when the caller hangs up. */
export async function* videoEvents(deps: Deps, record: RequestRecord, signal: AbortSignal): AsyncGenerator<string> {
  yield COMMENT;
  let texts: AsyncIterable<string>;
  try {
    let shown = record;
    while (!isTerminal(shown.status)) {
      if (deps.draining.aborted || signal.aborted) throw SEND_AGAIN;
      const found = await waitForTerminal(deps, record, { timeoutMs: COMMENT_EVERY_MS, signal });
      if (found === null) throw requestNotFound(record.id);
      shown = found.doc;
      yield COMMENT;
    }
    if (shown.failure !== null) throw failureError(shown, deps.settings.unsettledSeconds);
    texts = await answerTexts(deps, shown, { type: "result" });
  } catch (error) {
    if (!(error instanceof VisgateError)) deps.log.warn({ err: error, requestId: record.id }, "a wait was cut short");
    yield `data: ${JSON.stringify(errorEvent(error instanceof VisgateError ? error : SEND_AGAIN))}\n\n`;
    return;
  }
  yield "data: ";
  yield* texts;
  yield "\n\n";
}

function errorEvent(error: VisgateError) {
  const { message, type, param } = shownError(error);
  return { type: "error", message, errorType: type, statusCode: error.status, param };
}
