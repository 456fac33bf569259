import { requestStatus, requestWebhookEvent } from "@visgate/shared/contract";
import { eventId } from "@visgate/shared/ids";
import { createSecrets } from "@visgate/shared/runtime";
import { Webhook } from "standardwebhooks";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { HARMLESS_HOSTS } from "../../../../tests/support/addresses.js";
import { startListener, startTcpListener } from "../../../../tests/support/listeners.js";
import { startReceiver } from "../../../../tests/support/receiver.js";
import { failure, renderedRecord, T0 } from "../../../../tests/support/records.js";
import { type TestWorker, useTestWorkers, type WorkerOptions } from "../../../../tests/support/worker.js";
import { deliver } from "./deliver.js";

const { openWorker } = useTestWorkers();
let worker: TestWorker;

const ALLOW = { policy: { allowPrivate: true } } satisfies WorkerOptions;

async function receiving(statuses: number[] = []) {
  const receiver = await startReceiver(statuses);
  onTestFinished(receiver.close);
  return receiver;
}

/** A request that has completed (or failed) and whose webhook is due. */
async function ended(webhookUrl: string, options: WorkerOptions = ALLOW, fails = false) {
  worker = await openWorker(options);
  return endedOn(worker, webhookUrl, fails);
}
async function endedOn({ keep, store }: TestWorker, webhookUrl: string, fails = false) {
  const record = await keep(renderedRecord({ webhookUrl }));
  const outputs = [{ kind: "remote", url: "https://x.example.com/a.mp4" }] as const;
  await store.requests.applyTo(
    record,
    fails
      ? { name: "failed", at: T0 + 900, failure: failure(), billedMicro: null }
      : { name: "completed", at: T0 + 900, outputs: [...outputs] },
  );
  return { organization: record.organization, id: eventId(record.id), requestId: record.id };
}
async function erase({ store }: TestWorker, id: string): Promise<void> {
  const stored = await store.requests.get({ organization: "acme", id });
  if (stored !== null) await store.maintenance.erase(stored);
}
const state = async (ref: { organization: string; id: string }) => (await worker.store.deliveries.get(ref))?.doc;
const secret = () => worker.deps.secrets.webhookSecret("acme");

