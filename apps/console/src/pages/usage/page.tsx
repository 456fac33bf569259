/** What was spent, by day, model, key and tag; what the cache saved; the budgets; the export. */
import type { Client } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import { useAction, useData } from "../../data/use-data.js";
import { count, duration, percent } from "../../ui/format.js";
import { ActionButton, ErrorText, Facts, Input, Loaded, Money, Section, Select, Table } from "../../ui/parts.js";
import type { OrganizationSession } from "../session-props.js";
import { Budgets } from "./budgets.js";
import { Chart } from "./chart.js";
import { readUsage, sumBy, type UsageLine } from "./export-lines.js";

const PERIODS = ["day", "week", "month", "year"] as const;
type Asked = { period: (typeof PERIODS)[number]; date?: string };

export function UsagePage({ client, may, feed }: OrganizationSession) {
  const [period, setPeriod] = useState<Asked["period"]>("month");
  const [date, setDate] = useState("");
  const asked: Asked = { period, ...(date === "" ? {} : { date }) };
  const data = useData(async () => {
    const [usage, dashboard, csv] = await Promise.all([
      client.usage.get(asked),
      client.usage.dashboard(asked),
      client.usage.export(asked),
    ]);
    return { usage, dashboard, csv, lines: readUsage(csv) };
  }, [client, period, date]);
  return (
    <>
      <h1>Usage</h1>
      <div class="filters">
        <Select
          label="Period"
          value={period}
          options={PERIODS}
          onChange={(value) => setPeriod(value as Asked["period"])}
        />
        <Input label="Day in the period (empty: today)" type="date" value={date} onInput={setDate} />
      </div>
      <Loaded data={data}>
        {({ usage, dashboard, csv, lines }) => (
          <>
            <Facts
              facts={[
                ["Spent", <Money key="spent" usd={usage.totalProviderCost} />],
                ["On the server's keys", <Money key="billed" usd={usage.totalBilledCost} />],
                ["Saved by the cache", <Money key="saved" usd={usage.totalSavings} />],
                ["Requests", count(usage.totalRequests)],
                ["Completed", percent(dashboard.successRate)],
                ["From the cache", percent(dashboard.cacheHitRate)],
                ["Median time", duration(dashboard.p50LatencyMs)],
              ]}
            />
            <Section title="By day" actions={<Export csv={csv} name={`usage-${usage.periodStart.slice(0, 10)}.csv`} />}>
              <Chart days={dashboard.byDay} from={usage.periodStart} until={usage.periodEnd} />
            </Section>
            <Breakdowns client={client} lines={lines} mayNameKeys={may("manage")} />
          </>
        )}
      </Loaded>
      <Budgets client={client} feed={feed} mayChange={may("manage")} />
    </>
  );
}

/** The file that finance gets: the same bytes as GET /usage/export. */
function Export({ csv, name }: { csv: string; name: string }) {
  const save = useAction(async () => {
    const url = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
    URL.revokeObjectURL(url);
  });
  return (
    <>
      <ActionButton action={save}>Export as CSV</ActionButton>
      <ErrorText error={save.error} />
    </>
  );
}

interface BreakdownsProps {
  client: Client;
  lines: readonly UsageLine[];
  mayNameKeys: boolean;
}

function Breakdowns({ client, lines, mayNameKeys }: BreakdownsProps) {
  const keys = useData(async () => (mayNameKeys ? client.apiKeys.list() : []), [client, mayNameKeys]);
  const nameOf = (id: string) => keys.value?.find((key) => key.id === id)?.name ?? id;
  return (
    <>
      <Breakdown title="By model" lines={lines} by={({ model }) => model} />
      <Breakdown title="By provider" lines={lines} by={({ provider }) => provider} />
      <Breakdown title="By API key" lines={lines} by={({ apiKeyId }) => apiKeyId} nameOf={nameOf} />
      <Breakdown title="By tag" lines={lines.filter(({ tag }) => tag !== "")} by={({ tag }) => tag} />
    </>
  );
}

interface BreakdownProps {
  title: string;
  lines: readonly UsageLine[];
  by: (line: UsageLine) => string;
  nameOf?: (key: string) => string;
}

function Breakdown({ title, lines, by, nameOf = (key) => key }: BreakdownProps) {
  if (lines.length === 0) return null;
  return (
    <Section title={title}>
      <Table
        caption={title}
        head={["", "Requests", "Completed", "Cached", "Failed", "Cost", "Saved"]}
        numbers={[1, 2, 3, 4, 5, 6]}
        rows={sumBy(lines, by).map(([key, sums]) => ({
          key,
          cells: [
            nameOf(key),
            count(sums.requests),
            count(sums.completed),
            count(sums.cached),
            count(sums.failed),
            <Money key="cost" usd={sums.costMicro / 1e6} />,
            <Money key="saved" usd={sums.savedMicro / 1e6} />,
          ],
        }))}
      />
    </Section>
  );
}
