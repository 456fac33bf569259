/** One field per parameter of the model. What is left alone is not sent, so the model's default applies. */
import { title } from "../../ui/format.js";
import { Field, Input, Select } from "../../ui/parts.js";
import type { ParamSpec } from "./draft.js";

interface Props {
  specs: Record<string, ParamSpec>;
  values: Record<string, unknown>;
  onChange: (values: Record<string, unknown>) => void;
}

export function ParamFields({ specs, values, onChange }: Props) {
  const set = (name: string, value: unknown) => {
    const { [name]: _, ...others } = values;
    onChange(value === undefined ? others : { ...others, [name]: value });
  };
  const all = Object.entries(specs);
  if (all.length === 0) return null;
  return (
    <details open={all.length < 8}>
      <summary>Parameters of the model</summary>
      <div class="grid">
        {all.map(([name, spec]) => (
          <One key={name} name={name} spec={spec} value={values[name]} onChange={(value) => set(name, value)} />
        ))}
      </div>
    </details>
  );
}

interface OneProps {
  name: string;
  spec: ParamSpec;
  value: unknown;
  onChange: (value: unknown) => void;
}

function One({ name, spec, value, onChange }: OneProps) {
  const label = title(name);
  const standard = spec.default === undefined ? "Default" : `Default (${spec.default})`;
  if (spec.type === "boolean") {
    const text = value === undefined ? "" : String(value);
    const options = [
      ["", standard],
      ["true", "Yes"],
      ["false", "No"],
    ] as const;
    return (
      <Select {...{ label, options }} value={text} onChange={(of) => onChange(of === "" ? undefined : of === "true")} />
    );
  }
  if (spec.values !== undefined && spec.values.length > 0) {
    const options = [["", standard] as const, ...spec.values.map((one) => [one, one] as const)];
    const text = value === undefined ? "" : String(value);
    return <Select {...{ label, options }} value={text} onChange={(of) => onChange(of === "" ? undefined : of)} />;
  }
  if (spec.type === "integer" || spec.type === "number") {
    return (
      <Input
        label={label}
        type="number"
        step={spec.type === "integer" ? 1 : "any"}
        {...(spec.min === undefined ? {} : { min: spec.min })}
        {...(spec.max === undefined ? {} : { max: spec.max })}
        placeholder={spec.default === undefined ? "" : String(spec.default)}
        value={value === undefined ? "" : String(value)}
        onInput={(text) => onChange(text === "" ? undefined : Number(text))}
      />
    );
  }
  return (
    <Field label={label}>
      <input
        maxLength={spec.maxLength ?? 10_000}
        placeholder={spec.default === undefined ? "" : String(spec.default)}
        value={value === undefined ? "" : String(value)}
        onInput={({ currentTarget }) => onChange(currentTarget.value === "" ? undefined : currentTarget.value)}
      />
    </Field>
  );
}