describe("a delivery", () => {
  test("is one POST with the fields of the contract that the standardwebhooks package accepts", async () => {
    const receiver = await receiving();
    const ref = await ended(receiver.url);
    // The package compares the signature's time with the real one.
    worker.clock.advance(Date.now() - T0);
    expect(await deliver(worker.deps, ref)).toEqual({ kind: "finish" });
    const [{ headers, body } = { headers: {}, body: "" }, ...more] = receiver.received;
    expect(more).toEqual([]);
    expect(headers).toMatchObject({ "content-type": "application/json", "webhook-id": ref.id });
    const verified = new Webhook(secret()).verify(body, headers as Record<string, string>);
    const shape = z.strictObject({ ...requestWebhookEvent.shape, data: z.strictObject(requestStatus.shape) });
    expect(shape.parse(verified)).toMatchObject({
      type: "request.completed",
      timestamp: new Date(T0).toISOString(),
      data: { id: ref.requestId, status: "completed", output_url: "https://x.example.com/a.mp4" },
    });
    expect(await state(ref)).toMatchObject({ state: "delivered", attempts: [{ httpStatus: 200, error: null }] });
  });

  test("of a failed request carries the type request.failed and the error code", async () => {
    const receiver = await receiving();
    const ref = await ended(receiver.url, ALLOW, true);
    await deliver(worker.deps, ref);
    const event = JSON.parse(receiver.received[0]?.body ?? "");
    expect([event.type, event.data.status, event.data.error_code]).toEqual([
      "request.failed",
      "failed",
      "PROVIDER_ERROR",
    ]);
  });

  test("has a signature that fits no other secret, id, time or body", async () => {
    const receiver = await receiving();
    const ref = await ended(receiver.url);
    worker.clock.advance(Date.now() - T0);
    await deliver(worker.deps, ref);
    const [{ headers, body } = { headers: {}, body: "" }] = receiver.received;
    const verify = (changed: Record<string, string>, text = body, key = secret()) =>
      new Webhook(key).verify(text, { ...headers, ...changed });
    expect(() => verify({})).not.toThrow();
    expect(() => verify({}, `${body} `)).toThrow();
    expect(() => verify({ "webhook-id": "msg_other" })).toThrow();
    expect(() => verify({ "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) })).toThrow();
    expect(() => verify({}, body, worker.deps.secrets.webhookSecret("globex"))).toThrow();
  });

  test("is accepted by a receiver that has the organization's former secret", async () => {
    const receiver = await receiving();
    const ref = await ended(receiver.url);
    worker.clock.advance(Date.now() - T0);
    await deliver(worker.deps, ref);
    const [{ headers, body } = { headers: {} as Record<string, string>, body: "" }] = receiver.received;
    const former = new Webhook(worker.deps.secrets.webhookSecrets("acme")[0] ?? "");
    expect(former.verify(body, headers)).toMatchObject({ type: "request.completed" });
    const [first = "", ...more] = (headers["webhook-signature"] ?? "").split(" ");
    expect(more).toHaveLength(1);
    expect(former.verify(body, { ...headers, "webhook-signature": first })).toBeDefined();
  });

  test("is accepted by receivers with the secret from before and after a rotation of VISGATE_SECRET", async () => {
    const receiver = await receiving();
    const ref = await ended(receiver.url);
    worker.clock.advance(Date.now() - T0);
    const rotating = createSecrets("a newer secret", "a master secret for tests");
    await deliver({ ...worker.deps, secrets: rotating }, ref);
    const [{ headers, body } = { headers: {}, body: "" }] = receiver.received;
    const known = [
      ...worker.deps.secrets.webhookSecrets("acme"),
      createSecrets("a newer secret").webhookSecret("acme"),
    ];
    for (const secret of known) expect(new Webhook(secret).verify(body, headers)).toBeDefined();
    const strange = new Webhook(createSecrets("another secret").webhookSecret("acme"));
    expect(() => strange.verify(body, headers)).toThrow();
  });

  test("is tried again after a 500 with the same id and bytes and a fresh signature", async () => {
    const receiver = await receiving([500, 503]);
    const ref = await ended(receiver.url);
    expect(await deliver(worker.deps, ref)).toEqual({ kind: "sleep", delayMs: 5000 });
    worker.clock.advance(5000);
    expect(await deliver(worker.deps, ref)).toEqual({ kind: "sleep", delayMs: 30_000 });
    worker.clock.advance(30_000);
    expect(await deliver(worker.deps, ref)).toEqual({ kind: "finish" });
    const { received } = receiver;
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([ref.id]));
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers["webhook-timestamp"])).size).toBe(3);
    expect(new Set(received.map(({ headers }) => headers["webhook-signature"])).size).toBe(3);
    expect((await state(ref))?.attempts.map(({ httpStatus }) => httpStatus)).toEqual([500, 503, 200]);
  });

  test("is abandoned after its last attempt, and not sent again", async () => {
    const receiver = await receiving([500, 500, 500, 500]);
    const ref = await ended(receiver.url);
    for (const expected of ["sleep", "sleep", "finish", "finish"]) {
      expect((await deliver(worker.deps, ref)).kind).toBe(expected);
    }
    expect(receiver.received).toHaveLength(3);
    expect((await state(ref))?.state).toBe("abandoned");
  });

  test("is abandoned after a 410", async () => {
    const receiver = await receiving([410]);
    const ref = await ended(receiver.url);
    expect(await deliver(worker.deps, ref)).toEqual({ kind: "finish" });
    expect((await state(ref))?.state).toBe("abandoned");
  });

  test("is not sent again by a doubled wake-up after it was delivered", async () => {
    const receiver = await receiving();
    const ref = await ended(receiver.url);
    await deliver(worker.deps, ref);
    expect(await deliver(worker.deps, ref)).toEqual({ kind: "finish" });
    expect(receiver.received).toHaveLength(1);
  });

  test("of an erased request finishes without sending anything", async () => {
    const receiver = await receiving();
    const ref = await ended(receiver.url);
    await erase(worker, ref.requestId);
    expect(await deliver(worker.deps, ref)).toEqual({ kind: "finish" });
    expect(receiver.received).toEqual([]);
  });

  test.each([301, 302, 303, 307, 308])("counts a %i as a failure and does not follow it", async (status) => {
    const target = await receiving();
    const redirector = await startListener((_request, response) =>
      response.writeHead(status, { location: target.url }).end(),
    );
    onTestFinished(redirector.close);
    const ref = await ended(`${redirector.origin}/hook`);
    expect((await deliver(worker.deps, ref)).kind).toBe("sleep");
    expect(target.received).toEqual([]);
    expect(redirector.asked).toEqual(["POST /hook"]);
    expect((await state(ref))?.attempts[0]).toMatchObject({ httpStatus: status, error: `HTTP ${status}` });
  });

  test.each([
    { random: 0, delayMs: 4500 },
    { random: 0.999_999, delayMs: 5500 },
  ])("jitters the delay of a retry: $delayMs ms", async ({ random, delayMs }) => {
    const receiver = await receiving([500]);
    const ref = await ended(receiver.url, { ...ALLOW, random });
    expect(await deliver(worker.deps, ref)).toEqual({ kind: "sleep", delayMs });
  });

  test.each([
    { header: "100", atLeastMs: 100_000 },
    { header: new Date(T0 + 60_000).toUTCString(), atLeastMs: 60_000 },
    { header: "1", atLeastMs: 4500 },
    { header: "soon", atLeastMs: 4500 },
    { header: "-5", atLeastMs: 4500 },
  ])("waits at least as long as Retry-After: $header says, with or without jitter", async ({ header, atLeastMs }) => {
    const busy = await startListener((_request, response) => response.writeHead(503, { "retry-after": header }).end());
    onTestFinished(busy.close);
    const ref = await ended(busy.origin, { ...ALLOW, random: 0 });
    const outcome = await deliver(worker.deps, ref);
    if (outcome.kind !== "sleep") throw new Error(outcome.kind);
    expect(outcome.delayMs).toBeGreaterThanOrEqual(atLeastMs);
    expect(outcome.delayMs).toBeLessThanOrEqual(atLeastMs * 1.25);
  });

  test("under the policy of production is sent to no internal address, in no notation, and not over http", async () => {
    const receiver = await startListener((_request, response) => response.end());
    onTestFinished(receiver.close);
    worker = await openWorker();
    const faults = new Set<string | null | undefined>();
    for (const host of HARMLESS_HOSTS) {
      for (const scheme of ["http", "https"]) {
        const ref = await endedOn(worker, `${scheme}://${host}:${receiver.port}/hook`);
        expect((await deliver(worker.deps, ref)).kind).toBe("sleep");
        faults.add((await state(ref))?.attempts[0]?.error);
      }
    }
    expect([...faults].toSorted()).toEqual(
      [
        "The URL begins with http://, and only https is allowed.",
        "The address is private, internal or reserved.",
      ].toSorted(),
    );
    expect(receiver.connections).toBe(0);
  });

  test.each([
    { what: "100 Continue", interim: "HTTP/1.1 100 Continue\r\n\r\n" },
    { what: "100 Continue three times", interim: "HTTP/1.1 100 Continue\r\n\r\n".repeat(3) },
    { what: "102 Processing", interim: "HTTP/1.1 102 Processing\r\n\r\n" },
    { what: "103 Early Hints", interim: "HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n" },
  ])("is delivered when the receiver answers $what unasked, then 200, on kept connections too", async ({ interim }) => {
    const receiver = await startTcpListener((socket) =>
      socket.on("data", (chunk) => {
        if (!chunk.toString("latin1").endsWith("}")) return;
        socket.write(interim);
        setImmediate(() => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
      }),
    );
    onTestFinished(receiver.close);
    worker = await openWorker(ALLOW);
    for (let count = 0; count < 3; count += 1) {
      const ref = await endedOn(worker, receiver.origin);
      expect(await deliver(worker.deps, ref)).toEqual({ kind: "finish" });
      expect(await state(ref)).toMatchObject({ state: "delivered", attempts: [{ httpStatus: 200, error: null }] });
    }
  });

  test("is not delivered by an interim answer alone", async () => {
    const receiver = await startTcpListener((socket) =>
      socket.on("data", () => socket.end("HTTP/1.1 100 Continue\r\n\r\n")),
    );
    onTestFinished(receiver.close);
    const ref = await ended(receiver.origin);
    expect((await deliver(worker.deps, ref)).kind).toBe("sleep");
    expect(await state(ref)).toMatchObject({ state: "pending", attempts: [{ httpStatus: null }] });
  });

  test("to an address without a listener is tried again", async () => {
    const closed = await startReceiver();
    await closed.close();
    const ref = await ended(closed.url);
    expect((await deliver(worker.deps, ref)).kind).toBe("sleep");
    expect((await state(ref))?.attempts[0]).toMatchObject({ httpStatus: null, error: "ECONNREFUSED" });
  });

  test("takes the final answer after interim responses", async () => {
    const early = await startListener((_request, response) => {
      response.writeContinue();
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.writeHead(200).end();
    });
    onTestFinished(early.close);
    const ref = await ended(early.origin);
    expect(await deliver(worker.deps, ref)).toEqual({ kind: "finish" });
    expect((await state(ref))?.attempts[0]).toMatchObject({ httpStatus: 200, error: null });
  });

  test("to a receiver that does not speak HTTP is tried again, and records the parser's error code", async () => {
    const other = await startListener((request) => void request.socket.end("NOT HTTP\r\n\r\n"));
    onTestFinished(other.close);
    const ref = await ended(other.origin);
    expect((await deliver(worker.deps, ref)).kind).toBe("sleep");
    const error = expect.stringMatching(/^HPE_/);
    expect((await state(ref))?.attempts[0]).toMatchObject({ httpStatus: null, error });
  });

  test("does not read an endless answer, because only the status counts", async () => {
    const endless = await startListener((_request, response) => {
      response.writeHead(200);
      response.write("x".repeat(1000));
    });
    onTestFinished(endless.close);
    const ref = await ended(endless.origin);
    expect(await deliver(worker.deps, ref)).toEqual({ kind: "finish" });
  });

  test("keeps its connection for the next delivery when the answer is short", async () => {
    const connections = new Set<unknown>();
    let end = () => {};
    const slowly = await startListener((request, response) => {
      connections.add(request.socket);
      response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
      end = () => void response.end('{"ok":true}');
    });
    onTestFinished(slowly.close);
    worker = await openWorker(ALLOW);
    for (let count = 1; count <= 5; count += 1) {
      expect(await deliver(worker.deps, await endedOn(worker, slowly.origin))).toEqual({ kind: "finish" });
      end();
    }
    expect(connections.size).toBeLessThanOrEqual(2);
  });

  test("says when the next attempt is, and null when there is none", async () => {
    const receiver = await receiving([500]);
    const ref = await ended(receiver.url);
    await deliver(worker.deps, ref);
    expect((await state(ref))?.nextAttemptAt).toBe(T0 + 5000);
    worker.clock.advance(5000);
    await deliver(worker.deps, ref);
    expect((await state(ref))?.nextAttemptAt).toBeNull();
  });

  test("sleeps without using an attempt when its receiver has no free slot", async () => {
    const receiver = await receiving();
    const ref = await ended(receiver.url);
    const held = Array.from({ length: 20 }, () => worker.deps.receiverSlots.enter(receiver.url));
    expect(await deliver(worker.deps, ref)).toMatchObject({ kind: "sleep" });
    expect(await state(ref)).toMatchObject({ state: "pending", attempts: [] });
    expect(receiver.received).toEqual([]);
    for (const slot of held) if (typeof slot === "function") slot();
    expect(await deliver(worker.deps, ref)).toEqual({ kind: "finish" });
  });

  test("releases its slot after every result", async () => {
    const receiver = await receiving(Array.from({ length: 25 }, () => 500));
    worker = await openWorker({ ...ALLOW, settings: { webhookRetrySeconds: [] } });
    for (let count = 1; count <= 25; count += 1) await deliver(worker.deps, await endedOn(worker, receiver.url));
    expect(receiver.received).toHaveLength(25);
  });

  test("stores one attempt when two workers run the same wake-up", async () => {
    const receiver = await receiving([500, 500]);
    const ref = await ended(receiver.url);
    const outcomes = await Promise.all([deliver(worker.deps, ref), deliver(worker.deps, ref)]);
    // The worker that comes second waits for the next attempt too, instead of making it at once.
    for (const outcome of outcomes) expect(outcome).toEqual({ kind: "sleep", delayMs: 5000 });
    expect((await state(ref))?.attempts).toHaveLength(1);
  });

  test("is logged without the URL's token and without the body", async () => {
    const receiver = await receiving();
    const ref = await ended(`${receiver.url}?token=hook-token`);
    await deliver(worker.deps, ref);
    expect(worker.log()).toContain(ref.id);
    expect(worker.log()).not.toMatch(/hook-token|whsec_|a\.mp4/);
  });
});
