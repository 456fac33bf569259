import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { callText } from "./call-text.js";

const PROMPT = `it's a "quoted" $HOME \`date\` \\ line\nand 海`;
const INPUT = {
  ...{ prompt: PROMPT, imageUrl: "https://example.com/a.png", imageUrls: [], videoUrl: null, audioUrl: null },
  ...{ durationSeconds: 4, width: null, height: null, numImages: null, params: { generate_audio: false, seed: 7 } },
};
const CALL = { model: "fal-ai/veo3", mediaType: "video" as const };
const BASE = "http://127.0.0.1:8787";
const BODY = {
  ...{ model: CALL.model, prompt: PROMPT, image_url: INPUT.imageUrl, duration_seconds: 4 },
  params: INPUT.params,
};

test("curl: a shell passes the body on as it is", () => {
  const text = callText("curl", CALL, INPUT, BASE).replace(/^curl/, 'printf "%s\\n"');
  const args = execFileSync("bash", ["-c", text], { encoding: "utf8", env: { VISGATE_API_KEY: "vg-key" } });
  expect(args).toContain(`${BASE}/api/v1/videos/generate\n-H\nAuthorization: Bearer vg-key\n`);
  expect(JSON.parse(args.slice(args.indexOf("{")))).toEqual(BODY);
});

test("Python: the arguments are those of the call", () => {
  const call = callText("Python", CALL, INPUT, BASE).split("result = ")[1] ?? "";
  const program = `import json\nclass Any:\n  def __getattr__(self, name): return self\n  def __call__(self, **all): print(json.dumps(all))\nclient = Any()\n${call}`;
  expect(JSON.parse(execFileSync("python3", ["-c", program], { encoding: "utf8" }))).toEqual(BODY);
});

test("TypeScript: the arguments are those of the call, in camelCase", () => {
  const [, line = ""] = callText("TypeScript", CALL, INPUT, BASE).split("result = await ");
  const run = new Function("client", `return ${line}`);
  const client = { videos: { generate: (...args: unknown[]) => args } };
  const { model, prompt, image_url: imageUrl, duration_seconds: durationSeconds, params } = BODY;
  expect(run(client)).toEqual([model, prompt, { imageUrl, durationSeconds, params }]);
});
