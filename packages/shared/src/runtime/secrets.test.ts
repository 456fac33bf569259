import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { createSecrets } from "./secrets.js";

const secrets = createSecrets("a master secret for tests");
const other = createSecrets("another master secret");
const KEY = "fal-key:with-ümlaut-🔑";
const bytesOf = (encrypted: string) => Buffer.from(encrypted.split(".")[1] ?? "", "base64url");

describe("provider keys", () => {
  test("are decrypted to the same text, also by another process with the same secret", () => {
    const sealed = secrets.encrypt(KEY, "request-1");
    expect(secrets.decrypt(sealed, "request-1")).toBe(KEY);
    expect(createSecrets("a master secret for tests").decrypt(sealed, "request-1")).toBe(KEY);
    expect(secrets.decrypt(secrets.encrypt("", "r"), "r")).toBe("");
  });

  test("cannot be read or compared in their encrypted form", () => {
    const [one, two] = [secrets.encrypt(KEY, "r"), secrets.encrypt(KEY, "r")];
    expect(one).not.toBe(two);
    expect(bytesOf(one).toString("latin1")).not.toContain("fal-key");
  });

  test("cannot be decrypted for another request or with another secret", () => {
    const sealed = secrets.encrypt(KEY, "request-1");
    expect(() => secrets.decrypt(sealed, "request-2")).toThrow();
    expect(() => other.decrypt(sealed, "request-1")).toThrow();
  });

  test("cannot be decrypted after any byte was changed, removed or added", () => {
    const text = secrets.encrypt(KEY, "r");
    const [id = ""] = text.split(".");
    const sealed = bytesOf(text);
    const spoilt = (bytes: Buffer) => () => secrets.decrypt(`${id}.${bytes.toString("base64url")}`, "r");
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(spoilt(changed)).toThrow();
    }
    for (const length of [0, 5, 12, 16, 20, 27, 28, sealed.length - 1])
      expect(spoilt(sealed.subarray(0, length))).toThrow();
    expect(spoilt(Buffer.concat([sealed, sealed]))).toThrow();
    for (const other of ["", ".", `x${text}`, `${id}.`, `.${sealed.toString("base64url")}`])
      expect(() => secrets.decrypt(other, "r")).toThrow();
  });
});

describe("several secrets, while VISGATE_SECRET is rotated", () => {
  const [OLD, NEW] = ["a master secret for tests", "the secret that follows it"];
  const both = createSecrets(NEW, OLD);
  const onlyNew = createSecrets(NEW);

  test("encrypt with the first, and decrypt what any of them encrypted", () => {
    expect(both.decrypt(secrets.encrypt(KEY, "r"), "r")).toBe(KEY);
    expect(onlyNew.decrypt(both.encrypt(KEY, "r"), "r")).toBe(KEY);
    expect(() => secrets.decrypt(both.encrypt(KEY, "r"), "r")).toThrow();
  });

  test("decrypt a text of an earlier version, which does not name its secret", () => {
    // Encrypted with OLD by the version before this one.
    const earlier = "MDEyMzQ1Njc4OWFi8sgCJu1_sWZlpkS1nSba6_bCih_jwF4kF7rzWLz1VHy-7ymGJFSgAEI";
    for (const able of [secrets, both, createSecrets(OLD, NEW)]) expect(able.decrypt(earlier, "request-1")).toBe(KEY);
    expect(() => onlyNew.decrypt(earlier, "request-1")).toThrow();
    expect(() => both.decrypt(earlier, "request-2")).toThrow();
    expect(onlyNew.decrypt(both.renew(earlier, "request-1") ?? "", "request-1")).toBe(KEY);
    expect(secrets.renew(earlier, "request-1")).toMatch(/^[\w-]{8}\./);
  });

  test("renew encrypts with the first what another one encrypted, once, and only what can be decrypted", () => {
    const renewed = both.renew(secrets.encrypt(KEY, "r"), "r") ?? "";
    expect(onlyNew.decrypt(renewed, "r")).toBe(KEY);
    expect(both.renew(renewed, "r")).toBeNull();
    expect(() => both.renew(renewed, "elsewhere")).toThrow();
    expect(() => onlyNew.renew(secrets.encrypt(KEY, "r"), "r")).toThrow();
  });

  test("sign with the first, and accept the signatures of any", () => {
    const ref = { organization: "acme", id: "r1" };
    expect(both.signFile("acme/r1/0.mp4", 1)).toBe(onlyNew.signFile("acme/r1/0.mp4", 1));
    expect(both.signReport(ref)).toBe(onlyNew.signReport(ref));
    expect(both.fileSignatureMatches("acme/r1/0.mp4", 1, secrets.signFile("acme/r1/0.mp4", 1))).toBe(true);
    expect(both.reportSignatureMatches(ref, secrets.signReport(ref))).toBe(true);
    expect(both.fileSignatureMatches("acme/r1/0.mp4", 1, other.signFile("acme/r1/0.mp4", 1))).toBe(false);
    expect(onlyNew.reportSignatureMatches(ref, secrets.signReport(ref))).toBe(false);
  });

  test("the webhook secret is that of the first, and those of all sign, the oldest first", () => {
    expect(both.webhookSecret("acme")).toBe(onlyNew.webhookSecret("acme"));
    const ofOld = secrets.webhookSecrets("acme");
    expect(ofOld).toHaveLength(2);
    expect(both.webhookSecrets("acme")).toEqual([...ofOld, ...onlyNew.webhookSecrets("acme")]);
  });

  test("the id of a secret in a text says nothing about the secret", () => {
    const [id = ""] = secrets.encrypt(KEY, "r").split(".");
    expect(id).toMatch(/^[\w-]{8}$/);
    expect(secrets.encrypt("another", "q").startsWith(`${id}.`)).toBe(true);
    expect(both.encrypt("another", "q").startsWith(`${id}.`)).toBe(false);
  });
});

