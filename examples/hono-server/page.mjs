/** Runs in the browser, without a key: the proxy adds it. */
import { Client } from "@visgate_ai/client";

const client = new Client({ proxyUrl: "/api/visgate" });
const [form, state, video, cancel] = ["form", "[role=status]", "video", "#cancel"].map((name) =>
  document.querySelector(name),
);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const giveUp = new AbortController();
  cancel.onclick = () => giveUp.abort();
  cancel.disabled = false;
  try {
    const result = await client.videos.generate("fal-ai/veo3.1/fast", form.elements.prompt.value, {
      durationSeconds: 4,
      signal: giveUp.signal,
      cancelOnAbort: true,
      onProgress: ({ status, progress }) => {
        state.textContent = `${status} ${Math.round((progress ?? 0) * 100)} %`;
      },
    });
    state.textContent = `done for ${result.cost} USD`;
    video.src = result.videoUrl;
    video.hidden = false;
  } catch (error) {
    state.textContent = String(error);
  } finally {
    cancel.disabled = true;
  }
});
