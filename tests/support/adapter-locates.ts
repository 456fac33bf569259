/** Conformance of an adapter: locate searches the provider's list for a submit whose answer was lost. */
import type { LocateResult, LostSubmit, SubmitInput } from "@visgate/providers";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type AdapterBench, REVOKED_KEY } from "./adapter-bench.js";
import { deadUrl, startListener } from "./listeners.js";

export function locateConformance(bench: AdapterBench): void {
  // The list does not have to show jobs that are still queued.
  beforeEach(() => bench.control().settings({ queue_seconds: 0 }));
  if (bench.setup.locates === "never") withoutList(bench);
  else withList(bench);
}

function withList(bench: AdapterBench): void {
  describe("finds", () => finds(bench));
  describe("does not find", () => doesNotFind(bench));
  describe("cannot tell", () => cannotTell(bench));
}

let prompts = 0;
/** An input that no other test uses, because the simulator lists the jobs of all tests. */
function uniqueInput({ setup }: AdapterBench): SubmitInput {
  prompts += 1;
  return setup.prompted(`a bird, number ${prompts}`);
}

const lostNow = (input: SubmitInput): LostSubmit => ({ ...input, sentAt: Date.now() });

const idsIn = (result: LocateResult) => (result.kind === "found" ? result.candidates.map(({ id }) => id) : result);

function withoutList(bench: AdapterBench): void {
  test("without a list: cannot tell, and a retry does not help", async () => {
    const input = uniqueInput(bench);
    await bench.submitted(input);
    await bench.disasters({ name: "list_late" }, { name: "list_refused" });
    const result = await bench.adapter().locate(lostNow(input), bench.call());
    expect(result).toEqual({ kind: "cannot_tell", cause: "no list", isFinal: true, retryAfterMs: null });
  });
}

function finds(bench: AdapterBench): void {
  const { setup, call, disasters } = bench;
  const locate = (lost: LostSubmit) => bench.adapter().locate(lost, call());

  test.each([
    ...["submit_drop_after_accept", "submit_503_after_accept", "submit_500_html_after_accept"],
    ...["submit_no_id", "submit_hang"],
  ])("the job of a submit whose answer was lost by %s, without another submit", async (name) => {
    const lost = lostNow(uniqueInput(bench));
    await disasters({ name });
    const signal = AbortSignal.timeout(name === "submit_hang" ? 300 : 10_000);
    expect(await bench.adapter().submit(lost, call({ signal }))).toMatchObject({ kind: "unknown" });
    const [submit, ...more] = await bench.control().submits();
    expect(more).toHaveLength(0);
    expect(idsIn(await locate(lost))).toEqual([submit?.provider_request_id]);
    expect(await bench.posts()).toBe(1);
  });

  test("the job with our webhook URL, as certain if the list shows the URL", async () => {
    const listener = await startListener((_request, response) => response.end());
    onTestFinished(listener.close);
    const input = uniqueInput(bench);
    const lost = lostNow({ ...input, reportUrl: `${listener.origin}/ours` });
    const other = await bench.submitted({ ...input, reportUrl: `${listener.origin}/another` });
    const ours = await bench.submitted(lost);
    const result = await locate(lost);
    if (setup.locates === "certain") {
      expect(result).toMatchObject({ candidates: [{ id: ours.id, isCertain: true }] });
    } else {
      const [first, second] = [other, ours].map(({ id }) => ({ id, isCertain: false }));
      expect(result).toMatchObject({ candidates: [first, second] });
    }
  });

  test("every equal job, the oldest first, with its creation time at the provider", async () => {
    const lost = lostNow(uniqueInput(bench));
    const first = await bench.submitted(lost);
    const second = await bench.submitted(lost);
    const result = await locate(lost);
    expect(idsIn(result)).toEqual([first.id, second.id]);
    if (result.kind !== "found") throw new Error("not found");
    for (const { createdAt, isCertain } of result.candidates) {
      expect(isCertain).toBe(false);
      expect(createdAt).toBeGreaterThanOrEqual(lost.sentAt - (setup.listStepMs ?? 1));
      expect(createdAt).toBeLessThanOrEqual(Date.now());
    }
  });

  test("a job on a later page, after more than 200 other jobs", async () => {
    const lost = lostNow(uniqueInput(bench));
    const { id } = await bench.submitted(lost);
    // Failed jobs are faster, because the simulator draws no video for them.
    await disasters({ name: "fail" });
    const other = uniqueInput(bench);
    for (let batch = 0; batch < 11; batch += 1) {
      await Promise.all(Array.from({ length: 20 }, () => bench.submitted(other)));
    }
    expect(idsIn(await locate(lost))).toEqual([id]);
    expect(await bench.posts()).toBe(221);
  });

  test("a job whose input is listed with its keys in another order", async () => {
    const input = uniqueInput(bench);
    const { id } = await bench.submitted(input);
    const reordered = Object.fromEntries(Object.entries(input.body).toReversed());
    expect(idsIn(await locate({ ...lostNow(input), body: reordered }))).toEqual([id]);
  });

  test("a job that is listed late, as soon as it is listed", async () => {
    const lost = lostNow(uniqueInput(bench));
    const { id } = await bench.submitted(lost);
    await disasters({ name: "list_late", seconds: 600 });
    expect(await locate(lost)).toEqual({ kind: "absent" });
    await disasters({ name: "list_late", seconds: 0 });
    expect(idsIn(await locate(lost))).toEqual([id]);
  });
}

