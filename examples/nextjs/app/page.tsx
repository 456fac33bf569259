"use client";

import { Client } from "@visgate_ai/client";
import { type FormEvent, useState } from "react";

const client = new Client({ proxyUrl: "/api/visgate" });

export default function Page() {
  const [prompt, setPrompt] = useState("a bird flying over the sea");
  const [state, setState] = useState("");
  const [videoUrl, setVideoUrl] = useState<string | null>(null);

  async function generate(event: FormEvent) {
    event.preventDefault();
    setVideoUrl(null);
    try {
      const result = await client.videos.generate("fal-ai/veo3.1/fast", prompt, {
        durationSeconds: 4,
        onProgress: ({ status, progress }) => setState(`${status} ${Math.round((progress ?? 0) * 100)} %`),
      });
      setState(`done for ${result.cost} USD`);
      setVideoUrl(result.videoUrl);
    } catch (error) {
      setState(String(error));
    }
  }

  return (
    <main>
      <form onSubmit={generate}>
        <input value={prompt} onChange={(event) => setPrompt(event.target.value)} size={60} />
        <button type="submit">Generate</button>
      </form>
      <p role="status">{state}</p>
      {videoUrl && <video src={videoUrl} controls autoPlay muted loop />}
    </main>
  );
}
