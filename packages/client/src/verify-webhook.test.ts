/** The webhooks are signed by the reference implementation of Standard Webhooks. */
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { WebhookVerificationError } from "./errors.js";
import { verifyWebhook } from "./verify-webhook.js";

const SECRET = `whsec_${Buffer.from("a secret of the tests, long enough").toString("base64")}`;
const OTHER = `whsec_${Buffer.from("another secret, as long as it must be").toString("base64")}`;
const SENT_AT = new Date("2026-01-01T00:00:00Z");
const BODY = JSON.stringify({
  type: "request.completed",
  timestamp: "2026-01-01T00:00:00.000Z",
  sequence: 7,
  data: { request_id: "r", output_url: "https://files.test/ä.mp4", metadata: { order_id: "1" } },
});
const now = () => SENT_AT.getTime();

function headersBy(...secrets: string[]) {
  const signatures = secrets.map((secret) => new Webhook(secret).sign("msg_1", SENT_AT, BODY));
  const timestamp = String(SENT_AT.getTime() / 1000);
  return { "webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
/** Headers with a valid signature of exactly these bytes. */
function headersFor(body: Uint8Array | string, timestamp = String(SENT_AT.getTime() / 1000)) {
  const signed = createHmac("sha256", Buffer.from(SECRET.slice("whsec_".length), "base64"))
    .update(`msg_1.${timestamp}.`)
    .update(body)
    .digest("base64");
  return { "webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": `v1,${signed}` };
}
const refusal = (verified: Promise<unknown>) => expect(verified).rejects.toBeInstanceOf(WebhookVerificationError);

describe("verifyWebhook", () => {
  it("returns the event of a genuine webhook", async () => {
    const event = await verifyWebhook(BODY, headersBy(SECRET), SECRET, { now });
    expect(event).toEqual({
      type: "request.completed",
      timestamp: "2026-01-01T00:00:00.000Z",
      sequence: 7,
      data: { requestId: "r", outputUrl: "https://files.test/ä.mp4", metadata: { order_id: "1" } },
    });
  });

  it("accepts a body of bytes, a Headers object, and header names in any case", async () => {
    const bytes = new TextEncoder().encode(BODY);
    const upper = Object.fromEntries(Object.entries(headersBy(SECRET)).map(([k, v]) => [k.toUpperCase(), v]));
    expect((await verifyWebhook(bytes, new Headers(headersBy(SECRET)), SECRET, { now })).sequence).toBe(7);
    expect((await verifyWebhook(bytes, upper, SECRET, { now })).sequence).toBe(7);
  });

  it("during a rotation: accepts two signatures with one secret, and one signature with two secrets", async () => {
    expect((await verifyWebhook(BODY, headersBy(OTHER, SECRET), SECRET, { now })).sequence).toBe(7);
    expect((await verifyWebhook(BODY, headersBy(SECRET), [OTHER, SECRET], { now })).sequence).toBe(7);
  });

  it("refuses a different secret, body, id or version of the signature", async () => {
    const headers = headersBy(SECRET);
    await refusal(verifyWebhook(BODY, headers, OTHER, { now }));
    await refusal(verifyWebhook(BODY.replace("completed", "failed"), headers, SECRET, { now }));
    await refusal(verifyWebhook(BODY, { ...headers, "webhook-id": "msg_2" }, SECRET, { now }));
    const v2 = headers["webhook-signature"].replace("v1,", "v2,");
    await refusal(verifyWebhook(BODY, { ...headers, "webhook-signature": v2 }, SECRET, { now }));
    await refusal(verifyWebhook(BODY, { ...headers, "webhook-signature": "v1,%%%" }, SECRET, { now }));
  });

  it.each(["webhook-id", "webhook-timestamp", "webhook-signature"])(
    "refuses a webhook without the header %s",
    async (name) => {
      await refusal(verifyWebhook(BODY, { ...headersBy(SECRET), [name]: undefined }, SECRET, { now }));
    },
  );

  it("refuses a timestamp that is too old, too far ahead or not a number", async () => {
    const received = (seconds: number, toleranceSeconds?: number) =>
      verifyWebhook(BODY, headersBy(SECRET), SECRET, {
        now: () => now() + seconds * 1000,
        ...(toleranceSeconds === undefined ? {} : { toleranceSeconds }),
      });
    expect((await received(300)).sequence).toBe(7);
    expect((await received(900, 1000)).sequence).toBe(7);
    await refusal(received(301));
    await refusal(received(-301));
    await refusal(verifyWebhook(BODY, { ...headersBy(SECRET), "webhook-timestamp": "soon" }, SECRET, { now }));
  });

  it("checks the bytes of the body, not the text that they decode to", async () => {
    const withMark = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(BODY)]);
    expect((await verifyWebhook(withMark, headersFor(withMark), SECRET, { now })).sequence).toBe(7);
    const broken = Buffer.concat([Buffer.from('{"type":"'), Buffer.from([0xff]), Buffer.from('","data":{}}')]);
    const decoded = '{"type":"\ufffd","data":{}}';
    await refusal(verifyWebhook(broken, headersFor(decoded), SECRET, { now }));
    await refusal(verifyWebhook(broken, headersFor(broken), SECRET, { now }));
    await refusal(verifyWebhook(decoded.replace("\ufffd", "\ud800"), headersFor(decoded), SECRET, { now }));
  });

  it("accepts an ArrayBuffer, and a view of a part of a buffer", async () => {
    const bytes = new TextEncoder().encode(`..${BODY}..`);
    const view = bytes.subarray(2, -2);
    expect((await verifyWebhook(view, headersBy(SECRET), SECRET, { now })).sequence).toBe(7);
    const buffer = bytes.buffer.slice(2, bytes.length - 2);
    expect((await verifyWebhook(buffer, headersBy(SECRET), SECRET, { now })).sequence).toBe(7);
    await refusal(verifyWebhook(JSON.parse(BODY), headersBy(SECRET), SECRET, { now }));
  });

  it.each(["", "hello", "null", "[]", "{}", '{"type":"x"}'])(
    "refuses a signed body that is not an event: %j",
    async (body) => {
      await refusal(verifyWebhook(body, headersFor(body), SECRET, { now }));
    },
  );

  it.each(["0x6955b900", "1767225600.0", " 1767225600", "1767225600 ", "1.7672256e9", "+1767225600"])(
    "refuses the timestamp %j even when it is signed",
    async (timestamp) => {
      await refusal(verifyWebhook(BODY, headersFor(BODY, timestamp), SECRET, { now }));
    },
  );

  it("accepts headers as lists, and a signature header that came twice", async () => {
    const headers = headersBy(SECRET);
    const [id, signature] = [headers["webhook-id"], headers["webhook-signature"]];
    const lists = { ...headers, "webhook-id": [id], "webhook-signature": [`v1,${"A".repeat(44)}`, signature] };
    expect((await verifyWebhook(BODY, lists, SECRET, { now })).sequence).toBe(7);
    for (const signatures of [
      [signature, "v1,AAAA"],
      ["v1,AAAA", signature],
    ]) {
      const twice = new Headers({ ...headers });
      twice.delete("webhook-signature");
      for (const one of signatures) twice.append("webhook-signature", one);
      expect((await verifyWebhook(BODY, twice, SECRET, { now })).sequence).toBe(7);
    }
    await refusal(verifyWebhook(BODY, { ...headers, "webhook-id": [id, id] }, SECRET, { now }));
    await refusal(verifyWebhook(BODY, undefined as unknown as Headers, SECRET, { now }));
  });

  it.each([Number.NaN, -1, "x" as unknown as number])(
    "refuses every webhook with a tolerance of %s",
    async (toleranceSeconds) => {
      const late = () => now() + 1000;
      await refusal(verifyWebhook(BODY, headersBy(SECRET), SECRET, { now: late, toleranceSeconds }));
    },
  );

  it("ignores unusable secrets beside a usable one", async () => {
    const unusable = ["", "whsec_", "!!!", `${SECRET}\n`, undefined as unknown as string];
    for (const one of unusable) {
      for (const secrets of [
        [one, SECRET],
        [SECRET, one],
      ]) {
        expect((await verifyWebhook(BODY, headersBy(SECRET), secrets, { now })).sequence).toBe(7);
      }
      await refusal(verifyWebhook(BODY, headersBy(SECRET), one, { now }));
      await refusal(verifyWebhook(BODY, headersBy(SECRET), [one], { now }));
    }
    await refusal(verifyWebhook(BODY, headersBy(SECRET), ` ${SECRET}`, { now }));
  });

  it("refuses every webhook when the secret is missing or not valid", async () => {
    await refusal(verifyWebhook(BODY, headersBy(SECRET), "", { now }));
    await refusal(verifyWebhook(BODY, headersBy(SECRET), "whsec_", { now }));
    await refusal(verifyWebhook(BODY, headersBy(SECRET), [], { now }));
  });
});
