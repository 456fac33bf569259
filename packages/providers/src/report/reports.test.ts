import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { validateWebhook } from "replicate";
import { describe, expect, test } from "vitest";
import { PROVIDERS, providerOf } from "../index.js";
import type { Report, ReportVerifier, VerifierOptions } from "./verifier.js";

const NOW = 1_767_225_600_000;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const JWKS_URL = "https://keys.example/jwks.json";
const SECRET_URL = "https://api.example/v1/webhooks/default/secret";

/** A provider that publishes its keys. `fetched`: the calls that it got. */
interface Publisher {
  keys: unknown;
  isDown: boolean;
  fetched: { url: string; authorization: string | null }[];
}

interface Signer {
  /** Creates a new key for the next reports. */
  rotate(): void;
  /** The answer with which the provider publishes the key. */
  published(): unknown;
  /** A signed report about a job. */
  report(fields?: { id?: string; at?: number; body?: string }): Report;
  /** The same report with other headers. */
  altered(report: Report, headers: Record<string, string | null>): Report;
}

const secondsOf = (ms: number) => String(Math.floor(ms / SECOND));

function altered({ headers, body }: Report, changes: Record<string, string | null>): Report {
  const changed = new Headers(headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) changed.delete(name);
    else changed.set(name, value);
  }
  return { headers: changed, body };
}

function falSigner(): Signer {
  let key: KeyObject;
  let x: unknown;
  const rotate = () => {
    const pair = generateKeyPairSync("ed25519");
    key = pair.privateKey;
    x = pair.publicKey.export({ format: "jwk" }).x;
  };
  rotate();
  return {
    rotate,
    altered,
    published: () => ({ keys: [{ kty: "RSA", n: "x" }, "odd", { kty: "OKP", crv: "Ed25519", x, kid: "1" }] }),
    report({ id = "job-1", at = NOW, body = JSON.stringify({ request_id: id, status: "OK", payload: {} }) } = {}) {
      const digest = createHash("sha256").update(body).digest("hex");
      const message = [id, "user", secondsOf(at), digest].join("\n");
      return {
        body,
        headers: new Headers({
          "x-fal-webhook-request-id": id,
          "x-fal-webhook-user-id": "user",
          "x-fal-webhook-timestamp": secondsOf(at),
          "x-fal-webhook-signature": sign(null, Buffer.from(message), key).toString("hex"),
        }),
      };
    },
  };
}

const VECTOR_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const standardSignature = (secret: string, content: string) =>
  createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64"))
    .update(content)
    .digest("base64");

function replicateSigner(): Signer {
  let secret = VECTOR_SECRET;
  return {
    altered,
    rotate() {
      secret = `whsec_${Buffer.from(secret).toString("base64")}`;
    },
    published: () => ({ key: secret }),
    report({ id = "job-1", at = NOW, body = JSON.stringify({ id, status: "succeeded" }) } = {}) {
      const signature = standardSignature(secret, `msg-1.${secondsOf(at)}.${body}`);
      return {
        body,
        headers: new Headers({
          "webhook-id": "msg-1",
          "webhook-timestamp": secondsOf(at),
          "webhook-signature": `v1,${Buffer.from("another of the same").toString("base64")} v1,${signature}`,
        }),
      };
    },
  };
}

function setUp(provider: string, createSigner: () => Signer) {
  const signer = createSigner();
  const publisher: Publisher = { keys: signer.published(), isDown: false, fetched: [] };
  let now = NOW;
  const options: VerifierOptions = {
    apiKey: "id:secret",
    baseUrl: "https://api.example/v1",
    urls: { reportKeys: JWKS_URL },
    now: () => now,
    fetch: (async (url, init) => {
      publisher.fetched.push({ url: String(url), authorization: new Headers(init?.headers).get("authorization") });
      if (publisher.isDown) throw new TypeError("fetch failed");
      return Response.json(publisher.keys);
    }) as typeof fetch,
  };
  const verifier = providerOf(provider).createReportVerifier?.(options) as ReportVerifier;
  const verdict = async (report: Report) => (await verifier.verify(report)).kind;
  const pass = (ms: number) => {
    now += ms;
  };
  return { signer, publisher, verifier, verdict, pass, now: () => now };
}

