/** The model that was probably meant, where the one that was named is not there. */
import { VisgateError } from "@visgate_ai/client";
import type { Session } from "../session.js";

/** Only a hint: nobody waits long for it. */
const TIMEOUT_MS = 3000;
/** One wrong letter in so many is a slip. */
const LETTERS_PER_SLIP = 4;
const MOST_SLIPS = 3;

/** The error to show: of a model that is not there with the nearest one, if one is near; any other as it is. */
export async function suggestModel(error: unknown, session: Session, model: string): Promise<unknown> {
  if (!(error instanceof VisgateError) || error.errorCode !== "MODEL_NOT_FOUND") return error;
  const near = nearest(model, await videoModels(session));
  if (near === null) return error;
  const { errorCode, details, statusCode, httpRequestId } = error;
  const message = `There is no model ${model}. Did you mean ${near}?`;
  return new VisgateError({ message, errorCode, details, statusCode, httpRequestId });
}

async function videoModels({ connect }: Session): Promise<string[]> {
  try {
    const { models } = await connect({ timeout: TIMEOUT_MS, maxRetries: 0 }).models.list({ mediaType: "video" });
    return models.map(({ id }) => id);
  } catch {
    return [];
  }
}

/** The provider may be left out: `veo3` is near `fal-ai/veo3`. Null: none is near. */
export function nearest(typed: string, ids: readonly string[]): string | null {
  const wanted = typed.toLowerCase();
  let slips = Math.min(MOST_SLIPS, Math.floor(wanted.length / LETTERS_PER_SLIP));
  let found: string | null = null;
  for (const id of ids) {
    const distance = Math.min(...tailsOf(id.toLowerCase()).map((tail) => editDistance(wanted, tail)));
    if (distance < slips || (distance === slips && found === null)) [slips, found] = [distance, id];
  }
  return found;
}

/** Of a/b/c: a/b/c, b/c, c. */
function tailsOf(id: string): string[] {
  const parts = id.split("/");
  return parts.map((_, at) => parts.slice(at).join("/"));
}

/** How many letters have to be put in, taken out or changed. */
export function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...from].entries()) {
    const here = [row + 1];
    for (let at = 0; at < to.length; at += 1) {
      const changed = (above[at] ?? 0) + (letter === to[at] ? 0 : 1);
      here.push(Math.min(changed, (above[at + 1] ?? 0) + 1, (here[at] ?? 0) + 1));
    }
    above = here;
  }
  return above[to.length] ?? 0;
}
