/** Generates from a form that is made of the model's own parameters, and says the price before it is paid. */
import type { Client, Model } from "@visgate_ai/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { newIdempotencyKey } from "../../data/idempotency.js";
import { useAction, useData } from "../../data/use-data.js";
import { DEFAULT_MODEL } from "../../providers.generated.js";
import { place } from "../../route.js";
import { ActionButton, Empty, ErrorText, Field, Input, Loaded } from "../../ui/parts.js";
import type { OrganizationSession } from "../session-props.js";
import { type Draft, draftOf, emptyDraft, optionsOf, paramsOf } from "./draft.js";
import { MediaInputs } from "./media-inputs.js";
import { ParamFields } from "./param-fields.js";
import { QuotePanel } from "./quote-panel.js";
import { Result } from "./result.js";

export function CreatePage({ client, feed }: OrganizationSession) {
  const from = place.value.query.get("from");
  const asked = place.value.query.get("model");
  const data = useData(async () => {
    const { models } = await client.models.list();
    const start = from === null ? null : draftOf(await client.requests.get(from));
    return { models, start };
  }, [client, from]);
  return (
    <>
      <h1>New generation</h1>
      <Loaded data={data}>
        {({ models, start }) =>
          models.length === 0 ? (
            <Empty>The catalogue has no models.</Empty>
          ) : (
            <Form
              key={`${from} ${asked}`}
              {...{ client, feed, models }}
              start={start ?? emptyDraft(asked ?? defaultOf(models))}
            />
          )
        }
      </Loaded>
    </>
  );
}

const defaultOf = (models: readonly Model[]): string =>
  (models.find(({ id }) => id === DEFAULT_MODEL) ?? models[0])?.id ?? "";

interface FormProps extends Pick<OrganizationSession, "client" | "feed"> {
  models: readonly Model[];
  start: Draft;
}

function Form({ client, feed, models, start }: FormProps) {
  const [draft, setDraft] = useState(start);
  const [results, setResults] = useState<readonly string[]>([]);
  const change = (fields: Partial<Draft>) => setDraft((last) => ({ ...last, ...fields }));
  const model = models.find(({ id }) => id === draft.model) ?? null;
  const tried = useRef<{ draft: Draft | null; key: string }>({ draft: null, key: "" });
  const generate = useAction(async () => {
    if (model === null) return;
    if (tried.current.draft !== draft) tried.current = { draft, key: newIdempotencyKey() };
    const id = await submit(client, model, draft, tried.current.key);
    tried.current = { draft: null, key: "" };
    setResults((last) => [id, ...last]);
  });
  return (
    <div class="create">
      <form onSubmit={(event) => event.preventDefault()}>
        <ModelField models={models} value={draft.model} onChange={(id) => change({ model: id, params: {} })} />
        {model === null ? (
          <p class="error" role="alert">
            There is no model {draft.model}: choose one of the list.
          </p>
        ) : (
          <>
            <p class="hint">{model.description}</p>
            <Field label="Prompt">
              <textarea
                rows={4}
                maxLength={10_000}
                value={draft.prompt}
                onInput={({ currentTarget: { value } }) => change({ prompt: value })}
              />
            </Field>
            <MediaInputs client={client} model={model} draft={draft} change={change} />
            <Sizes model={model} draft={draft} change={change} />
            <ParamFields
              specs={paramsOf(model, draft)}
              values={draft.params}
              onChange={(params) => change({ params })}
            />
            <QuotePanel client={client} model={model} draft={draft} />
            <ErrorText error={generate.error} />
            <ActionButton kind="main" action={generate}>
              Generate
            </ActionButton>
          </>
        )}
      </form>
      <div class="results" aria-live="polite">
        {results.length === 0 ? <Empty>What you generate shows here.</Empty> : null}
        {results.map((id) => (
          <Result key={id} id={id} {...{ client, feed }} />
        ))}
      </div>
    </div>
  );
}

/** A click after an error has the same key, so it is not paid twice when only the answer was lost. */
async function submit(client: Client, model: Model, draft: Draft, idempotencyKey: string): Promise<string> {
  const options = { ...optionsOf(model, draft), idempotencyKey, preferAsync: true } as const;
  const { requestId } =
    model.mediaType === "video"
      ? await client.videos.generate(model.id, draft.prompt, options)
      : await client.images.generate(model.id, draft.prompt, options);
  return requestId;
}

interface ModelFieldProps {
  models: readonly Model[];
  value: string;
  onChange: (id: string) => void;
}

function ModelField({ models, value, onChange }: ModelFieldProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <>
      <Input
        label="Model"
        list="all-models"
        value={text}
        onInput={(typed) => {
          setText(typed);
          if (models.some(({ id }) => id === typed)) onChange(typed);
        }}
        hint={text === value ? undefined : "Choose a model of the list."}
      />
      <datalist id="all-models">
        {models.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </datalist>
    </>
  );
}

interface SizesProps {
  model: Model;
  draft: Draft;
  change: (fields: Partial<Draft>) => void;
}

function Sizes({ model, draft, change }: SizesProps) {
  const { durationsSeconds, negativePrompt } = model.limits;
  const number = (value: string) => (value === "" ? null : Number(value));
  return (
    <div class="grid">
      {durationsSeconds.length < 2 ? null : (
        <Field label="Seconds">
          <select
            value={draft.durationSeconds ?? ""}
            onChange={({ currentTarget: { value } }) => change({ durationSeconds: number(value) })}
          >
            <option value="">Default</option>
            {durationsSeconds.map((seconds) => (
              <option key={seconds} value={seconds}>
                {seconds}
              </option>
            ))}
          </select>
        </Field>
      )}
      {model.mediaType === "video" ? null : (
        <>
          {(["width", "height"] as const).map((name) => (
            <Input
              key={name}
              label={name === "width" ? "Width" : "Height"}
              type="number"
              min={1}
              placeholder="1024"
              value={draft[name]?.toString() ?? ""}
              onInput={(value) => change({ [name]: number(value) })}
            />
          ))}
          <Input
            label="Images"
            type="number"
            min={1}
            placeholder="1"
            value={draft.numImages?.toString() ?? ""}
            onInput={(value) => change({ numImages: number(value) })}
          />
        </>
      )}
      {negativePrompt && !("negative_prompt" in paramsOf(model, draft)) ? (
        <Input
          label="What to avoid"
          value={draft.negativePrompt}
          onInput={(value) => change({ negativePrompt: value })}
        />
      ) : null}
    </div>
  );
}
