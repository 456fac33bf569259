/** The images, videos and sounds that a generation starts from: dropped, chosen, pasted or named by a URL. */
import type { Client, Model } from "@visgate_ai/client";
import { useRef, useState } from "preact/hooks";
import { isOwnUrl } from "../../data/connection.js";
import { leaveIfRefused } from "../../session.js";
import { Input } from "../../ui/parts.js";
import type { Draft, Role } from "./draft.js";

const NAMES: Record<Role, string> = {
  first: "First image",
  last: "Last image",
  reference: "Reference image",
  video: "Video",
  audio: "Sound",
};
const ACCEPTED: Record<Role, string> = {
  first: "image/*",
  last: "image/*",
  reference: "image/*",
  video: "video/*",
  audio: "audio/*",
};

interface Props {
  client: Client;
  model: Model;
  draft: Draft;
  change: (fields: Partial<Draft>) => void;
}

export function MediaInputs({ client, model, draft, change }: Props) {
  return (
    <div class="media-inputs">
      {model.limits.inputs.map(({ role, required, max }) => {
        const given = draft.media.filter((one) => one.role === role);
        const others = draft.media.filter((one) => one.role !== role);
        return (
          <One
            key={role}
            {...{ client, role, required, max }}
            urls={given.map(({ url }) => url)}
            onChange={(urls) => change({ media: [...others, ...urls.map((url) => ({ role, url }))] })}
          />
        );
      })}
    </div>
  );
}

interface OneProps {
  client: Client;
  role: Role;
  required: boolean;
  max: number;
  urls: readonly string[];
  onChange: (urls: readonly string[]) => void;
}

function One({ client, role, required, max, urls, onChange }: OneProps) {
  const [state, setState] = useState<{ uploads: boolean; error: string | null }>({ uploads: false, error: null });
  const [isOver, setOver] = useState(false);
  const [typed, setTyped] = useState("");
  const chooser = useRef<HTMLInputElement>(null);

  async function add(files: Iterable<File>) {
    setState({ uploads: true, error: null });
    try {
      const added: string[] = [];
      for (const file of [...files].slice(0, max - urls.length)) added.push((await client.files.upload(file)).url);
      onChange([...urls, ...added]);
      setState({ uploads: false, error: null });
    } catch (error) {
      leaveIfRefused(error);
      setState({ uploads: false, error: (error as Error).message });
    }
  }

  const name = NAMES[role] + (required ? " (required)" : "");
  return (
    <fieldset
      class={isOver ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void add(event.dataTransfer?.files ?? []);
      }}
      onPaste={(event) => {
        const files = event.clipboardData?.files;
        if (files !== undefined && files.length > 0) void add(files);
      }}
    >
      <legend>{name}</legend>
      {urls.map((url) => (
        <span key={url} class="given">
          <Preview url={url} role={role} />
          <button type="button" onClick={() => onChange(urls.filter((one) => one !== url))}>
            Remove
          </button>
        </span>
      ))}
      {urls.length >= max ? null : (
        <>
          <input
            ref={chooser}
            type="file"
            class="hidden"
            tabIndex={-1}
            aria-label={`File: ${name}`}
            accept={ACCEPTED[role]}
            multiple={max > 1}
            onChange={({ currentTarget }) => {
              void add(currentTarget.files ?? []).then(() => {
                currentTarget.value = "";
              });
            }}
          />
          <button type="button" disabled={state.uploads} onClick={() => chooser.current?.click()}>
            {state.uploads ? "Uploading…" : "Choose or drop a file"}
          </button>
          <Input label="or its URL" type="url" value={typed} onInput={setTyped} placeholder="https://" />
          {typed.startsWith("https://") ? (
            <button
              type="button"
              onClick={() => {
                onChange([...urls, typed]);
                setTyped("");
              }}
            >
              Use this URL
            </button>
          ) : null}
        </>
      )}
      {state.error === null ? null : (
        <p class="error" role="alert">
          {state.error}
        </p>
      )}
    </fieldset>
  );
}

function Preview({ url, role }: { url: string; role: Role }) {
  const isOwn = url.startsWith("data:") || isOwnUrl(url);
  return isOwn && role !== "video" && role !== "audio" ? (
    <img src={url} alt={NAMES[role]} />
  ) : (
    <span class="url">{url.split("?")[0]}</span>
  );
}
