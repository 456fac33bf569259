/** Against the reference implementation of Standard Webhooks as the sender. */
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
/** Signed as the bytes that it is, whatever they are. */
function sentAs(body: Uint8Array | string, timestamp = String(SENT_AT.getTime() / 1000)) {
  const signed = createHmac("sha256", Buffer.from(SECRET.slice("whsec_".length), "base64"))
    .update(`msg_1.${timestamp}.`)
    .update(body)
    .digest("base64");
  return { "webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": `v1,${signed}` };
}
const refusal = (verified: Promise<unknown>) => expect(verified).rejects.toBeInstanceOf(WebhookVerificationError);

describe("verifyWebhook", () => {
  it("hands out the event of a genuine webhook", async () => {
    const event = await verifyWebhook(BODY, headersBy(SECRET), SECRET, { now });
    expect(event).toEqual({
      type: "request.completed",
      timestamp: "2026-01-01T00:00:00.000Z",
      sequence: 7,
      data: { requestId: "r", outputUrl: "https://files.test/ä.mp4", metadata: { order_id: "1" } },
    });
  });

  it("takes bytes, Headers, and names in any case", async () => {
    const bytes = new TextEncoder().encode(BODY);
    const upper = Object.fromEntries(Object.entries(headersBy(SECRET)).map(([k, v]) => [k.toUpperCase(), v]));
    expect((await verifyWebhook(bytes, new Headers(headersBy(SECRET)), SECRET, { now })).sequence).toBe(7);
    expect((await verifyWebhook(bytes, upper, SECRET, { now })).sequence).toBe(7);
  });

  it("while a secret is rotated: two signatures and one secret, or one signature and two secrets", async () => {
    expect((await verifyWebhook(BODY, headersBy(OTHER, SECRET), SECRET, { now })).sequence).toBe(7);
    expect((await verifyWebhook(BODY, headersBy(SECRET), [OTHER, SECRET], { now })).sequence).toBe(7);
  });

  it("refuses another secret, another body, another id, and a signature of another version", async () => {
    const headers = headersBy(SECRET);
    await refusal(verifyWebhook(BODY, headers, OTHER, { now }));
    await refusal(verifyWebhook(BODY.replace("completed", "failed"), headers, SECRET, { now }));
    await refusal(verifyWebhook(BODY, { ...headers, "webhook-id": "msg_2" }, SECRET, { now }));
    const v2 = headers["webhook-signature"].replace("v1,", "v2,");
    await refusal(verifyWebhook(BODY, { ...headers, "webhook-signature": v2 }, SECRET, { now }));
    await refusal(verifyWebhook(BODY, { ...headers, "webhook-signature": "v1,%%%" }, SECRET, { now }));
  });

  it.each(["webhook-id", "webhook-timestamp", "webhook-signature"])("refuses one without %s", async (name) => {
    await refusal(verifyWebhook(BODY, { ...headersBy(SECRET), [name]: undefined }, SECRET, { now }));
  });

  it("refuses what is too old, too far ahead, or of no time at all", async () => {
    const seen = (seconds: number, toleranceSeconds?: number) =>
      verifyWebhook(BODY, headersBy(SECRET), SECRET, {
        now: () => now() + seconds * 1000,
        ...(toleranceSeconds === undefined ? {} : { toleranceSeconds }),
      });
    expect((await seen(300)).sequence).toBe(7);
    expect((await seen(900, 1000)).sequence).toBe(7);
    await refusal(seen(301));
    await refusal(seen(-301));
    await refusal(verifyWebhook(BODY, { ...headersBy(SECRET), "webhook-timestamp": "soon" }, SECRET, { now }));
  });

  it("judges the bytes, not what they read as", async () => {
    const withMark = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(BODY)]);
    expect((await verifyWebhook(withMark, sentAs(withMark), SECRET, { now })).sequence).toBe(7);
    const broken = Buffer.concat([Buffer.from('{"type":"'), Buffer.from([0xff]), Buffer.from('","data":{}}')]);
    const readAs = '{"type":"\ufffd","data":{}}';
    await refusal(verifyWebhook(broken, sentAs(readAs), SECRET, { now }));
    await refusal(verifyWebhook(broken, sentAs(broken), SECRET, { now }));
    await refusal(verifyWebhook(readAs.replace("\ufffd", "\ud800"), sentAs(readAs), SECRET, { now }));
  });

  it("takes an ArrayBuffer, and a view of a part of one", async () => {
    const bytes = new TextEncoder().encode(`..${BODY}..`);
    const view = bytes.subarray(2, -2);
    expect((await verifyWebhook(view, headersBy(SECRET), SECRET, { now })).sequence).toBe(7);
    const buffer = bytes.buffer.slice(2, bytes.length - 2);
    expect((await verifyWebhook(buffer, headersBy(SECRET), SECRET, { now })).sequence).toBe(7);
    await refusal(verifyWebhook(JSON.parse(BODY), headersBy(SECRET), SECRET, { now }));
  });

  it.each(["", "hello", "null", "[]", "{}", '{"type":"x"}'])("a genuine %j is no event", async (body) => {
    await refusal(verifyWebhook(body, sentAs(body), SECRET, { now }));
  });

  it.each(["0x6955b900", "1767225600.0", " 1767225600", "1767225600 ", "1.7672256e9", "+1767225600"])(
    "refuses the timestamp %j, though it is signed",
    async (timestamp) => {
      await refusal(verifyWebhook(BODY, sentAs(BODY, timestamp), SECRET, { now }));
    },
  );

  it("takes headers that came as lists, or twice", async () => {
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

  it.each([Number.NaN, -1, "x" as unknown as number])("refuses a tolerance of %s", async (toleranceSeconds) => {
    const late = () => now() + 1000;
    await refusal(verifyWebhook(BODY, headersBy(SECRET), SECRET, { now: late, toleranceSeconds }));
  });

  it("of several secrets those that are none are looked over", async () => {
    const none = ["", "whsec_", "!!!", `${SECRET}\n`, undefined as unknown as string];
    for (const one of none) {
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

  it("refuses to work with an empty secret, or one that is none", async () => {
    await refusal(verifyWebhook(BODY, headersBy(SECRET), "", { now }));
    await refusal(verifyWebhook(BODY, headersBy(SECRET), "whsec_", { now }));
    await refusal(verifyWebhook(BODY, headersBy(SECRET), [], { now }));
  });
});
