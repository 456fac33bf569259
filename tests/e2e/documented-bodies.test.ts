/** For every model of the catalogue: the exact body that the provider receives through the gateway and the SDK. */
import { loadModels } from "@visgate/providers";
import { variantFor } from "@visgate/shared/catalogue";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { MediaName } from "../support/documented-bodies/row.js";
import { DOCUMENTED_BODIES, type DocumentedBody, IMAGE, MEDIA } from "../support/documented-bodies.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack();
  // No job needs to end here.
  await test.simulator.settings({ render_seconds: 3600, queue_seconds: 3600 });
});
afterAll(() => test.stop());

const catalogue = loadModels();

/** Replicate's body has the input of the model in its field `input`. */
const inputOf = (model: string, body: Record<string, unknown>) =>
  model.startsWith("replicate/") ? body["input"] : body;

/** The fields of our own API. Every other image alone is a URL without a role. */
function mediaFields(names: readonly MediaName[]) {
  const given = names.map((name) => MEDIA[name]);
  const images = given.filter(({ role }) => role === "last" || role === "reference");
  const url = (wanted: string) => given.find(({ role }) => role === wanted)?.url;
  return {
    ...(images.length === 0
      ? {}
      : { image_urls: images.map((one, index) => (one.role === "reference" && index % 2 === 1 ? one.url : one)) }),
    ...{ video_url: url("video"), audio_url: url("audio") },
  };
}

async function submit({ model, request }: DocumentedBody): Promise<string> {
  const { image, media = [], ...rest } = request;
  const path = catalogue.get(model)?.mediaType === "image" ? "/images/generate" : "/videos/generate";
  const body = { model, ...rest, ...(image ? { image_url: IMAGE } : {}), ...mediaFields(media) };
  const answer = await test.caller.call("POST", path, { body, headers: { prefer: "respond-async" } });
  if (answer.status !== 202) throw new Error(`${model}: ${JSON.stringify(answer.body)}`);
  return answer.body.request_id;
}

it.concurrent.each(DOCUMENTED_BODIES.map((row, index) => ({ ...row, title: `${index}: ${row.model}` })))(
  "$title: $endpoint receives the documented body",
  async (row) => {
    const id = await submit(row);
    const providerRequestId = await until("the submit", async () => {
      const { status, provider_request_id, error_message } = await test.caller.status(id);
      if (status === "failed") throw new Error(error_message);
      return provider_request_id as string | null;
    });
    const received = (await test.simulator.submits()).find((one) => one.provider_request_id === providerRequestId);
    expect(received?.endpoint).toBe(row.endpoint);
    expect(inputOf(row.model, received?.body ?? {})).toStrictEqual(row.form ?? row.body);
  },
);

it("documented bodies: cover every variant of every model", () => {
  const covered = new Set(
    DOCUMENTED_BODIES.map(({ model, request }) => {
      const found = catalogue.get(model);
      return found && variantFor(found, [...(request.image ? ["first" as const] : []), ...(request.media ?? [])]);
    }),
  );
  const missing = [...catalogue.values()].flatMap(({ id, variants }) =>
    Object.entries(variants).flatMap(([kind, variant]) => (covered.has(variant) ? [] : [`${id} ${kind}`])),
  );
  expect(missing).toEqual([]);
  for (const { model } of DOCUMENTED_BODIES) expect(catalogue.get(model)?.id).toBe(model);
});
