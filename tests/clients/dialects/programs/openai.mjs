/**
 * Code as users of the SDK have it; only OPENAI_BASE_URL and OPENAI_API_KEY lead to the gateway. Between two polls it
 * waits at the gateway's own API instead of a time. Prints what it got as JSON. The first argument names the part that
 * runs.
 */
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import OpenAI from "openai";

const PROMPT = "a bird over the sea";
const openai = new OpenAI();
const [, , part, ...args] = process.argv;

/** Until the request has ended, at most a minute. */
async function waitAtGateway(id) {
  const url = new URL(`/api/v1/requests/${id}?wait=60`, openai.baseURL);
  const response = await fetch(url, { headers: { authorization: `Bearer ${openai.apiKey}` } });
  await response.arrayBuffer();
}

async function ended(created) {
  let video = created;
  while (video.status === "queued" || video.status === "in_progress") {
    await waitAtGateway(video.id);
    video = await openai.videos.retrieve(video.id);
  }
  return video;
}

const make = async (fields) => ended(await openai.videos.create({ prompt: PROMPT, ...fields }));

async function download({ id }, file) {
  const content = await openai.videos.downloadContent(id);
  await writeFile(file, Buffer.from(await content.arrayBuffer()));
  return file;
}

const errorOf = (promise) =>
  promise.then(
    () => ({ name: "no error" }),
    (error) => {
      const { status, message, code, param, type } = error;
      return { name: error.constructor.name, status, message, code, param, type };
    },
  );

async function videos(image) {
  const text = await make({ model: "sora-2", seconds: "4", size: "720x1280", seed: 1 });
  const pictured = await make({ model: "sora-2", input_reference: createReadStream(image), params: { seed: 2 } });
  const files = [await download(text, "text.mp4"), await download(pictured, "image.mp4")];
  const again = await make({ model: "sora-2", seconds: "4", size: "720x1280", seed: 1 });
  const listed = [];
  for await (const { id } of openai.videos.list({ limit: 2 })) listed.push(id);
  const deleted = await openai.videos.delete(again.id);
  const gone = await errorOf(openai.videos.retrieve(again.id));
  return { text, pictured, again, files, listed, deleted, gone };
}

async function errors() {
  const create = (fields) => openai.videos.create({ model: "sora-2", prompt: PROMPT, ...fields });
  const failed = await make({ model: "sora-2", prompt: "this fails" });
  return {
    field: await errorOf(create({ size: "1000x1000" })),
    extra: await errorOf(create({ quality: "high" })),
    model: await errorOf(create({ model: "sora-22" })),
    key: await errorOf(new OpenAI({ apiKey: "vg-0123456789abcdef0" }).videos.list()),
    sheet: await errorOf(openai.videos.downloadContent(failed.id, { variant: "spritesheet" })),
    content: await errorOf(openai.videos.downloadContent(failed.id)),
    remix: await errorOf(openai.videos.remix(failed.id, { prompt: PROMPT })),
    failed,
  };
}

/** Each call differs by its seed. */
async function many(count) {
  const calls = Array.from({ length: count }, (_, seed) => make({ model: "sora-2", seed }));
  const ends = await Promise.allSettled(calls);
  return ends.map(({ value, reason }) => value?.status ?? reason.constructor.name);
}

const PARTS = { videos, errors, many: (count) => many(Number(count)) };
console.log(JSON.stringify(await PARTS[part](...args)));
