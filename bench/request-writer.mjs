/** Writes ended requests of this month through the store, as the API and a worker write them. */

/** @typedef {import("ioredis").Redis} Redis */

export const ORGANIZATION = "default";
const API_KEYS = 10;
const TAGS = 5;
const DAY_MS = 86_400_000;

/**
 * Returns a function that writes one request and its end: one in three is rendered, the others fail unbilled.
 * @param {Redis} redis @param {string} exampleId the id of a request that the API has accepted
 */
export async function createRequestWriter(redis, exampleId) {
  const { createStore } = await import("@visgate/shared/store");
  const { loadModels } = await import("@visgate/providers");
  const { newRequestId } = await import("@visgate/shared/ids");
  const { requests } = createStore({ redis, clock: { now: Date.now }, actor: "bench" });
  const first = (await requests.get({ organization: ORGANIZATION, id: exampleId }))?.doc;
  if (first === undefined) throw new Error("The first request is not there.");
  const models = [...loadModels().values()].filter(({ mediaType }) => mediaType === "video");
  const month = first.day.slice(0, 7);
  const days = Number(first.day.slice(8));
  return async (/** @type {number} */ index) => {
    const model = models[index % models.length];
    if (model === undefined) throw new Error("The catalogue is empty.");
    const day = (index % days) + 1;
    const createdAt = Date.parse(`${month}-01T00:00:00Z`) + (day - 1) * DAY_MS + (index % DAY_MS);
    const record = {
      ...first,
      ...{ id: newRequestId(createdAt), createdAt, day: `${month}-${String(day).padStart(2, "0")}` },
      ...{ model: model.id, endpoint: model.id, provider: model.provider },
      ...{ apiKeyId: `key_${index % API_KEYS}`, tag: `project-${index % TAGS}` },
    };
    const idempotency = null;
    await requests.accept({ record, idempotency, notAfter: Number.MAX_SAFE_INTEGER, encryptedProviderKey: null });
    for (const transition of index % 3 === 0 ? rendered(createdAt, index) : FAILED) {
      await requests.applyTo(record, /** @type {any} */ (transition));
    }
  };
}

const FAILURE = { code: "PROVIDER_ERROR", message: "bench", retryable: false, charged: false };
const FAILED = [{ name: "failed", at: Date.now(), failure: FAILURE, billedMicro: null }];

/** @param {number} at @param {number} index */
function rendered(at, index) {
  const output = { kind: "remote", url: "https://example.com/a.mp4" };
  const intent = { attempt: 1, at, token: "bench", leaseId: "bench", uploadedUrl: null };
  const costMicro = 1_000_000 + (index % 1000);
  return [
    { name: "submit_intended", intent, awaitsReport: false },
    { name: "submit_accepted", at, attempt: 1, providerRequestId: `bench-${index}` },
    { name: "rendered", at, outputs: [{ url: output.url }], withheld: 0, costMicro, costSource: "provider" },
    { name: "completed", at: at + 20_000 + (index % 60_000), outputs: [output] },
  ];
}