describe.each([
  { provider: "fal", createSigner: falSigner, keysUrl: JWKS_URL, authorization: null, prefix: "x-fal-webhook-" },
  {
    provider: "replicate",
    createSigner: replicateSigner,
    keysUrl: SECRET_URL,
    authorization: "Bearer id:secret",
    prefix: "webhook-",
  },
])("reports of $provider", ({ provider, createSigner, keysUrl, authorization, prefix }) => {
  const start = () => setUp(provider, createSigner);

  test("genuine report: returns the job's id, and the key is fetched once", async () => {
    const { signer, verifier, publisher } = start();
    for (const id of ["job-1", "job-2"]) {
      expect(await verifier.verify(signer.report({ id }))).toEqual({ kind: "genuine", providerRequestId: id });
    }
    expect(publisher.fetched).toEqual([{ url: keysUrl, authorization }]);
  });

  test("20 concurrent reports: share one fetch of the key", async () => {
    const { signer, verdict, publisher } = start();
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => verdict(signer.report())));
    expect(new Set(verdicts)).toEqual(new Set(["genuine"]));
    expect(publisher.fetched).toHaveLength(1);
  });

  test("report signed with another key: is refused", async () => {
    const { verdict } = start();
    const forger = createSigner();
    forger.rotate();
    expect(await verdict(forger.report())).toBe("refused");
  });

  test("report with a changed body, time or id: is refused", async () => {
    const { signer, verdict } = start();
    const report = signer.report();
    expect(await verdict({ ...report, body: report.body.replace("status", "stotus") })).toBe("refused");
    expect(await verdict({ ...report, body: `${report.body} ` })).toBe("refused");
    expect(await verdict(signer.altered(report, { [`${prefix}timestamp`]: secondsOf(NOW + SECOND) }))).toBe("refused");
    const idHeader = provider === "fal" ? `${prefix}request-id` : `${prefix}id`;
    expect(await verdict(signer.altered(report, { [idHeader]: "job-2" }))).toBe("refused");
  });

  test.each(["timestamp", "signature"])("report with a missing or invalid %s: is refused", async (name) => {
    const { signer, verdict } = start();
    for (const value of [null, "", "x", "v1,", "v1a,x", "1e9", "-1", "zz".repeat(64)]) {
      expect(await verdict(signer.altered(signer.report(), { [prefix + name]: value }))).toBe("refused");
    }
  });

  test("report without a job's id in its body: is refused", async () => {
    const { signer, verdict } = start();
    for (const body of ["", "null", "[]", "{}", '{"request_id":7,"id":7}', "<html>", '{"request_id":"","id":""}']) {
      expect(await verdict(signer.report({ body }))).toBe("refused");
    }
  });

  test("report with a time more than five minutes from now: is refused", async () => {
    const { signer, verdict } = start();
    for (const [ageMs, kind] of [
      [5 * MINUTE, "genuine"],
      [-5 * MINUTE, "genuine"],
      [5 * MINUTE + SECOND, "refused"],
      [-5 * MINUTE - SECOND, "refused"],
    ] as const) {
      expect(await verdict(signer.report({ at: NOW - ageMs }))).toBe(kind);
    }
  });

  test("new key: is fetched when a signature does not fit the old key, at most once a minute", async () => {
    const { signer, verdict, publisher, pass, now } = start();
    expect(await verdict(signer.report())).toBe("genuine");
    signer.rotate();
    publisher.keys = signer.published();
    expect(await verdict(signer.report())).toBe("refused");
    expect(publisher.fetched).toHaveLength(1);
    pass(MINUTE);
    expect(await verdict(signer.report({ at: now() }))).toBe("genuine");
    expect(publisher.fetched).toHaveLength(2);
  });

  test("120 forged reports in two minutes: the keys are fetched only twice", async () => {
    const { signer, verdict, publisher, pass, now } = start();
    const forger = createSigner();
    forger.rotate();
    for (let second = 0; second < 120; second += 1) {
      expect(await verdict(forger.report({ at: now() }))).toBe("refused");
      pass(SECOND);
    }
    expect(publisher.fetched).toHaveLength(2);
    expect(await verdict(signer.report({ at: now() }))).toBe("genuine");
  });

  test("provider down: the verdict is unavailable, and the keys are fetched again after five seconds", async () => {
    const { signer, verdict, publisher, pass, now } = start();
    publisher.isDown = true;
    expect(await verdict(signer.report())).toBe("unavailable");
    publisher.isDown = false;
    expect(await verdict(signer.report())).toBe("unavailable");
    expect(publisher.fetched).toHaveLength(1);
    pass(5 * SECOND);
    expect(await verdict(signer.report({ at: now() }))).toBe("genuine");
  });

  test("provider down with a cached key: reports that fit it are genuine, all others are unavailable", async () => {
    const { signer, verdict, publisher, pass, now } = start();
    expect(await verdict(signer.report())).toBe("genuine");
    publisher.isDown = true;
    pass(MINUTE);
    expect(await verdict(signer.report({ at: now() }))).toBe("genuine");
    signer.rotate();
    expect(await verdict(signer.report({ at: now() }))).toBe("unavailable");
  });

  test("cached keys: are used for one day", async () => {
    const { signer, verdict, publisher, pass, now } = start();
    await verdict(signer.report());
    pass(DAY - SECOND);
    expect(await verdict(signer.report({ at: now() }))).toBe("genuine");
    expect(publisher.fetched).toHaveLength(1);
    publisher.isDown = true;
    pass(SECOND);
    expect(await verdict(signer.report({ at: now() }))).toBe("unavailable");
  });

  test("published keys that are not valid: the verdict is unavailable", async () => {
    for (const keys of [null, [], {}, "text", { keys: "x", key: "x" }, { key: "whsec_" }]) {
      const { signer, verdict, publisher } = start();
      publisher.keys = keys;
      expect(await verdict(signer.report())).toBe("unavailable");
    }
  });
});

test("fal: a report whose signed id differs from the id in its body is refused", async () => {
  const { signer, verdict } = setUp("fal", falSigner);
  expect(await verdict(signer.report({ id: "job-1", body: JSON.stringify({ request_id: "job-2" }) }))).toBe("refused");
});

test("Replicate: the signatures equal those of the published test vector and of Replicate's SDK", async () => {
  const [id, timestamp, body] = ["msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", '{"test": 2432232314}'];
  const signature = standardSignature(VECTOR_SECRET, `${id}.${timestamp}.${body}`);
  expect(signature).toBe("78nXHjpFP0tVJQW5D0SBwmVyyW87BV/rL6MgfM/Bw44=");
  const { headers, body: ours } = replicateSigner().report();
  const theirs = { id: "msg-1", timestamp: secondsOf(NOW), body: ours, signature: headers.get("webhook-signature") };
  expect(await validateWebhook({ ...theirs, signature: theirs.signature ?? "", secret: VECTOR_SECRET })).toBe(true);
});

test("providers: exactly those that send reports have a verifier", () => {
  for (const { manifest, createReportVerifier } of PROVIDERS) {
    expect([manifest.name, createReportVerifier !== undefined]).toEqual([manifest.name, manifest.reports]);
  }
});
