/** The requests of a month: every model with a price, and everything that can happen to a request and its money. */
import { PROVIDERS, type Provider } from "@visgate/providers";
import type { Caller, SimulatedJob, SimulatorControl } from "./caller.js";
import { until } from "./until.js";

const END_MS = 180_000;

/** What happens to the requests of a kind. Their prompts contain its name, which selects the disasters. */
interface Kind {
  name: string;
  /** Of 100 requests. */
  share: number;
  disasters?: { name: string; [setting: string]: unknown }[];
  fields?: object;
  /** Cancelled when the provider has it. */
  isCancelled?: true;
  /** Equal requests: some find the output in the cache, some join one in flight. */
  isShared?: true;
  /** Its POST is sent twice, with one idempotency key. */
  isRepeated?: true;
  /** The gateway may never learn of its job: its prompt names the model, so that its bill can be found by the prompt. */
  namesModel?: true;
  /** Paid with the caller's own key, where the provider takes one. */
  isByok?: true;
}

/** A part of a unit with an odd number of micro-USD, and at some prices a fraction of one. */
const PART = 0.3337;

const KINDS: Kind[] = [
  { name: "plain", share: 32 },
  { name: "paid by the caller", share: 4, isByok: true },
  { name: "sent twice", share: 4, isRepeated: true },
  { name: "shared", share: 16, isShared: true },
  { name: "shared and failing", share: 4, isShared: true, disasters: [{ name: "fail" }] },
  { name: "failing", share: 5, disasters: [{ name: "fail" }] },
  { name: "failing in part", share: 5, disasters: [{ name: "fail", units: PART }] },
  { name: "content policy test", share: 4 },
  { name: "moderated late", share: 4, disasters: [{ name: "late_moderation" }] },
  { name: "without output", share: 2, disasters: [{ name: "output_missing" }] },
  { name: "too large", share: 1, disasters: [{ name: "output_oversized", bytes: 12_000_000 }] },
  { name: "cancelled in the queue", share: 2, isCancelled: true, disasters: [{ name: "never_start" }] },
  { name: "cancelled", share: 4, isCancelled: true, disasters: [{ name: "never_finish" }] },
  {
    name: "cancelled and billed",
    ...{ share: 3, isCancelled: true },
    disasters: [{ name: "never_finish" }, { name: "cancel_billed", units: PART }],
  },
  { name: "overdue", share: 2, fields: { deadline_seconds: 8 }, disasters: [{ name: "never_finish" }] },
  { name: "refused for now", share: 4, disasters: [{ name: "submit_429", retry_after: 1 }] },
  { name: "lost on the way", share: 2, disasters: [{ name: "submit_500_html" }] },
  { name: "lost on the way back", share: 2, namesModel: true, disasters: [{ name: "submit_drop_after_accept" }] },
];

/** How many submits of a day are refused for now: fewer than there are requests of the kind, so that all get through. */
const REFUSALS = 3;

/** `[name]`, so that no name is found in another one. */
const markOf = ({ name }: Kind): string => (name === "content policy test" ? name : `[${name}]`);

export const disastersOfMonth = KINDS.flatMap((kind) =>
  (kind.disasters ?? []).map((disaster) => ({
    ...disaster,
    match_prompt: markOf(kind),
    ...(disaster.name === "submit_429" ? { times: REFUSALS } : {}),
  })),
);

export interface Model {
  id: string;
  mediaType: "video" | "image";
  callerKeyHeader: string | null;
}

/** Models that need no image and have a price; `perMedia`: how many of each provider, of each media type. */
export function modelsOfMonth(perMedia: number): Model[] {
  const ofProvider = ({ manifest, models }: Provider, mediaType: Model["mediaType"]): Model[] =>
    models
      .flatMap(({ id, price, variants: { text }, mediaType: type }) => {
        if (text === undefined || price?.micro == null || type !== mediaType) return [];
        return [{ id, mediaType, callerKeyHeader: manifest.callerKeyHeader }];
      })
      .slice(0, perMedia);
  return PROVIDERS.flatMap((provider) => [...ofProvider(provider, "image"), ...ofProvider(provider, "video")]);
}

export interface Submitted {
  id: string;
  prompt: string;
  tag: string;
  isCancelled: boolean;
}

const TAGS = ["red", "green", "", "blue, with a comma"];
/** Not the number of keys, so that every key has every tag. */
const TAG_EVERY = 7;

/** Repeatable: the n-th request is the same in every run. */
function planOf(number: number, models: readonly Model[]): { kind: Kind; model: Model; tag: string } {
  const kinds = KINDS.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  // 37 has no factor in common with 100, so that every kind comes up in each hundred.
  const kind = kinds[(number * 37) % kinds.length] as Kind;
  const model = models[(number + Math.floor(number / kinds.length)) % models.length] as Model;
  return { kind, model, tag: TAGS[Math.floor(number / TAG_EVERY) % TAGS.length] ?? "" };
}

function bodyOf({ kind, model, tag }: ReturnType<typeof planOf>) {
  const media = model.mediaType === "video" ? { duration_seconds: 4 } : {};
  const prompt = `a lighthouse${kind.namesModel ? ` by ${model.id}` : ""} ${markOf(kind)}`;
  return {
    ...{ model: model.id, prompt, cache: kind.isShared ? "use" : "off" },
    ...{ metadata: tag === "" ? {} : { team: tag }, ...media, ...kind.fields },
  };
}

/** Submits the n-th request of the month, and cancels it when that is its kind. */
export async function submitOf(number: number, models: readonly Model[], callers: Caller[]): Promise<Submitted> {
  const planned = planOf(number, models);
  const { kind, model, tag } = planned;
  const body = bodyOf(planned);
  const caller = callers[number % callers.length] as Caller;
  const isByok = kind.isByok === true && model.callerKeyHeader !== null;
  const headers = {
    ...{ prefer: "respond-async", "idempotency-key": `request ${number} of the month` },
    ...(isByok ? { [model.callerKeyHeader ?? ""]: "the-key-of-the-caller" } : {}),
  };
  const post = async (): Promise<string> => {
    const path = `/${model.mediaType}s/generate`;
    const answer = await caller.call("POST", path, { body, headers });
    if (answer.status !== 202 && answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body.request_id;
  };
  const id = await post();
  if (kind.isRepeated && (await post()) !== id) throw new Error("the same call made two requests");
  if (kind.isCancelled) await cancel(caller, id);
  return { id, prompt: body.prompt, tag, isCancelled: kind.isCancelled === true };
}

async function cancel(caller: Caller, id: string): Promise<void> {
  await until("the provider to have the job", async () => (await caller.status(id)).status !== "pending", END_MS);
  await caller.call("POST", `/requests/${id}/cancel`);
}

export const endOf = (caller: Caller, { id }: Submitted) => caller.finished(id, END_MS);

/** Runs `work` for each item, at most `limit` at once. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const todo = items.entries();
  const run = async () => {
    for (const [index, item] of todo) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: limit }, run));
  return results;
}

/** Resolves when all jobs of the simulated providers have ended. */
export async function allEnded(simulator: SimulatorControl): Promise<void> {
  let left: SimulatedJob[] = [];
  const isOver = async () => {
    left = (await simulator.jobs()).filter(({ phase }) => phase !== "done");
    return left.length === 0;
  };
  await until("all jobs to end", isOver, END_MS).catch((error: unknown) => {
    throw new Error(`${error}: ${JSON.stringify(left)}`);
  });
}
