/** Conformance of an adapter: uploads and accounts. */
import { expect, test } from "vitest";
import { type AdapterBench, REVOKED_KEY } from "./adapter-bench.js";
import { pictureOf } from "./adapter-pictures.js";
import { deadUrl } from "./listeners.js";

export function filesAndAccounts(bench: AdapterBench): void {
  if (bench.setup.uploads) uploads(bench);
  else noUploads(bench);
  accounts(bench);
}

/** An image whose data URI is too long for a submit. */
const largeImage = ({ adapter }: AdapterBench) => {
  return { bytes: pictureOf(adapter().maxDataUriLength), contentType: "image/jpeg" };
};

function uploads(bench: AdapterBench): void {
  const { setup, call } = bench;
  const upload = (fields = {}) => bench.adapter().upload(largeImage(bench), call(fields));

  test("upload: an image that is too large for a submit is uploaded, and a render from it succeeds", async () => {
    const result = await upload();
    if (result.kind !== "uploaded") throw new Error(JSON.stringify(result));
    expect(result.url).not.toContain("secret");
    expect(await bench.ended(await bench.submitted(setup.image(result.url)))).toMatchObject({ kind: "succeeded" });
    expect(await bench.uploads()).toBe(1);
  });

  test("upload that fails: is unavailable, was sent once, and may be retried", async () => {
    await bench.disasters({ name: "upload_500" });
    expect(await upload()).toMatchObject({ kind: "unavailable" });
    await bench.disasters();
    expect(await upload()).toMatchObject({ kind: "uploaded" });
    expect(await bench.uploads()).toBe(1);
  });

  test("upload with a refused key: is rejected, and must not be retried", async () => {
    expect(await upload({ apiKey: REVOKED_KEY })).toMatchObject({
      kind: "rejected",
      failure: { retryable: false, charged: false },
    });
  });

  test("upload while the provider is down: is unavailable, and may be retried", async () => {
    const unreachable = setup.createAdapter(await deadUrl());
    expect(await unreachable.upload(largeImage(bench), call())).toMatchObject({ kind: "unavailable" });
  });
}

function noUploads(bench: AdapterBench): void {
  test("upload: is rejected without a call to the provider", async () => {
    await bench.disasters({ name: "upload_500" });
    expect(await bench.adapter().upload(largeImage(bench), bench.call())).toMatchObject({
      kind: "rejected",
      failure: { code: "VALIDATION_ERROR", retryable: false, charged: false },
    });
  });
}

function accounts(bench: AdapterBench): void {
  const { setup, call } = bench;

  test("account with an accepted key: is valid, and nothing is submitted", async () => {
    const result = await bench.adapter().account(call());
    if (result.kind !== "valid") throw new Error(JSON.stringify(result));
    expect(result.balance?.currency ?? null).toBe(setup.currency);
    if (result.balance !== null) expect(result.balance.remaining).toBeGreaterThan(0);
    expect(await bench.posts()).toBe(0);
  });

  test("account with another key: is refused", async () => {
    expect(await bench.adapter().account(call({ apiKey: REVOKED_KEY }))).toEqual({ kind: "refused" });
  });

  test("account while the provider is down: is unavailable", async () => {
    const unreachable = setup.createAdapter(await deadUrl());
    expect(await unreachable.account(call())).toMatchObject({ kind: "unavailable" });
  });
}
