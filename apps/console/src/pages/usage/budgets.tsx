/** The budgets: how much of each is used, and a form to set one. */
import type { Budget, Client } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import type { Feed } from "../../data/feed.js";
import { useAction, useData } from "../../data/use-data.js";
import { useEvents } from "../../data/use-events.js";
import { ActionButton, Empty, ErrorText, Input, Loaded, Money, Section, Select } from "../../ui/parts.js";

/** Many requests may end at once: one reload shows all of them. */
const RELOAD_AFTER_MS = 2000;

interface Props {
  client: Client;
  feed: Feed;
  mayChange: boolean;
}

export function Budgets({ client, feed, mayChange }: Props) {
  const data = useData(() => client.usage.budgets.list(), [client]);
  const changed = data.reload;
  useEvents(feed, changed, { of: () => true, afterMs: RELOAD_AFTER_MS });
  return (
    <Section title="Budgets">
      <Loaded data={data}>
        {(budgets) =>
          budgets.length === 0 ? (
            <Empty>No budget limits the spend.</Empty>
          ) : (
            <ul class="budgets">
              {budgets.map((budget) => (
                <li key={`${budget.subject} ${budget.period}`}>
                  <Used {...{ client, budget, changed }} mayRemove={mayChange && budget.subject !== "operator"} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {mayChange ? <SetBudget client={client} onSet={changed} /> : null}
    </Section>
  );
}

interface UsedProps {
  client: Client;
  budget: Budget;
  mayRemove: boolean;
  changed: () => void;
}

function Used({ client, budget, mayRemove, changed }: UsedProps) {
  const { subject, period, limitUsd, spentUsd, leftUsd, renewsOn } = budget;
  const remove = useAction(async () => {
    await client.usage.budgets.delete({ subject, period });
    changed();
  });
  return (
    <>
      <p class="line">
        <strong>{subject}</strong> per {period}: <Money usd={spentUsd} /> of <Money usd={limitUsd} />,{" "}
        <Money usd={Math.max(0, leftUsd)} /> left until {renewsOn}
        {mayRemove ? <ActionButton action={remove}>Remove</ActionButton> : null}
      </p>
      <meter
        aria-label={`Used of the budget of ${subject} per ${period}`}
        min={0}
        max={Math.max(limitUsd, spentUsd, 1e-6)}
        high={limitUsd * 0.8}
        low={limitUsd * 0.8}
        optimum={0}
        value={spentUsd}
      />
      {leftUsd <= 0 ? <p class="error">This budget is used up: calls are answered 402 until {renewsOn}.</p> : null}
      <ErrorText error={remove.error} />
    </>
  );
}

function SetBudget({ client, onSet }: { client: Client; onSet: () => void }) {
  const [subject, setSubject] = useState("organization");
  const [period, setPeriod] = useState<Budget["period"]>("month");
  const [limit, setLimit] = useState("");
  const set = useAction(async () => {
    await client.usage.budgets.set({ subject, period, limitUsd: Number(limit) });
    setLimit("");
    onSet();
  });
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <Input label="Budget of" value={subject} onInput={setSubject} hint="organization, key:<id> or provider:<name>" />
      <Select
        label="Per"
        value={period}
        options={["day", "month"]}
        onChange={(value) => setPeriod(value as Budget["period"])}
      />
      <Input label="Limit in USD" type="number" min={0} step="any" value={limit} onInput={setLimit} />
      <ActionButton action={set} disabled={limit === ""}>
        Set
      </ActionButton>
      <ErrorText error={set.error} />
    </form>
  );
}
