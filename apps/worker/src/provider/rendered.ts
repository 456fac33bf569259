/** Writes the outputs and the cost of a job that has succeeded to the record of its request. */
import type { PollResult } from "@visgate/providers";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { costOf } from "./cost.js";
import { noteRendered } from "./health.js";

export async function applyRendered(
  deps: Deps,
  current: StoredRequest,
  { outputs, withheld, bill }: Extract<PollResult, { kind: "succeeded" }>,
): Promise<void> {
  const cost = costOf(deps, current.doc, bill);
  const rendered = { name: "rendered", at: deps.clock.now(), outputs, withheld, ...cost } as const;
  const { kind } = await deps.store.requests.apply(current, rendered);
  if (kind === "applied") noteRendered(deps, current.doc);
}
