import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { createSecrets } from "./secrets.js";

const secrets = createSecrets("a master secret for tests");
const other = createSecrets("another master secret");
const KEY = "fal-key:with-ümlaut-🔑";

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
    expect(Buffer.from(one, "base64url").toString("latin1")).not.toContain("fal-key");
  });

  test("cannot be decrypted for another request or with another secret", () => {
    const sealed = secrets.encrypt(KEY, "request-1");
    expect(() => secrets.decrypt(sealed, "request-2")).toThrow();
    expect(() => other.decrypt(sealed, "request-1")).toThrow();
  });

  test("cannot be decrypted after any byte was changed, removed or added", () => {
    const sealed = Buffer.from(secrets.encrypt(KEY, "r"), "base64url");
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => secrets.decrypt(changed.toString("base64url"), "r")).toThrow();
    }
    for (const length of [0, 5, 12, 16, 20, 27, 28, sealed.length - 1]) {
      expect(() => secrets.decrypt(sealed.subarray(0, length).toString("base64url"), "r")).toThrow();
    }
    expect(() => secrets.decrypt(Buffer.concat([sealed, sealed]).toString("base64url"), "r")).toThrow();
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
    const all = [
      mine,
      secrets.formerWebhookSecret("acme"),
      secrets.webhookSecret("globex"),
      other.webhookSecret("acme"),
    ];
    expect(new Set(all).size).toBe(4);
  });

  test("from before, of 32 bytes, stay the same, because receivers have them", () => {
    const former = "whsec_/0iSrfSQFQ2mVeR0MxQBH1ENw3jxVLlto9kc2T51TeI=";
    expect(secrets.formerWebhookSecret("acme")).toBe(former);
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
