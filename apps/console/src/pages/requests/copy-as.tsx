/** The call that made a request, as curl, TypeScript and Python. The key stays a variable. */
import type { RequestStatus } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import { serverUrl } from "../../session.js";

export type Input = NonNullable<RequestStatus["input"]>;
type Call = Pick<RequestStatus, "model" | "mediaType">;

const LANGUAGES = ["curl", "TypeScript", "Python"] as const;
type Language = (typeof LANGUAGES)[number];

export function CopyAs({ request, input }: { request: Call; input: Input }) {
  const [language, setLanguage] = useState<Language>("curl");
  const [isCopied, setCopied] = useState(false);
  const text = callText(language, request, input);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <>
      <fieldset class="actions plain" aria-label="Language">
        {LANGUAGES.map((one) => (
          <button key={one} type="button" aria-pressed={one === language} onClick={() => setLanguage(one)}>
            {one}
          </button>
        ))}
        <button type="button" onClick={() => void copy()}>
          {isCopied ? "Copied" : "Copy"}
        </button>
      </fieldset>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll by the keyboard too */}
      <pre tabIndex={0}>{text}</pre>
    </>
  );
}

export function callText(language: Language, call: Call, input: Input, base = serverUrl()): string {
  const fields = fieldsOf(call, input);
  if (language === "curl") return curl(call, fields, base);
  return language === "TypeScript" ? typescript(call, fields, base) : python(call, fields, base);
}

type Fields = Record<string, unknown>;

/** As the API names them, without those that are not set. */
function fieldsOf({ mediaType }: Call, input: Input): Fields {
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
