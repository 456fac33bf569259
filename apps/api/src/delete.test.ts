import { readdirSync } from "node:fs";
import { inputFolder } from "@visgate/shared/outputs";
import { describe, expect, test } from "vitest";
import { ref, startTestApi, useTestApi, VEO } from "../../../tests/support/api.js";
import { submitIntended } from "../../../tests/support/records.js";

const { server, api } = useTestApi();

const erase = (id: string, key?: string) => api.call("DELETE", `/requests/${id}`, key === undefined ? {} : { key });
const filesOf = (id: string) => readdirSync(api.dataDir, { recursive: true }).filter((file) => `${file}`.includes(id));
const get = (path: string) => api.call("GET", path);
const expectErased = async (id: string) => {
  for (const path of [`/requests/${id}`, `/requests/${id}?include=timeline`, `/requests/${id}/events`]) {
    const { status, body } = await get(path);
    expect([path, status, body.error]).toEqual([path, 404, "REQUEST_NOT_FOUND"]);
  }
};
/** The names of keys, and members of sets and the like, that contain the id. */
async function mentions(id: string): Promise<string[]> {
  const found: string[] = [];
  for (const key of await api.redis.keys("vg:{default}:*")) {
    const type = await api.redis.type(key);
    const content =
      type === "set" ? await api.redis.smembers(key) : type === "zset" ? await api.redis.zrange(key, "0", "-1") : [];
    if (key.includes(id) || content.some((member) => member.includes(id))) found.push(key);
  }
  return found;
}

describe("DELETE /requests/{id}: a request that has ended", () => {
  test("is erased with everything that mentions it", async () => {
    const id = await api.submit({
      ...VEO,
      cache: "use",
      prompt: "to be erased",
      webhook_url: "https://example.com/hook",
    });
    await api.complete(id);
    const { output_url } = (await get(`/requests/${id}`)).body;
    expect(filesOf(id)).not.toEqual([]);
    expect(await mentions(id)).not.toEqual([]);
    const { status, body } = await erase(id);
    expect([status, body]).toEqual([200, { request_id: id, deleted: true }]);
    await expectErased(id);
    expect(filesOf(id)).toEqual([]);
    expect(await mentions(id)).toEqual([]);
    expect(await api.deps.store.deliveries.ofRequest(ref(id))).toEqual([]);
    expect((await get("/requests?limit=100")).body.requests.map((one: { id: string }) => one.id)).not.toContain(id);
    expect((await get(output_url)).status).toBe(404);
    const again = await api.submit({ ...VEO, cache: "use", prompt: "to be erased" });
    expect((await get(`/requests/${again}`)).body).toMatchObject({ status: "pending", cache_reason: "miss" });
  });

  test("is erased once: the second call is a 404", async () => {
    const id = await api.submit();
    await api.fail(id);
    expect((await erase(id)).status).toBe(200);
    expect((await erase(id)).status).toBe(404);
  });

  test("is erased once by ten calls at the same time", async () => {
    const id = await api.submit();
    await api.complete(id);
    const answers = await Promise.all(Array.from({ length: 10 }, () => erase(id)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(404)]);
  });

  test("is erased with its input", async () => {
    const png = Buffer.alloc(40_000);
    png.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const id = await api.submit();
    async function* bytes() {
      yield png;
    }
    await api.deps.outputs.put(`default/${inputFolder(id)}/image.png`, bytes());
    expect(filesOf(id)).not.toEqual([]);
    await api.fail(id);
    await erase(id);
    expect(filesOf(id)).toEqual([]);
  });

  test("leaves its output to other requests that show it; erasing the last one removes the output", async () => {
    const body = { ...VEO, cache: "use", prompt: "a film for two" };
    const owner = await api.submit(body);
    await api.complete(owner, Buffer.from("a shared film"));
    const hit = await api.submit(body);
    const { output_url } = (await get(`/requests/${hit}`)).body;
    await erase(owner);
    await expectErased(owner);
    expect((await get(output_url)).bytes.toString()).toBe("a shared film");
    await erase(hit);
    expect((await get(output_url)).status).toBe(404);
    expect(filesOf(owner)).toEqual([]);
  });

  test("is erased even when its files cannot be removed, and the sweeper removes them later", async () => {
    const { outputs } = api.deps;
    let failures = 0;
    const removeAll: typeof outputs.removeAll = () => {
      failures += 1;
      return Promise.reject(new Error("the disk is unavailable"));
    };
    const broken = await startTestApi(server.url, { deps: { outputs: { ...outputs, removeAll } } });
    const id = await api.submit();
    await api.complete(id);
    expect((await broken.call("DELETE", `/requests/${id}`)).body).toEqual({ request_id: id, deleted: true });
    expect(failures).toBeGreaterThan(0);
    expect(broken.log()).toContain("left to the sweeper");
    await expectErased(id);
    expect((await api.deps.store.maintenance.trash("default")).some((folder) => folder.includes(id))).toBe(true);
    await broken.close();
  });
});

test.each(["pending", "processing"])(
  "DELETE /requests/{id}: a %s request is a 409 that says what to do, and stays",
  async (state) => {
    const id = await api.submit();
    const intent = submitIntended({ at: api.clock.now() });
    const taken = { name: "submit_accepted", at: api.clock.now(), attempt: 1, providerRequestId: "job" } as const;
    if (state === "processing") await api.apply(id, intent, taken);
    const { status, body } = await erase(id);
    expect([status, body.error, body.details]).toEqual([409, "NOT_TERMINAL", { request_id: id, status: state }]);
    expect(body.message).toContain("cancel it first");
    expect((await get(`/requests/${id}`)).body.status).toBe(state);
  },
);
