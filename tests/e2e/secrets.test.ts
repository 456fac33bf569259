/**
 * No key in clear anywhere: with recognizable keys, real processes run through success and failure, with all log
 * levels, and then everything that they left is searched: Redis and its file, jobs, logs, answers, webhooks.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connectPatient, primariesOf, type Redis } from "@visgate/shared/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VEO } from "../support/caller.js";
import {
  contentsOfFolder,
  contentsOfRedis,
  type FakeSecret,
  fakeSecret,
  findSecrets,
  type Place,
} from "../support/fake-secrets.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const KEYS = {
  api: fakeSecret("VISGATE_API_KEY", "vg-"),
  admin: fakeSecret("VISGATE_ADMIN_KEY"),
  secret: fakeSecret("the first of VISGATE_SECRET"),
  oldSecret: fakeSecret("the second of VISGATE_SECRET"),
  server: fakeSecret("REPLICATE_API_TOKEN", "r8_"),
  wrongApi: fakeSecret("a wrong API key", "vg-"),
  wrongAdmin: fakeSecret("a wrong admin key"),
  header: fakeSecret("a key in a header"),
  refusedHeader: fakeSecret("a key in a header that the provider refuses"),
  stored: fakeSecret("a stored key"),
  replaced: fakeSecret("a stored key that was replaced"),
  unchecked: fakeSecret("a stored key that was not checked"),
  refused: fakeSecret("a key that was not stored"),
  malformed: fakeSecret("a key in a call that is not valid"),
  validated: fakeSecret("a key that was only validated"),
};
/** The launcher of a local stack keeps its keys in files that only its user can read. */
const OF_LAUNCHER = new Set(["launcher.json", "stack.json"]);
/** With the API key that the test creates. */
let secrets: FakeSecret[];

/** A provider that refuses every call, and repeats in its answer what it was sent. */
const rude = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const detail = `${JSON.stringify(request.headers)} ${Buffer.concat(chunks)}`;
  response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify({ title: detail, detail }));
});

