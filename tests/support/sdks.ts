/** Generates a video with each SDK: TypeScript in this process, Python in a separate process. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Client } from "@visgate_ai/client";
import { findPython } from "../../scripts/lib/programs/python.mjs";

export interface VideoCall {
  baseUrl: string;
  apiKey: string;
  prompt: string;
  /** Follows the events of the request instead of polling. */
  progress?: boolean;
}
export type Generate = (call: VideoCall) => Promise<{ id: string; videoUrl: string }>;

const MODEL = "fal-ai/veo3";

export const typescript: Generate = ({ baseUrl, apiKey, prompt, progress = false }) =>
  new Client({ baseUrl, apiKey }).videos.generate(MODEL, prompt, {
    ...{ durationSeconds: 4, cache: "off" },
    ...(progress ? { onProgress: () => {} } : {}),
  });

const PROGRAM = `
import json, os, sys
from visgate_sdk import Client
prompt, progress = sys.argv[1:]
with Client() as client:
    result = client.videos.generate(
        model="${MODEL}", prompt=prompt, duration_seconds=4, cache="off",
        **({"on_progress": lambda status: None} if progress == "true" else {}),
    )
print(json.dumps({"id": result.id, "videoUrl": result.video_url}))
`;

export const python: Generate = async ({ baseUrl, apiKey, prompt, progress = false }) => {
  const env = { PATH: process.env["PATH"] ?? "", VISGATE_BASE_URL: baseUrl, VISGATE_API_KEY: apiKey };
  const { stdout } = await promisify(execFile)(await findPython(), ["-c", PROGRAM, prompt, String(progress)], { env });
  return JSON.parse(stdout);
};
