import type { ReportVerifier, Verdict } from "@visgate/providers";
import { queuePrefix } from "@visgate/shared/queue";
import { createReportUrls } from "@visgate/shared/runtime";
import { Queue } from "bullmq";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BASE, useTestApi } from "../../../tests/support/api.js";
import { submitIntended } from "../../../tests/support/records.js";
import { until } from "../../../tests/support/until.js";

const JOB = "provider-job-1";
const HOUR_MS = 3_600_000;
let queue: Queue;
let verdict: Verdict;
const verifier: ReportVerifier = { verify: async () => verdict };
const { api } = useTestApi({ deps: { reportVerifiers: new Map([["fal", verifier]]) } });
beforeAll(async () => {
  queue = new Queue("fal", { connection: api.redis, prefix: queuePrefix("fal") });
});
beforeEach(() => {
  verdict = { kind: "genuine", providerRequestId: JOB };
});
afterAll(async () => {
  await queue.close();
});

/** A request that the provider has accepted and whose job sleeps for an hour. */
async function asleep(): Promise<string> {
  const id = await api.submit();
  const at = api.clock.now();
  await api.apply(id, submitIntended({ at, awaitsReport: true }), {
    name: "submit_accepted",
    at,
    attempt: 1,
    providerRequestId: JOB,
  });
  await queue.remove(id);
  await queue.add("wake-up", { v: 1, organization: "default", id }, { jobId: id, delay: HOUR_MS });
  return id;
}
const urlOf = (id: string, provider = "fal", organization = "default") =>
  createReportUrls({ base: BASE, secrets: api.deps.secrets }).urlOf(provider, { organization, id });
const report = (url: string) => api.call("POST", url, { body: { request_id: JOB, status: "OK" }, key: null });
const state = async (id: string) => (await queue.getJob(id))?.getState();

describe("a provider's report", () => {
  test("wakes the sleeping job and changes nothing else", async () => {
    const id = await asleep();
    const before = await api.deps.store.requests.get({ organization: "default", id });
    expect(await report(urlOf(id))).toMatchObject({ status: 200, body: { received: true } });
    await until("the job to wake up", async () => (await state(id)) === "waiting");
    expect(await api.deps.store.requests.get({ organization: "default", id })).toEqual(before);
  });

  test("settles a lost submit, by nothing but its job id", async () => {
    const id = await api.submit();
    const at = api.clock.now();
    await api.apply(id, submitIntended({ at, awaitsReport: true }), {
      name: "submit_lost",
      at,
      attempt: 1,
      until: at,
      submitEnded: true,
    });
    verdict = { kind: "genuine", providerRequestId: `job-of-${id}` };
    expect((await report(urlOf(id))).status).toBe(200);
    const settled = await api.call("GET", `/requests/${id}`);
    expect(settled.body).toMatchObject({
      status: "processing",
      provider_request_id: `job-of-${id}`,
      charge_state: "held",
    });
    verdict = { kind: "genuine", providerRequestId: "another" };
    await report(urlOf(id));
    expect((await api.call("GET", `/requests/${id}`)).body).toEqual(settled.body);
  });

  test("does not settle a lost submit with another request's job", async () => {
    const id = await api.submit();
    const at = api.clock.now();
    await api.apply(id, submitIntended({ at, awaitsReport: true }));
    await api.deps.store.providerJobs.claim("fal", `taken-${id}`, { organization: "default", id: "another" });
    verdict = { kind: "genuine", providerRequestId: `taken-${id}` };
    expect((await report(urlOf(id))).status).toBe(200);
    expect((await api.call("GET", `/requests/${id}`)).body).toMatchObject({ status: "pending" });
  });

  test.each([
    { what: "not signed by the provider", verdict: { kind: "refused" }, status: 401 },
    { what: "not verifiable now", verdict: { kind: "unavailable" }, status: 503 },
    { what: "about another job", verdict: { kind: "genuine", providerRequestId: "another" }, status: 200 },
  ] as const)("that is $what wakes nothing", async ({ verdict: given, status }) => {
    const id = await asleep();
    verdict = given;
    expect((await report(urlOf(id))).status).toBe(status);
    expect(await state(id)).toBe("delayed");
  });

  test("to a URL that this server did not create is a 404, no matter who signed the report", async () => {
    const [id, other] = [await asleep(), await asleep()];
    const signature = new URL(urlOf(other)).search;
    const urls = [
      urlOf(id).replace(/\?.*/, signature),
      urlOf(id).replace(/\?.*/, ""),
      urlOf(id, "runway"),
      urlOf(id).replace("/default/", "/globex/"),
    ];
    for (const url of urls) expect((await report(url)).status, url).toBe(404);
    expect(await state(id)).toBe("delayed");
  });

  test("for a request that has ended or was erased is accepted and does nothing", async () => {
    const id = await api.submit();
    await api.complete(id);
    expect((await report(urlOf(id))).status).toBe(200);
    expect((await report(urlOf("req_erased"))).status).toBe(200);
  });

  test("does not put the signature of its URL in the log", async () => {
    const url = urlOf(await asleep());
    await report(url);
    expect(api.log()).not.toContain(new URL(url).searchParams.get("signature"));
  });
});
