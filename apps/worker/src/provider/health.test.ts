/** What workers count of the ends of requests, for the alerts of their organizations. */
import type { PollResult, SubmitResult } from "@visgate/providers";
import type { Failure } from "@visgate/shared/errors";
import type { RequestRecord } from "@visgate/shared/request";
import { beforeEach, expect, test } from "vitest";
import { failure, pendingRecord, processingRecord, renderedRecord } from "../../../../tests/support/records.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import { advanceRequest } from "../advance-request.js";

const { openWorker } = useTestWorkers();
let worker: TestWorker;
let submitted: SubmitResult;
let polled: PollResult;
/** Each test has an organization of its own, because all use one Redis. */
let organization: string;
let organizations = 0;
beforeEach(async () => {
  worker = await openWorker({ adapter: { submit: async () => submitted, poll: async () => polled } });
  organization = `org-${++organizations}`;
  await worker.store.organizations.ensure(organization, 0);
});

const MODEL = "fal-ai/veo3";
const rejected = (overrides: Partial<Failure> = {}): SubmitResult => {
  return { kind: "rejected", failure: failure({ retryable: false, ...overrides }), retryAfterMs: null };
};
const failed = (overrides: Partial<Failure> = {}): PollResult => {
  return { kind: "failed", failure: failure(overrides), bill: null };
};
async function run(record: RequestRecord): Promise<void> {
  await advanceRequest(worker.deps, await worker.keep(record), new AbortController().signal);
}
/** After what was seen has been written. */
async function outcomes() {
  await worker.deps.health.close();
  return worker.store.outcomes.read(organization);
}
const used = (isKeyRefused: boolean) => [{ account: "fal", models: [MODEL], isKeyRefused }];

test("a render that fails by the provider's fault is an error of its organization", async () => {
  polled = failed();
  await run(processingRecord({ organization }));
  expect(await outcomes()).toEqual({ requests: 1, errors: 1, accounts: used(false) });
});

test("a request that completes counts, and is no error", async () => {
  await run(renderedRecord({ organization, copyOutput: false }));
  expect(await outcomes()).toMatchObject({ requests: 1, errors: 0 });
});

test.each(["CONTENT_POLICY_VIOLATION", "VALIDATION_ERROR", "CANCELLED"] as const)(
  "a request that fails with %s does not count",
  async (code) => {
    polled = failed({ code });
    await run(processingRecord({ organization }));
    expect(await outcomes()).toEqual({ requests: 0, errors: 0, accounts: [] });
  },
);

test("a refused key is noted for the account, and a submit that is refused for another reason is not", async () => {
  submitted = rejected();
  await run(pendingRecord({ organization }));
  expect((await outcomes()).accounts).toEqual(used(false));
  submitted = rejected({ isKeyRefused: true });
  await run(pendingRecord({ organization }));
  expect(await outcomes()).toEqual({ requests: 2, errors: 2, accounts: used(true) });
});

test("of a key that the caller sent along, only the end of the request counts", async () => {
  polled = failed();
  await run(processingRecord({ organization, account: "caller", mode: "byok" }));
  expect(await outcomes()).toMatchObject({ accounts: [] });
});