let stack: TestStack;
let receiver: Receiver;
let redis: Redis;
const answers: Place[] = [];
beforeAll(async () => {
  await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
  receiver = await startReceiver([500]);
  stack = await startTestStack({
    env: {
      ...{ LOG_LEVEL: "trace", SIMULATOR_RENDER_SECONDS: "1" },
      ...{ VISGATE_API_KEY: KEYS.api.text, VISGATE_ADMIN_KEY: KEYS.admin.text },
      VISGATE_SECRET: `${KEYS.secret.text},${KEYS.oldSecret.text}`,
      REPLICATE_API_TOKEN: KEYS.server.text,
      REPLICATE_BASE_URL: `http://127.0.0.1:${(rude.address() as AddressInfo).port}/v1`,
      RUNWAY_BASE_URL: "http://127.0.0.1:9",
    },
  });
  redis = connectPatient(stack.stack.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await stack.stop();
  await receiver.close();
  rude.close();
});

interface Call {
  key?: FakeSecret;
  headers?: Record<string, string>;
  /** Text is sent as it is. */
  body?: object | string;
  /** The answer shows a new secret, which is not searched for. */
  showsSecret?: boolean;
}

async function call(method: string, path: string, { key = KEYS.api, headers = {}, body, showsSecret }: Call = {}) {
  const response = await fetch(path.startsWith("/metrics") ? stack.stack.baseUrl + path : apiUrl(path), {
    method,
    headers: {
      ...{ authorization: `Bearer ${key.text}`, prefer: "respond-async" },
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const content = `${JSON.stringify([...response.headers])} ${text}`;
  if (!showsSecret) answers.push({ place: `the answer ${response.status} of ${method} ${path}`, content });
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}
const apiUrl = (path: string) => `${stack.stack.baseUrl}/api/v1${path}`;
const put = (provider: string, { text }: FakeSecret) =>
  call("PUT", "/providers/keys", { body: { provider, api_key: text } });
const asAdmin = (key: FakeSecret) => ({ "x-visgate-admin-key": key.text });
const submit = async (body: object, headers: Record<string, string> = {}) =>
  (await call("POST", "/videos/generate", { body: { ...VEO, webhook_url: receiver.url, ...body }, headers })).body
    .request_id as string;
const ended = (id: string) => stack.caller.finished(id);

async function storeKeys(): Promise<void> {
  expect((await put("fal", KEYS.replaced)).status).toBe(200);
  expect((await put("fal", KEYS.stored)).status).toBe(200);
  expect((await put("runway", KEYS.unchecked)).body.keys).toMatchObject([{}, { validated: false }]);
  expect((await put("replicate", KEYS.refused)).status).toBe(422);
  const validate = { provider: "fal", api_key: KEYS.validated.text };
  expect((await call("POST", "/providers/validate", { body: validate })).body).toMatchObject({ valid: true });
}

/** Calls that are refused, each with a key in a place of its own. */
async function sendNonsense(): Promise<void> {
  const { text } = KEYS.malformed;
  const bodies = [
    ...[`{"provider":"fal","api_key":"${text}"`, `{"provider":"fal","api_key":"${text} "}`, `"${text}"`],
    ...[{ provider: text, api_key: "x" }, { provider: "fal", api_key: text, more: 1 }, { api_key: text }],
    ...[
      { provider: "fal", api_key: text.repeat(20) },
      { provider: "fal", api_key: [text] },
    ],
    { provider: "openai-videos", api_key: text },
  ];
  for (const path of ["/providers/keys", "/providers/validate"])
    for (const body of bodies) {
      const isValid = path.endsWith("validate") && typeof body === "object" && body.provider === "openai-videos";
      const { status } = await call(path.endsWith("keys") ? "PUT" : "POST", path, { body });
      if (!isValid) expect([400, 422]).toContain(status);
    }
  const headers = { "x-fal-key": `${text} ${text}` };
  expect((await call("POST", "/videos/generate", { body: VEO, headers })).status).toBe(422);
  expect((await call("GET", "/auth/me", { key: KEYS.wrongApi })).status).toBe(401);
  expect((await call("GET", "/admin/organizations", { headers: asAdmin(KEYS.wrongAdmin) })).status).toBe(401);
}

/** Redis refuses every write: the errors have the whole command with them. */
async function withFullRedis(run: () => Promise<unknown>): Promise<void> {
  const limit = (bytes: number) =>
    Promise.all(primariesOf(redis).map((node) => node.config("SET", "maxmemory", bytes)));
  await limit(1);
  await run().finally(() => limit(0));
  await until("the API accepts again", async () => (await call("GET", "/health")).status === 200);
}

async function readEverything(ids: string[]): Promise<void> {
  const paths = ["/providers/keys", "/providers/balances", "/api-keys", "/audit?limit=100", "/events", "/diagnostics"];
  for (const path of [...paths, "/requests", "/webhook-endpoints", "/auth/me", "/health", "/openapi.json", "/metrics"])
    await call("GET", path);
  for (const id of ids)
    for (const rest of ["", "?include=timeline", "/events", "/deliveries"]) await call("GET", `/requests/${id}${rest}`);
}

const search = async () => findSecrets(secrets, [...(await contentsOfRedis(redis)), ...(await leftovers())]);

async function leftovers(): Promise<Place[]> {
  const webhooks = receiver.received.map((got) => ({ place: "a webhook", content: JSON.stringify(got) }));
  return [...answers, ...webhooks, ...contentsOfFolder(stack.dataDir, (name) => OF_LAUNCHER.has(name))];
}

test("recognizable keys: none is found in Redis, jobs, logs, answers, events and webhooks", async () => {
  const created = await call("POST", "/api-keys", { body: { name: "another" }, showsSecret: true });
  secrets = [...Object.values(KEYS), { name: "a created API key", text: created.body.key }];
  await call("POST", "/webhook-endpoints", { body: { url: receiver.url }, showsSecret: true });
  await storeKeys();
  await sendNonsense();

  const byOrganization = await submit({ prompt: "with the stored key" });
  const byCaller = await submit({ prompt: "with a key of the caller" }, { "x-fal-key": KEYS.header.text });
  const refused = await submit(
    { model: "replicate/google/veo-3", prompt: "refused" },
    { "x-replicate-key": KEYS.refusedHeader.text },
  );
  const ofServer = await submit({ model: "replicate/google/veo-3", prompt: "refused too" });
  const failing = await submit({ prompt: "content policy test" });
  expect(await redis.hget(`vg:{default}:req:${byOrganization}`, "providerKey")).toMatch(/^[\w-]{8}\./);
  expect(await search()).toEqual([]);

  const headers = { ...asAdmin(KEYS.admin), authorization: "" };
  expect((await call("POST", "/admin/rotate-secret", { headers })).body.provider_keys.unchanged).toBe(2);
  const all = [byOrganization, byCaller, refused, ofServer, failing];
  expect(await Promise.all(all.map(async (id) => (await ended(id)).status))).toEqual([
    ...["completed", "completed", "failed", "failed", "failed"],
  ]);
  await withFullRedis(async () => {
    expect((await put("fal", KEYS.replaced)).status).toBeGreaterThanOrEqual(500);
    await call("POST", "/videos/generate", { body: VEO, headers: { "x-fal-key": KEYS.header.text } });
  });
  expect((await call("DELETE", "/providers/keys/fal")).status).toBe(200);
  await readEverything(all);
  await receiver.atLeast(all.length * 2);
  expect(await search()).toEqual([]);
});

test("the search finds a key in Redis, in a file, in an answer and in a webhook", async () => {
  const planted = fakeSecret("planted");
  await redis.hset("planted", "field", `x${planted.text}x`);
  const places = [
    ...(await contentsOfRedis(redis)),
    { place: "a file", content: Buffer.from(`{"key":"${planted.text}"}`) },
    { place: "a part", content: planted.text.slice(10, -3) },
  ];
  expect(findSecrets([planted], places)).toEqual([
    ...["planted in Redis planted", "planted in a file", "planted in a part"],
  ]);
  const files = contentsOfFolder(stack.dataDir, () => false).map(({ place }) => place);
  expect(files).toEqual(expect.arrayContaining(["logs/api.log", "logs/worker-1.log", expect.stringMatching(/\.aof$/)]));
});
