/** The call that made a request, as the text of a program. The key stays a variable. */
import type { RequestInput, RequestWithInput } from "@visgate_ai/client";

export type Call = Pick<RequestWithInput, "model" | "mediaType">;

export const LANGUAGES = ["curl", "TypeScript", "Python"] as const;
export type Language = (typeof LANGUAGES)[number];

export function callText(language: Language, call: Call, input: RequestInput, base: string): string {
  const fields = fieldsOf(call, input);
  if (language === "curl") return curl(call, fields, base);
  return language === "TypeScript" ? typescript(call, fields, base) : python(call, fields, base);
}

type Fields = Record<string, unknown>;

/** As the API names them, without those that are not set. */
function fieldsOf({ mediaType }: Call, input: RequestInput): Fields {
  const all: Fields = {
    image_url: input.imageUrl,
    image_urls: input.imageUrls,
    video_url: input.videoUrl,
    audio_url: input.audioUrl,
    ...(mediaType === "video"
      ? { duration_seconds: input.durationSeconds }
      : { width: input.width, height: input.height, num_images: input.numImages }),
    params: input.params,
  };
  const isSet = (value: unknown) =>
    value !== null && value !== undefined && !(typeof value === "object" && Object.keys(value).length === 0);
  return { prompt: input.prompt, ...Object.fromEntries(Object.entries(all).filter(([, value]) => isSet(value))) };
}

const resource = ({ mediaType }: Call) => (mediaType === "video" ? "videos" : "images");

function curl(call: Call, fields: Fields, base: string): string {
  const body = JSON.stringify({ model: call.model, ...fields }, null, 2).replaceAll("'", "'\\''");
  return [
    `curl ${base}/api/v1/${resource(call)}/generate \\`,
    `  -H "Authorization: Bearer $VISGATE_API_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${body}'`,
  ].join("\n");
}

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

function typescript(call: Call, { prompt, ...options }: Fields, base: string): string {
  const named = Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));
  const last = Object.keys(named).length === 0 ? "" : `, ${JSON.stringify(named, null, 2)}`;
  return [
    `import { Client } from "@visgate_ai/client";`,
    "",
    `const client = new Client({ baseUrl: ${JSON.stringify(base)} }); // VISGATE_API_KEY`,
    `const result = await client.${resource(call)}.generate(${JSON.stringify(call.model)}, ${JSON.stringify(prompt)}${last});`,
  ].join("\n");
}

function python(call: Call, fields: Fields, base: string): string {
  const given = Object.entries({ model: call.model, ...fields });
  const lines = given.map(([name, value]) => `    ${name}=${literal(value)},`);
  return [
    "from visgate_sdk import Client",
    "",
    `client = Client(base_url=${JSON.stringify(base)})  # VISGATE_API_KEY`,
    `result = client.${resource(call)}.generate(`,
    ...lines,
    ")",
  ].join("\n");
}

/** JSON is almost Python: only these three words differ. */
function literal(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, one]) => `${JSON.stringify(name)}: ${literal(one)}`)
    .join(", ")}}`;
}
