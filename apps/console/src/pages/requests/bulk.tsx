/** Cancels, repeats or deletes all requests that the filters match, after it has said how many those are. */
import type { Client } from "@visgate_ai/client";
import { useState } from "preact/hooks";
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

function Asked({ client, given, action, onDone, onClose }: Props & { action: Action; onClose: () => void }) {
  const { status, ...rest } = given;
  const filter = { ...rest, ...(status === undefined ? {} : { status: status.split(",") }) } as object;
  const preview = useData(() => client.requests.bulk({ action, filter, dryRun: true }), [client, action, given]);
  const [failed, setFailed] = useState<string | null>(null);
  const matched = preview.value?.matched ?? 0;
  const run = useAction(async () => {
    const answer = await client.requests.bulk({ action, filter, expectedCount: matched });
    onDone();
    if (answer.failed.length === 0) onClose();
    else setFailed(`${answer.done} done, ${answer.failed.length} failed. First error: ${answer.failed[0]?.message}`);
  });
  const { title, about, button } = TEXTS[action];
  return (
    <Confirm
      title={title}
      confirm={button}
      action={run}
      onClose={onClose}
      disabled={matched === 0}
      kind={action === "again" ? "main" : "danger"}
    >
      <Loaded data={preview}>
        {({ nextCursor }) => (
          <p>
            {matched === 1 ? "1 request matches" : `${count(matched)} requests match`} the filters.
            {nextCursor === null ? "" : " There may be older matches: repeat the action for those."} {about}
          </p>
        )}
      </Loaded>
      {failed === null ? null : (
        <p class="error" role="alert">
          {failed}
        </p>
      )}
    </Confirm>
  );
}