describe("file signatures", () => {
  const signature = secrets.signFile("acme/r1/0.mp4", 1_800_000_000);

  test("match one path and one expiry", () => {
    expect(secrets.fileSignatureMatches("acme/r1/0.mp4", 1_800_000_000, signature)).toBe(true);
    expect(secrets.signFile("acme/r1/0.mp4", 1_800_000_000)).toBe(signature);
    expect(signature).toMatch(/^[\w-]{43}$/);
  });

  test.each([
    { path: "acme/r1/1.mp4", expires: 1_800_000_000, given: signature },
    { path: "acme/r1/0.mp4", expires: 1_800_000_001, given: signature },
    { path: "acme/r1/0.mp4", expires: Number.NaN, given: signature },
    { path: "acme/r1/0.mp4\n1800000000", expires: 1_800_000_000, given: signature },
    { path: "acme/r1/0.mp4", expires: 1_800_000_000, given: "" },
    { path: "acme/r1/0.mp4", expires: 1_800_000_000, given: signature.slice(0, -1) },
    { path: "acme/r1/0.mp4", expires: 1_800_000_000, given: `${signature}A` },
    { path: "acme/r1/0.mp4", expires: 1_800_000_000, given: "ä".repeat(43) },
    { path: "acme/r1/0.mp4", expires: 1_800_000_000, given: other.signFile("acme/r1/0.mp4", 1_800_000_000) },
  ])("do not match another path, expiry or signature ($path, $expires)", ({ path, expires, given }) => {
    expect(secrets.fileSignatureMatches(path, expires, given)).toBe(false);
  });
});

describe("webhook secrets", () => {
  test("are stable, have 24 bytes, whose base64 ends without =, and differ per organization", () => {
    const mine = secrets.webhookSecret("acme");
    expect(createSecrets("a master secret for tests").webhookSecret("acme")).toBe(mine);
    expect(mine.startsWith("whsec_")).toBe(true);
    expect(mine).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    const all = [mine, secrets.webhookSecrets("acme")[0], secrets.webhookSecret("globex"), other.webhookSecret("acme")];
    expect(new Set(all).size).toBe(4);
  });

  test("from before, of 32 bytes, stay the same, because receivers have them", () => {
    const former = "whsec_/0iSrfSQFQ2mVeR0MxQBH1ENw3jxVLlto9kc2T51TeI=";
    expect(secrets.webhookSecrets("acme")).toEqual([former, secrets.webhookSecret("acme")]);
  });

  test("sign webhooks that the standardwebhooks package verifies", () => {
    const webhook = new Webhook(secrets.webhookSecret("acme"));
    const now = new Date();
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": webhook.sign("msg_1", now, '{"a":1}'),
    };
    expect(webhook.verify('{"a":1}', headers)).toEqual({ a: 1 });
  });

  test("differ from the secrets for other purposes", () => {
    expect(secrets.webhookSecret("file-urls")).not.toContain(secrets.signFile("file-urls", 0));
    const webhookBytes = Buffer.from(secrets.webhookSecret("acme").slice(6), "base64");
    expect(webhookBytes.equals(Buffer.from(createSecrets("x").webhookSecret("acme").slice(6), "base64"))).toBe(false);
  });
});
