import { ConnectionError } from "@visgate_ai/client";
import { Webhook } from "standardwebhooks";
import { describe, expect, onTestFinished, test } from "vitest";
import { startListener } from "../../../../tests/support/listeners.js";
import { startReceiver } from "../../../../tests/support/receiver.js";
import { testIo } from "../../test-support/io.js";
import { openSession } from "../session.js";
import { createForward } from "./forward.js";
import { findReceiver, isLocal } from "./receiver.js";
import { createReports } from "./reports.js";
import { readSecret } from "./secret.js";

describe("the receiver", () => {
  const at = (...addresses: string[]) => ({
    allowRemote: false,
    lookup: async () => addresses.map((address) => ({ address })),
  });

  test.each([
    ...["127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"],
    ...["::1", "fd00::1", "::ffff:127.0.0.1"],
  ])("%s is local", (address) => expect(isLocal(address)).toBe(true));

  test.each([
    ...["8.8.8.8", "172.32.0.1", "192.0.2.1", "169.254.169.254", "0.0.0.0", "100.128.0.1"],
    ...["2606:4700::1111", "fe80::1", "::ffff:8.8.8.8", "not an address"],
  ])("%s is not", (address) => expect(isLocal(address)).toBe(false));

  test("is named by whatever leads to local addresses alone", async () => {
    const url = "http://api.dev.example:3000/hook?a=1";
    expect(await findReceiver(url, at("127.0.0.1", "::1"))).toBe(url);
    await expect(findReceiver(url, at("127.0.0.1", "93.184.215.14"))).rejects.toThrow("--allow-remote");
    expect(await findReceiver(url, { ...at("93.184.215.14"), allowRemote: true })).toBe(url);
  });

  test.each(["localhost:3000", "ftp://localhost/", "/hook", "http://user:secret@localhost/"])(
    "%s is none",
    async (text) => {
      await expect(findReceiver(text, at("127.0.0.1"))).rejects.toThrow("--forward takes");
    },
  );

  test("of a name that nobody knows is refused", async () => {
    const lookup = () => Promise.reject(new Error("ENOTFOUND"));
    await expect(findReceiver("http://nowhere/", { allowRemote: false, lookup })).rejects.toThrow("not known");
  });
});

describe("the secret", () => {
  const bytes = (count: number) => Buffer.alloc(count, 1);

  test("is made up, or the one that was given", () => {
    const made = readSecret(undefined, bytes);
    expect(() => new Webhook(made).sign("msg_1", new Date(0), "{}")).not.toThrow();
    expect(readSecret(made, bytes)).toBe(made);
  });

  test.each([
    "",
    "whsec_",
    "whsec_abc",
    `whsec_${"*".repeat(44)}`,
    bytes(32).toString("base64"),
    `whsec_${bytes(65).toString("base64")}`,
  ])("%s is none", (text) => expect(() => readSecret(text, bytes)).toThrow("whsec_"));
});

describe("forwarding", () => {
  const event = {
    ...{ sequence: 42, type: "request.completed", timestamp: "2026-01-02T03:04:05.678Z", requestId: "r-1" },
    data: { requestId: "r-1", metadata: { orderId: "7" }, outputUrls: [] },
  } as never;
  const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
  const forward = (url: string) => createForward({ url, secret, fetch, now: Date.now });
  const open = () => new AbortController().signal;

  test("is signed for the moment it is sent, under an id of the event alone", async () => {
    const receiver = await startReceiver();
    onTestFinished(receiver.close);
    for (let n = 0; n < 2; n += 1) {
      expect(await forward(receiver.url)(event, open())).toMatchObject({ httpStatus: 200, error: null });
    }
    for (const { headers, body } of receiver.received) {
      expect(headers["webhook-id"]).toBe("msg_r-1_42");
      expect(new Webhook(secret).verify(body, headers)).toEqual({
        ...{ type: "request.completed", timestamp: "2026-01-02T03:04:05.678Z", sequence: 42 },
        data: { request_id: "r-1", metadata: { orderId: "7" }, output_urls: [] },
      });
    }
  });

  test("follows no redirect", async () => {
    const elsewhere = await startReceiver();
    onTestFinished(elsewhere.close);
    const receiver = await startListener((_request, response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
    });
    onTestFinished(receiver.close);
    expect((await forward(receiver.origin)(event, open())).httpStatus).toBe(307);
    expect(elsewhere.received).toEqual([]);
  });

  test("ends with the listener, even while the receiver thinks", async () => {
    const receiver = await startReceiver(() => null);
    onTestFinished(receiver.close);
    const stop = new AbortController();
    const attempt = forward(receiver.url)(event, stop.signal);
    await receiver.atLeast(1);
    stop.abort();
    expect(await attempt).toMatchObject({ httpStatus: null });
  });
});

test("a gateway that is away is told with its address, and waited for", () => {
  const io = testIo();
  const reports = createReports(openSession(io, { baseUrl: "http://gateway:1", color: false }));
  const cause = Object.assign(new Error("no"), { code: "ECONNREFUSED" });
  reports.away(new ConnectionError({ errorCode: "CONNECTION_ERROR", message: "No answer.", cause }));
  expect(io.err()).toBe(
    "CONNECTION_ERROR: No answer from the gateway at http://gateway:1 (ECONNREFUSED). Trying on.\n",
  );
});
