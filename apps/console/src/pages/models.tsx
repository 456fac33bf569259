/** The catalogue: what there is, what it costs, what it takes; two models side by side. */
import type { Model } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import { useData } from "../data/use-data.js";
import { linkTo } from "../route.js";
import { count, duration } from "../ui/format.js";
import { Empty, Input, Loaded, Money, Section, Select, Table } from "../ui/parts.js";
import type { OrganizationSession } from "./session-props.js";

const COMPARED = 2;

export function ModelsPage({ client }: OrganizationSession) {
  const data = useData(() => client.models.list({ sort: "popular" }), [client]);
  return (
    <>
      <h1>Models</h1>
      <Loaded data={data}>{({ models }) => <Catalogue models={models} />}</Loaded>
    </>
  );
}

function Catalogue({ models }: { models: readonly Model[] }) {
  const [search, setSearch] = useState("");
  const [provider, setProvider] = useState("");
  const [media, setMedia] = useState("");
  const [capability, setCapability] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const words = search.toLowerCase().split(/\s+/);
  const shown = models.filter(
    (model) =>
      (provider === "" || model.provider === provider) &&
      (media === "" || model.mediaType === media) &&
      (capability === "" || model.capabilities.includes(capability)) &&
      words.every((word) =>
        `${model.id} ${model.name} ${model.description} ${model.tags}`.toLowerCase().includes(word),
      ),
  );
  const valuesOf = (values: readonly string[]) => ["", ...new Set(values)].sort();
  const toggle = (id: string) =>
    setChosen((last) => (last.includes(id) ? last.filter((one) => one !== id) : [...last, id].slice(-COMPARED)));
  const compared = chosen.flatMap((id) => models.filter((model) => model.id === id));
  return (
    <>
      <search class="filters">
        <Input label="Search" type="search" value={search} onInput={setSearch} />
        <Select
          label="Provider"
          value={provider}
          options={valuesOf(models.map((model) => model.provider))}
          onChange={setProvider}
        />
        <Select label="Media" value={media} options={["", "video", "image"]} onChange={setMedia} />
        <Select
          label="Capability"
          value={capability}
          options={valuesOf(models.flatMap(({ capabilities }) => capabilities))}
          onChange={setCapability}
        />
      </search>
      {compared.length < COMPARED ? (
        <p class="hint">Choose two models to compare them.</p>
      ) : (
        <Comparison models={compared} />
      )}
      {shown.length === 0 ? (
        <Empty>No model matches.</Empty>
      ) : (
        <Section title={`${count(shown.length)} models`}>
          <Table
            caption="Models"
            head={[
              "Compare",
              "Model",
              "Provider",
              "Price",
              "One generation",
              "Usual time",
              "Durations (s)",
              "Resolutions",
            ]}
            numbers={[4, 5]}
            rows={shown.map((model) => ({
              key: model.id,
              cells: [
                <input
                  key="compare"
                  type="checkbox"
                  aria-label={`Compare ${model.name}`}
                  checked={chosen.includes(model.id)}
                  onChange={() => toggle(model.id)}
                />,
                <a key="model" href={linkTo("new", { query: { model: model.id } })} title={model.description}>
                  {model.id}
                </a>,
                model.provider,
                model.pricing ?? "not known",
                <Money key="cost" usd={costOf(model)} />,
                duration(model.usualRenderSeconds * 1000),
                model.limits.durationsSeconds.join(", "),
                model.limits.resolutions.join(", "),
              ],
            }))}
          />
        </Section>
      )}
    </>
  );
}

const costOf = ({ pricing, baseCostMicro }: Model) => (pricing === null ? null : baseCostMicro / 1e6);

function Comparison({ models }: { models: readonly Model[] }) {
  const lines: readonly (readonly [string, (model: Model) => preact.ComponentChildren])[] = [
    ["Name", ({ name }) => name],
    ["Provider", ({ provider }) => provider],
    ["Price", ({ pricing }) => pricing ?? "not known"],
    ["One generation", (model) => <Money usd={costOf(model)} />],
    ["Usual time", ({ usualRenderSeconds }) => duration(usualRenderSeconds * 1000)],
    ["Durations (s)", ({ limits }) => limits.durationsSeconds.join(", ")],
    ["Aspect ratios", ({ limits }) => limits.aspectRatios.join(", ") || "any"],
    ["Resolutions", ({ limits }) => limits.resolutions.join(", ") || "any"],
    [
      "Starts from",
      ({ limits }) =>
        limits.inputs.map(({ role, required }) => role + (required ? " (required)" : "")).join(", ") || "text",
    ],
    [
      "Parameters",
      ({ params }) => [...new Set(Object.values(params).flatMap((one) => Object.keys(one ?? {})))].join(", "),
    ],
    ["About", ({ description }) => description],
  ];
  return (
    <Section title="Comparison">
      <Table
        caption="Comparison"
        head={["", ...models.map(({ id }) => id)]}
        rows={lines.map(([name, of]) => ({
          key: name,
          cells: [<strong key="name">{name}</strong>, ...models.map(of)],
        }))}
      />
    </Section>
  );
}
