/** Cancels, repeats or deletes all requests that the filters match, after it has said how many those are. */
import type { Client } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import { newIdempotencyKey } from "../../data/idempotency.js";
import type { Filters } from "../../data/requests.js";
import { useAction, useData } from "../../data/use-data.js";
import { Confirm } from "../../ui/confirm.js";
import { count } from "../../ui/format.js";
import { Loaded } from "../../ui/parts.js";

type Action = Parameters<Client["requests"]["bulk"]>[0]["action"];

const TEXTS: Record<Action, { button: string; title: string; about: string }> = {
  cancel: {
    button: "Cancel all",
    title: "Cancel all of them?",
    about: "The provider may still bill renders that have started.",
  },
  again: {
    button: "Generate all again",
    title: "Generate all of them again?",
    about: "Each is a new request, and the provider bills it again.",
  },
  delete: {
    button: "Delete all",
    title: "Delete all of them?",
    about: "Their records and outputs are erased. What they cost stays in the usage.",
  },
};

interface Props {
  client: Client;
  given: Filters;
  onDone: () => void;
}

export function Bulk({ client, given, onDone }: Props) {
  const [asked, setAsked] = useState<Action | null>(null);
  return (
    <div class="actions bulk">
      {(Object.keys(TEXTS) as Action[]).map((action) => (
        <button key={action} type="button" onClick={() => setAsked(action)}>
          {TEXTS[action].button}
        </button>
      ))}
      {asked === null ? null : <Asked {...{ client, given, onDone }} action={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

interface Batch {
  /** Null for the newest. */
  cursor: string | null;
  /** The same on each try of the batch, so that no request is paid twice. */
  key: string;
}

const batchAt = (cursor: string | null): Batch => ({ cursor, key: newIdempotencyKey() });

function Asked({ client, given, action, onDone, onClose }: Props & { action: Action; onClose: () => void }) {
  const { status, ...rest } = given;
  const filter = { ...rest, ...(status === undefined ? {} : { status: status.split(",") }) } as object;
  const [{ cursor, key: idempotencyKey }, setBatch] = useState(() => batchAt(null));
  const [report, setReport] = useState<string | null>(null);
  const preview = useData(
    () => client.requests.bulk({ action, filter, cursor, dryRun: true }),
    [client, action, given, cursor],
  );
  const matched = preview.value?.matched ?? 0;
  const run = useAction(async () => {
    const call = { action, filter, cursor, expectedCount: matched };
    const { done, failed, nextCursor } = await client.requests.bulk(call, { idempotencyKey });
    onDone();
    if (failed.length > 0) setReport(`${done} done, ${failed.length} failed. First error: ${failed[0]?.message}`);
    else if (nextCursor === null) onClose();
    else {
      setReport(`${done} done. These are the next ones.`);
      setBatch(batchAt(nextCursor));
    }
  });
  const { title, about, button } = TEXTS[action];
  return (
    <Confirm
      title={title}
      confirm={button}
      action={run}
      onClose={onClose}
      disabled={matched === 0 || preview.isLoading}
      kind={action === "again" ? "main" : "danger"}
    >
      <Loaded data={preview}>
        {({ nextCursor }) => (
          <p>
            {matched === 1 ? "1 request matches" : `${count(matched)} requests match`} the filters
            {nextCursor === null ? "." : ", and older ones follow in the next step."} {about}
          </p>
        )}
      </Loaded>
      {report === null ? null : <p role="status">{report}</p>}
    </Confirm>
  );
}