function doesNotFind(bench: AdapterBench): void {
  const { setup, call } = bench;
  const locate = (lost: LostSubmit) => bench.adapter().locate(lost, call());

  test("a job when no equal job is listed", async () => {
    expect(await locate(lostNow(uniqueInput(bench)))).toEqual({ kind: "absent" });
    expect(await bench.posts()).toBe(0);
  });

  test("an equal job that was created more than 10 s before the submit", async () => {
    const input = uniqueInput(bench);
    const before = Date.now();
    const { id } = await bench.submitted(input);
    const after = Date.now();
    expect(idsIn(await locate({ ...input, sentAt: before + 9000 }))).toEqual([id]);
    expect(await locate({ ...input, sentAt: after + 10_000 + (setup.listStepMs ?? 1) })).toEqual({ kind: "absent" });
  });

  test("jobs with another value, an additional key, or a missing key", async () => {
    const input = uniqueInput(bench);
    await bench.submitted(input);
    const [last = ""] = Object.keys(input.body).slice(-1);
    const { [last]: _, ...less } = input.body;
    const another = { ...input.body, [last]: "another" };
    expect(await locate({ ...lostNow(input), body: another })).toEqual({ kind: "absent" });
    for (const body of [{ ...input.body, seed: 7 }, less]) {
      const hidden = { kind: "cannot_tell", isFinal: true };
      expect(await locate({ ...lostNow(input), body })).toMatchObject(
        setup.listHidesInputs ? hidden : { kind: "absent" },
      );
    }
  });

  test("a job of another model with the same input", async () => {
    const input = uniqueInput(bench);
    await bench.submitted({ ...input, endpoint: setup.otherModel });
    expect(await locate(lostNow(input))).toEqual({ kind: "absent" });
  });
}

function cannotTell(bench: AdapterBench): void {
  const { setup, call, disasters } = bench;
  const lost = () => lostNow(uniqueInput(bench));

  test("when the list is refused, and a retry does not help", async () => {
    await disasters({ name: "list_refused" });
    const refused = await bench.adapter().locate(lost(), call());
    expect(refused).toEqual({ kind: "cannot_tell", cause: "HTTP 403", isFinal: true, retryAfterMs: null });
  });

  test("when the key is refused, and a retry does not help", async () => {
    const refused = await bench.adapter().locate(lost(), call({ apiKey: REVOKED_KEY }));
    expect(refused).toMatchObject({ kind: "cannot_tell", isFinal: true });
    expect(JSON.stringify(refused)).not.toContain(REVOKED_KEY);
  });

  test("while the provider is down, and a retry may help", async () => {
    const unreachable = setup.createAdapter(await deadUrl());
    expect(await unreachable.locate(lost(), call())).toMatchObject({ kind: "cannot_tell", isFinal: false });
  });
}
