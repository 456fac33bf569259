/** Asks before something that cannot be undone, or that costs money. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Action } from "../data/use-data.js";
import { ActionButton, ErrorText } from "./parts.js";

interface Props {
  title: string;
  action: Action;
  confirm: string;
  onClose: () => void;
  children?: ComponentChildren;
  kind?: "main" | "danger";
  disabled?: boolean;
}

export function Confirm({ title, action, confirm, onClose, children, kind = "danger", disabled = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose}>
      <h2>{title}</h2>
      {children}
      <ErrorText error={action.error} />
      <div class="actions">
        <button type="button" onClick={onClose}>
          Back
        </button>
        <ActionButton action={action} kind={kind} disabled={disabled}>
          {confirm}
        </ActionButton>
      </div>
    </dialog>
  );
}
