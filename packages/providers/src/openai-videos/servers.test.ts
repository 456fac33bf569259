import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "@visgate/shared/runtime";
import { afterAll, describe, expect, test } from "vitest";
import { PROVIDERS } from "../index.js";

const folder = mkdtempSync(join(tmpdir(), "visgate-servers-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function fileOf(content: unknown): string {
  const path = join(folder, `${++files}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}
const configOf = (env: Record<string, string>) =>
  parseConfig({ VISGATE_SECRET: "sixteen-characters-or-more", ...env }, PROVIDERS).providers.get("openai-videos");
const GPU_A = { name: "gpu-a", base_url: "http://10.0.0.5:8000/v1/", key_variable: "GPU_A_KEY" };
const GPU_B = { name: "gpu-b", base_url: "https://videos.example.com/v1" };

describe("openai-videos: configuration", () => {
  test("without a base URL and without servers: is not configured", () => {
    expect(configOf({})).toMatchObject({ apiKey: null, baseUrl: "", origins: [] });
  });

  test("with a base URL: is configured, also without a key", () => {
    const config = configOf({ OPENAI_VIDEOS_BASE_URL: "http://127.0.0.1:8000/v1/" });
    expect(config).toMatchObject({
      apiKey: "",
      baseUrl: "http://127.0.0.1:8000/v1",
      origins: ["http://127.0.0.1:8000"],
    });
  });

  test("with several servers: each has its own base URL and key", () => {
    const config = configOf({ OPENAI_VIDEOS_SERVERS: fileOf([GPU_A, GPU_B]), GPU_A_KEY: "key-a" });
    expect(config).toMatchObject({ apiKey: "", origins: ["http://10.0.0.5:8000", "https://videos.example.com"] });
    expect(config?.settings).toEqual({
      "gpu-a": { baseUrl: "http://10.0.0.5:8000/v1", apiKey: "key-a" },
      "gpu-b": { baseUrl: "https://videos.example.com/v1", apiKey: "" },
    });
  });

  test.each([
    { what: "a file that does not exist", content: null, says: /must be a JSON file with a list of servers \(ENOENT/ },
    { what: "a file that is not JSON", content: "[oops", says: /must be a JSON file with a list of servers/ },
    { what: "a list that is an object", content: {}, says: /the list: .*array/ },
    { what: "a server without a name", content: [{ base_url: "http://x" }], says: /0\.name: / },
    { what: "a name with a slash", content: [{ ...GPU_B, name: "a/b" }], says: /0\.name: must be lower-case/ },
    { what: "an ftp base URL", content: [{ ...GPU_B, base_url: "ftp://x" }], says: /0\.base_url: / },
    { what: "the same name twice", content: [GPU_B, GPU_B], says: /1\.name: gpu-b is the name of a server before it/ },
    { what: "a key variable that is not set", content: [GPU_A], says: /0\.key_variable: GPU_A_KEY must be set/ },
    { what: "an unknown field", content: [{ ...GPU_B, key: "secret-key" }], says: /0: .*key/ },
  ])("$what: is refused at the start, and the error names OPENAI_VIDEOS_SERVERS", ({ content, says }) => {
    const path = content === null ? join(folder, "none.json") : fileOf(content);
    const start = () => configOf({ OPENAI_VIDEOS_SERVERS: path });
    expect(start).toThrow(/^The configuration is wrong:\nOPENAI_VIDEOS_SERVERS: /);
    expect(start).toThrow(says);
    expect(start).not.toThrow(/secret-key/);
  });
});
