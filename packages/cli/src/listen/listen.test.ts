import { ConnectionError } from "@visgate_ai/client";
import { Webhook } from "standardwebhooks";
import { describe, expect, onTestFinished, test } from "vitest";
import { deadUrl, startListener, startTcpListener } from "../../../../tests/support/listeners.js";
import { startReceiver } from "../../../../tests/support/receiver.js";
import { testIo } from "../../test-support/io.js";
import { openSession } from "../session.js";
import { createForward, readSecret } from "./forward.js";
import { createListenLog } from "./log.js";
import { checkReceiver, isLocal } from "./receiver.js";

describe("isLocal", () => {
  test.each([
    ...["127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"],
    ...["::1", "fd00::1", "::ffff:127.0.0.1"],
  ])("accepts %s", (address) => expect(isLocal(address)).toBe(true));

  test.each([
    ...["8.8.8.8", "172.32.0.1", "192.0.2.1", "169.254.169.254", "0.0.0.0", "100.128.0.1"],
    ...["2606:4700::1111", "fe80::1", "::ffff:8.8.8.8", "not an address"],
  ])("refuses %s", (address) => expect(isLocal(address)).toBe(false));
});

describe("checkReceiver", () => {
  const resolvingTo = (...addresses: string[]) => ({
    allowRemote: false,
    lookup: async () => addresses.map((address) => ({ address })),
  });

  test("accepts a host name only if all its addresses are local, unless --allow-remote is given", async () => {
    const url = "http://api.dev.example:3000/hook?a=1";
    expect(await checkReceiver(url, resolvingTo("127.0.0.1", "::1"))).toBe(url);
    const mixed = resolvingTo("127.0.0.1", "93.184.215.14");
    await expect(checkReceiver(url, mixed)).rejects.toThrow("--allow-remote");
    expect(await checkReceiver(url, { ...mixed, allowRemote: true })).toBe(url);
  });

  test.each(["localhost:3000", "ftp://localhost/", "/hook", "http://user:secret@localhost/"])(
    "refuses %s",
    async (text) => {
      await expect(checkReceiver(text, resolvingTo("127.0.0.1"))).rejects.toThrow("--forward takes");
    },
  );

  test("refuses a host name that cannot be resolved", async () => {
    const lookup = () => Promise.reject(new Error("ENOTFOUND"));
    await expect(checkReceiver("http://nowhere/", { allowRemote: false, lookup })).rejects.toThrow("not known");
  });
});

describe("readSecret", () => {
  const bytes = (count: number) => Buffer.alloc(count, 1);

  test("returns the given secret, or creates one", () => {
    const created = readSecret(undefined, bytes);
    expect(created).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(() => new Webhook(created).sign("msg_1", new Date(0), "{}")).not.toThrow();
    expect(readSecret(created, bytes)).toBe(created);
  });

  test.each([
    "",
    "whsec_",
    "whsec_abc",
    `whsec_${"*".repeat(44)}`,
    bytes(32).toString("base64"),
    `whsec_${bytes(65).toString("base64")}`,
  ])("refuses '%s'", (text) => expect(() => readSecret(text, bytes)).toThrow("whsec_"));
});

describe("forward", () => {
  const event = {
    ...{ sequence: 42, type: "request.completed", timestamp: "2026-01-02T03:04:05.678Z", requestId: "r-1" },
    data: { requestId: "r-1", metadata: { orderId: "7" }, outputUrls: [] },
  } as never;
  const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
  const forward = (url: string) => createForward({ url, secret, now: Date.now });
  const open = () => new AbortController().signal;

  test("signs each attempt with the current time and the same webhook-id", async () => {
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

  test("does not follow a redirect", async () => {
    const elsewhere = await startReceiver();
    onTestFinished(elsewhere.close);
    const receiver = await startListener((_request, response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
    });
    onTestFinished(receiver.close);
    expect((await forward(receiver.origin)(event, open())).httpStatus).toBe(307);
    expect(elsewhere.received).toEqual([]);
  });

  test.each(["100 Continue", "102 Processing", "103 Early Hints"])("skips %s, sent unasked", async (interim) => {
    const receiver = await startTcpListener((socket) =>
      socket.on("data", () => {
        socket.write(`HTTP/1.1 ${interim}\r\n\r\n`);
        setImmediate(() => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
      }),
    );
    onTestFinished(receiver.close);
    expect(await forward(receiver.origin)(event, open())).toMatchObject({ httpStatus: 200, error: null });
  });

  test("says why there is no answer", async () => {
    const closing = await startTcpListener((socket) => socket.end());
    onTestFinished(closing.close);
    expect(await forward(closing.origin)(event, open())).toMatchObject({ httpStatus: null, error: "ECONNRESET" });
    expect(await forward(await deadUrl())(event, open())).toMatchObject({ httpStatus: null, error: "ECONNREFUSED" });
  });

  test("stops when the listener stops, also while the receiver has not answered", async () => {
    const receiver = await startReceiver(() => null);
    onTestFinished(receiver.close);
    const stop = new AbortController();
    const attempt = forward(receiver.url)(event, stop.signal);
    await receiver.atLeast(1);
    stop.abort();
    expect(await attempt).toMatchObject({ httpStatus: null });
  });
});

test("log: shows the gateway's URL when it does not answer, and that it tries again", () => {
  const io = testIo();
  const log = createListenLog(openSession(io, { baseUrl: "http://gateway:1", color: false }));
  const cause = Object.assign(new Error("no"), { code: "ECONNREFUSED" });
  log.gatewayAway(new ConnectionError({ errorCode: "CONNECTION_ERROR", message: "No answer.", cause }));
  expect(io.err()).toBe(
    "CONNECTION_ERROR: No answer from the gateway at http://gateway:1 (ECONNREFUSED). Trying again.\n",
  );
});
