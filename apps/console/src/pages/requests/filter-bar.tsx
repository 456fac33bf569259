/** The filters of the list. They are in the address, so that a link shows the same list. */
import type { Client } from "@visgate_ai/client";
import { useEffect, useState } from "preact/hooks";
import { FILTERS } from "../../data/requests.js";
import { useData, useSettled } from "../../data/use-data.js";
import { goTo, linkTo, type Query } from "../../route.js";
import type { Scope } from "../../session.js";
import { Choices, Field, Input, Select } from "../../ui/parts.js";

const STATUSES = ["pending", "processing", "completed", "failed"] as const;
const TYPED_MS = 300;

interface Props {
  client: Client;
  may: (scope: Scope) => boolean;
  given: Query;
}

export function FilterBar({ client, may, given }: Props) {
  const [isOpen, setOpen] = useState(false);
  const show = (change: Query) => goTo(linkTo("requests", { query: { ...given, ...change } }), { replace: true });
  const further = FILTERS.filter((name) => name !== "status" && name !== "text" && given[name] !== undefined).length;
  return (
    <search class="filters">
      <Typed label="Prompt" name="text" given={given} show={show} />
      <Choices
        label="Status"
        of={STATUSES}
        chosen={(given["status"] ?? "").split(",")}
        onChange={(chosen) => show({ status: chosen.join(",") })}
      />
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {further === 0 ? "More filters" : `More filters (${further})`}
      </button>
      {isOpen ? <Further {...{ client, may, given, show }} /> : null}
    </search>
  );
}

type Show = (change: Query) => void;

function Further({ client, may, given, show }: Props & { show: Show }) {
  const models = useData(async () => (await client.models.list()).models, [client]);
  const keys = useData(async () => (may("manage") ? client.apiKeys.list() : []), [client]);
  const providers = [...new Set((models.value ?? []).map(({ provider }) => provider))];
  const one = (name: string) => (value: string) => show({ [name]: value });
  return (
    <div class="further">
      <datalist id="models">
        {(models.value ?? []).map(({ id }) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      <Typed label="Model" name="model" given={given} show={show} list="models" />
      <Select
        label="Provider"
        value={given["provider"] ?? ""}
        options={["", ...providers]}
        onChange={one("provider")}
      />
      <Select
        label="Media"
        value={given["mediaType"] ?? ""}
        options={["", "video", "image"]}
        onChange={one("mediaType")}
      />
      {may("manage") ? (
        <Select
          label="API key"
          value={given["apiKeyId"] ?? ""}
          options={[["", "All"], ...(keys.value ?? []).map(({ id, name }) => [id, name] as const)]}
          onChange={one("apiKeyId")}
        />
      ) : null}
      <Typed label="Tag" name="tag" given={given} show={show} />
      <Moment label="From" name="createdAfter" given={given} show={show} />
      <Moment label="Until" name="createdBefore" given={given} show={show} />
    </div>
  );
}

interface OneProps {
  label: string;
  name: string;
  given: Query;
  show: Show;
}

/** Searches when the typing pauses. */
function Typed({ label, name, given, show, list }: OneProps & { list?: string }) {
  const [text, setText] = useState(given[name] ?? "");
  const settled = useSettled(text, TYPED_MS);
  useEffect(() => {
    if (settled.trim() !== (given[name] ?? "")) show({ [name]: settled.trim() });
  }, [settled]);
  // A link to another list; what is being typed stays.
  useEffect(() => {
    setText((last) => (last.trim() === (given[name] ?? "") ? last : (given[name] ?? "")));
  }, [given[name]]);
  return <Input label={label} type="search" value={text} onInput={setText} {...(list === undefined ? {} : { list })} />;
}

function Moment({ label, name, given, show }: OneProps) {
  const at = new Date(given[name] ?? "");
  const ms = at.getTime() - at.getTimezoneOffset() * 60_000;
  return (
    <Field label={label}>
      <input
        type="datetime-local"
        value={Number.isNaN(ms) ? "" : new Date(ms).toISOString().slice(0, 16)}
        onChange={({ currentTarget: { value } }) =>
          show({ [name]: value === "" ? undefined : new Date(value).toISOString() })
        }
      />
    </Field>
  );
}
