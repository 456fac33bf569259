/** The small parts that all pages are made of. */
import type { ComponentChildren } from "preact";
import type { Action, Data } from "../data/use-data.js";
import { clock, exactUsd, shortClock, title, usd } from "./format.js";

export function Money({ usd: dollars }: { usd: number | null }) {
  if (dollars === null) return <span title="The price is not known.">unknown</span>;
  return (
    <span class="money" title={exactUsd(dollars)}>
      {usd(dollars)}
    </span>
  );
}

/** In the viewer's time zone; in UTC on hover. */
export function Time({ at, isShort = false }: { at: string | null; isShort?: boolean }) {
  if (at === null) return <span>–</span>;
  return (
    <time dateTime={at} title={`${at.replace("T", " ").replace("Z", "")} UTC`}>
      {isShort ? shortClock(at) : clock(at)}
    </time>
  );
}

/** The word says it; the color only helps. */
export function Status({ status, errorCode = null }: { status: string; errorCode?: string | null }) {
  const shown = errorCode === "CANCELLED" ? "cancelled" : status;
  return <span class={`status ${shown}`}>{shown}</span>;
}

export function ErrorText({ error }: { error: Error | null }) {
  return error === null ? null : (
    <p class="error" role="alert">
      {error.message}
    </p>
  );
}

interface ButtonProps {
  action: Action;
  children: ComponentChildren;
  kind?: "plain" | "main" | "danger";
  disabled?: boolean;
}

export function ActionButton({ action, children, kind = "plain", disabled = false }: ButtonProps) {
  return (
    <button
      type="button"
      class={kind}
      disabled={disabled || action.isRunning}
      aria-busy={action.isRunning}
      onClick={() => void action.run()}
    >
      {children}
    </button>
  );
}

/** What a page shows while it loads, after an error, and when there is nothing. */
export function Loaded<T>({ data, children }: { data: Data<T>; children: (value: T) => ComponentChildren }) {
  if (data.value !== null) {
    return (
      <>
        <ErrorText error={data.error} />
        {children(data.value)}
      </>
    );
  }
  if (data.error === null) return <Loading />;
  return (
    <div class="empty" role="alert">
      <p>{data.error.message}</p>
      <button type="button" onClick={data.reload}>
        Try again
      </button>
    </div>
  );
}

export const Loading = () => (
  <div class="loading" role="status">
    Loading…
  </div>
);

export const Empty = ({ children }: { children: ComponentChildren }) => <div class="empty">{children}</div>;

export function Field({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: string | undefined;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label class="field">
      <span class="label">{label}</span>
      {children}
      {hint === undefined ? null : <span class="hint">{hint}</span>}
    </label>
  );
}

interface SelectProps {
  label: string;
  value: string;
  options: readonly (string | readonly [value: string, text: string])[];
  onChange: (value: string) => void;
  hint?: string | undefined;
}

export function Select({ label, value, options, onChange, hint }: SelectProps) {
  return (
    <Field label={label} hint={hint}>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {options.map((option) => {
          const [of, text] = typeof option === "string" ? [option, option === "" ? "All" : title(option)] : option;
          return (
            <option key={of} value={of} selected={of === value}>
              {text}
            </option>
          );
        })}
      </select>
    </Field>
  );
}

interface InputProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  type?: "text" | "search" | "password" | "number" | "date" | "url";
  placeholder?: string;
  hint?: string | undefined;
  min?: number;
  max?: number;
  step?: number | "any";
  required?: boolean;
  list?: string;
}

export function Input({ label, hint, onInput, type = "text", ...rest }: InputProps) {
  return (
    <Field label={label} hint={hint}>
      <input
        {...({ ...rest, type } as object)}
        autocomplete="off"
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </Field>
  );
}

interface ChoicesProps<T extends string> {
  label: string;
  of: readonly T[];
  chosen: readonly string[];
  onChange: (chosen: T[]) => void;
}

/** Any number of a few values. */
export function Choices<T extends string>({ label, of, chosen, onChange }: ChoicesProps<T>) {
  const toggled = (value: T) => of.filter((one) => chosen.includes(one) !== (one === value));
  return (
    <fieldset class="chips">
      <legend>{label}</legend>
      {of.map((value) => (
        <label key={value}>
          <input type="checkbox" checked={chosen.includes(value)} onChange={() => onChange(toggled(value))} />
          <span>{value}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

interface TableProps {
  caption: string;
  head: readonly string[];
  rows: readonly { key: string; cells: readonly ComponentChildren[] }[];
  /** The columns whose values are numbers, from 0. */
  numbers?: readonly number[];
}

export function Table({ caption, head, rows, numbers = [] }: TableProps) {
  const kind = (at: number) => (numbers.includes(at) ? "number" : undefined);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that is too wide scrolls by the keyboard too
    <section class="table" tabIndex={0} aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((name, at) => (
              <th key={name} scope="col" class={kind(at)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, at) => (
                <td key={head[at]} class={kind(at)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Section({
  title: text,
  actions,
  children,
}: {
  title: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="section" aria-label={text}>
      <header>
        <h2>{text}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}
