import { CONNECT_TIMEOUT } from "@visgate/shared/runtime/net";
import { describe, expect, test } from "vitest";
import { createOneShot, createOneShots } from "./one-shot.js";

/** A fetch that gives this answer and records its calls. */
function counting(answer: () => Response | Promise<Response>) {
  const calls: RequestInit[] = [];
  const send = (async (_url, init) => {
    calls.push(init ?? {});
    return answer();
  }) as typeof fetch;
  return { send, calls };
}
const failing = (cause: unknown) => counting(() => Promise.reject(new TypeError("fetch failed", { cause })));
const systemError = (code: string, syscall: string) =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
const attempt = (shot: ReturnType<typeof createOneShot>) =>
  shot.fetch("https://example.com/", { method: "POST" }).then(
    () => "answered",
    () => "threw",
  );

describe("one shot", () => {
  test("sends one call; every later call is refused, after a success and after a failure", async () => {
    for (const status of [200, 429, 500, 503]) {
      const { send, calls } = counting(() => new Response("{}", { status }));
      const shot = createOneShot(send);
      expect(await attempt(shot)).toBe(status === 200 ? "answered" : "threw");
      expect(await attempt(shot)).toBe("threw");
      expect(await attempt(shot)).toBe("threw");
      expect(calls).toHaveLength(1);
      expect(shot.sent()).toMatchObject({ kind: "answered", answer: { status } });
    }
  });

  test("two concurrent calls: only one is sent", async () => {
    const { send, calls } = counting(() => new Response("{}"));
    const shot = createOneShot(send);
    expect((await Promise.all([attempt(shot), attempt(shot)])).toSorted()).toEqual(["answered", "threw"]);
    expect(calls).toHaveLength(1);
  });

  test("sent: is null before the first call", () => {
    expect(createOneShot(fetch).sent()).toBeNull();
  });

  test("does not follow redirects", async () => {
    const { send, calls } = counting(() => new Response("{}"));
    await attempt(createOneShot(send));
    expect(calls[0]?.redirect).toBe("manual");
  });

  test.each([
    systemError("ECONNREFUSED", "connect"),
    systemError("EHOSTUNREACH", "connect"),
    systemError("ENETUNREACH", "connect"),
    systemError("ENOTFOUND", "getaddrinfo"),
    systemError("EAI_AGAIN", "getaddrinfo"),
    systemError("ETIMEDOUT", "connect"),
    Object.assign(new Error("No connection within 5000 ms."), { code: CONNECT_TIMEOUT }),
    new AggregateError([systemError("ECONNREFUSED", "connect"), systemError("ENETUNREACH", "connect")]),
  ])("%s: the call was not sent", async (cause) => {
    // Node's fetch wraps the error in a TypeError; our own fetch does not.
    for (const { send } of [failing(cause), counting(() => Promise.reject(cause))]) {
      const shot = createOneShot(send);
      await attempt(shot);
      expect(shot.sent()?.kind).toBe("not_sent");
    }
  });

  test.each([
    systemError("ECONNRESET", "read"),
    systemError("EPIPE", "write"),
    systemError("ETIMEDOUT", "read"),
    // Linux uses the codes of a refused connection also when a route is lost after connecting.
    systemError("EHOSTUNREACH", "read"),
    systemError("ECONNREFUSED", "read"),
    // A reset during the TLS handshake cannot be distinguished from one after the request.
    Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
    Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" }),
    Object.assign(new Error("Parse Error"), { code: "HPE_INVALID_CONSTANT" }),
    new DOMException("timed out", "TimeoutError"),
    undefined,
    "a text",
  ])("%s: the call may have arrived", async (cause) => {
    for (const { send } of [failing(cause), counting(() => Promise.reject(cause))]) {
      const shot = createOneShot(send);
      await attempt(shot);
      expect(shot.sent()?.kind).toBe("no_answer");
    }
  });

  test("cause: contains neither the address nor the message of the error", async () => {
    const cause = Object.assign(new Error("connect ECONNREFUSED 10.1.2.3:443"), {
      code: "ECONNREFUSED",
      syscall: "connect",
    });
    const shot = createOneShot(failing(cause).send);
    await attempt(shot);
    expect(shot.sent()).toEqual({ kind: "not_sent", cause: "ECONNREFUSED" });
  });

  test("body of an answer: is parsed when it is JSON, else text", async () => {
    for (const [text, body] of [
      ['{"a":1}', { a: 1 }],
      ["<html>", "<html>"],
      ["", ""],
    ] as const) {
      const shot = createOneShot(counting(() => new Response(text, { status: 400 })).send);
      await attempt(shot);
      expect(shot.sent()).toMatchObject({ answer: { body } });
    }
  });

  test.each([204, 205])("%i, which has no body: is an answer with an empty body", async (status) => {
    const shot = createOneShot(counting(() => new Response(null, { status })).send);
    expect((await shot.fetch("https://example.com/")).status).toBe(status);
    expect(shot.sent()).toMatchObject({ kind: "answered", answer: { status, body: "" } });
  });
});

describe("one shots, for SDK calls that send several requests", () => {
  const sendTo = (shots: ReturnType<typeof createOneShots>, url: string) =>
    shots.fetch(url, { method: "POST" }).then(
      () => "answered",
      () => "threw",
    );

  test("sends one call to each URL", async () => {
    const { send, calls } = counting(() => new Response("{}"));
    const shots = createOneShots(send);
    expect(shots.sent()).toBeNull();
    expect(await sendTo(shots, "https://example.com/1")).toBe("answered");
    expect(await sendTo(shots, "https://example.com/2")).toBe("answered");
    expect(await sendTo(shots, "https://example.com/1")).toBe("threw");
    expect(calls).toHaveLength(2);
  });

  test("sends nothing after a failed call, and `sent` returns the failed one", async () => {
    const answers = [200, 503, 200].map((status) => () => new Response("{}", { status }));
    const { send, calls } = counting(() => answers.shift()?.() ?? new Response());
    const shots = createOneShots(send);
    for (const path of [1, 2, 2, 3]) await sendTo(shots, `https://example.com/${path}`);
    expect(calls).toHaveLength(2);
    expect(shots.sent()).toMatchObject({ kind: "answered", answer: { status: 503 } });
  });

  test("sends nothing while another call is under way", async () => {
    const { send, calls } = counting(() => new Response("{}"));
    const shots = createOneShots(send);
    const both = [sendTo(shots, "https://example.com/1"), sendTo(shots, "https://example.com/2")];
    expect((await Promise.all(both)).toSorted()).toEqual(["answered", "threw"]);
    expect(calls).toHaveLength(1);
  });
});
