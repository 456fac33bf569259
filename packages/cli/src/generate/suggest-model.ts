/** Suggests the model that was probably meant when the requested one does not exist. */
import { VisgateError } from "@visgate_ai/client";
import type { Session } from "../session.js";

/** Short: a suggestion is not worth a long wait. */
const TIMEOUT_MS = 3000;
/** One typo is allowed per this many letters. */
const LETTERS_PER_TYPO = 4;
const MAX_TYPOS = 3;

/** The error to show: MODEL_NOT_FOUND with the nearest model if there is a near one; any other error unchanged. */
export async function suggestModel(error: unknown, session: Session, model: string): Promise<unknown> {
  if (!(error instanceof VisgateError) || error.errorCode !== "MODEL_NOT_FOUND") return error;
  const near = nearest(model, await videoModels(session));
  if (near === null) return error;
  const { errorCode, details, statusCode, httpRequestId } = error;
  const message = `There is no model ${model}. Did you mean ${near}?`;
  return new VisgateError({ message, errorCode, details, statusCode, httpRequestId });
}

async function videoModels({ createClient }: Session): Promise<string[]> {
  try {
    const { models } = await createClient({ timeout: TIMEOUT_MS, maxRetries: 0 }).models.list({ mediaType: "video" });
    return models.map(({ id }) => id);
  } catch {
    return [];
  }
}

/** The first parts of an id may be missing: `veo3` is near `fal-ai/veo3`. Null when no id is near. */
export function nearest(typed: string, ids: readonly string[]): string | null {
  const wanted = typed.toLowerCase();
  let typos = Math.min(MAX_TYPOS, Math.floor(wanted.length / LETTERS_PER_TYPO));
  let found: string | null = null;
  for (const id of ids) {
    const distance = Math.min(...tailsOf(id.toLowerCase()).map((tail) => editDistance(wanted, tail)));
    if (distance < typos || (distance === typos && found === null)) [typos, found] = [distance, id];
  }
  return found;
}

/** For a/b/c: a/b/c, b/c, c. */
function tailsOf(id: string): string[] {
  const parts = id.split("/");
  return parts.map((_, at) => parts.slice(at).join("/"));
}

/** The number of letters to insert, delete or change (Levenshtein distance). */
export function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (let at = 0; at < to.length; at += 1) {
      const changed = (above[at] ?? 0) + (letter === to[at] ? 0 : 1);
      current.push(Math.min(changed, (above[at + 1] ?? 0) + 1, (current[at] ?? 0) + 1));
    }
    above = current;
  }
  return above[to.length] ?? 0;
}
