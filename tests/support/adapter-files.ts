import { expect, test } from "vitest";
import { type AdapterBench, REVOKED_KEY } from "./adapter-bench.js";
import { pictureOf } from "./adapter-pictures.js";
import { deadUrl } from "./listeners.js";

export function filesAndAccounts(bench: AdapterBench): void {
  if (bench.setup.uploads) uploads(bench);
  else noUploads(bench);
  accounts(bench);
}

/** One whose data URI is too long for a submit. */
const largeImage = ({ adapter }: AdapterBench) => {
  return { bytes: pictureOf(adapter().maxDataUriLength), contentType: "image/jpeg" };
};

function uploads(bench: AdapterBench): void {
  const { setup, call } = bench;
  const upload = (fields = {}) => bench.adapter().upload(largeImage(bench), call(fields));

  test("an image too large for a submit is handed over, and rendered from", async () => {
    const result = await upload();
    if (result.kind !== "uploaded") throw new Error(JSON.stringify(result));
    expect(result.url).not.toContain("secret");
    expect(await bench.ended(await bench.submitted(setup.image(result.url)))).toMatchObject({ kind: "succeeded" });
    expect(await bench.uploads()).toBe(1);
  });

  test("an upload that fails may be tried again, and is sent once", async () => {
    await bench.disasters({ name: "upload_500" });
    expect(await upload()).toMatchObject({ kind: "unavailable" });
    await bench.disasters();
    expect(await upload()).toMatchObject({ kind: "uploaded" });
    expect(await bench.uploads()).toBe(1);
  });

  test("a refused key is no reason to try again", async () => {
    expect(await upload({ apiKey: REVOKED_KEY })).toMatchObject({
      kind: "rejected",
      failure: { retryable: false, charged: false },
    });
  });

  test("a provider that is down may be tried again", async () => {
    const nowhere = setup.createAdapter(await deadUrl());
    expect(await nowhere.upload(largeImage(bench), call())).toMatchObject({ kind: "unavailable" });
  });
}

function noUploads(bench: AdapterBench): void {
  test("an image beyond what a submit may hold is refused without asking", async () => {
    await bench.disasters({ name: "upload_500" });
    expect(await bench.adapter().upload(largeImage(bench), bench.call())).toMatchObject({
      kind: "rejected",
      failure: { code: "VALIDATION_ERROR", retryable: false, charged: false },
    });
  });
}

function accounts(bench: AdapterBench): void {
  const { setup, call } = bench;

  test("a key that is accepted is valid; asking submits nothing", async () => {
    const result = await bench.adapter().account(call());
    if (result.kind !== "valid") throw new Error(JSON.stringify(result));
    expect(result.balance?.currency ?? null).toBe(setup.currency);
    if (result.balance !== null) expect(result.balance.remaining).toBeGreaterThan(0);
    expect(await bench.posts()).toBe(0);
  });

  test("a key that is not accepted is refused", async () => {
    expect(await bench.adapter().account(call({ apiKey: REVOKED_KEY }))).toEqual({ kind: "refused" });
  });

  test("nobody can tell while the provider is down", async () => {
    const nowhere = setup.createAdapter(await deadUrl());
    expect(await nowhere.account(call())).toMatchObject({ kind: "unavailable" });
  });
}
