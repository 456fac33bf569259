/** How the providers did in the last minutes, and what is left on the accounts. */
import type { Client } from "@visgate_ai/client";
import { useData } from "../../data/use-data.js";
import { count, duration, percent } from "../../ui/format.js";
import { Loaded, Section, Table, Time } from "../../ui/parts.js";

export function Providers({ client, round }: { client: Client; round: number }) {
  return (
    <Section title="Providers">
      <Health client={client} round={round} />
      <Balances client={client} />
    </Section>
  );
}

function Health({ client, round }: { client: Client; round: number }) {
  const providers = useData(() => client.providers.list(), [client, round]);
  return (
    <Loaded data={providers}>
      {(list) => (
        <Table
          caption="Providers in the last ten minutes"
          head={["Provider or model", "Account", "Ended", "Errors", "Error rate", "p50", "p95", "In cool-down until"]}
          numbers={[2, 3, 4, 5, 6]}
          rows={list.flatMap(({ provider, account, health, models, simulated }) => [
            {
              key: provider,
              cells: [
                <strong key="name">{provider + (simulated ? " (simulator)" : "")}</strong>,
                account ?? "no key",
                ...figures(health),
                "",
              ],
            },
            ...models.map((model) => ({
              key: `${provider} ${model.model}`,
              cells: [
                model.model,
                "",
                ...figures(model),
                model.coolingUntil === null ? "" : <Time key="cools" at={model.coolingUntil} isShort />,
              ],
            })),
          ])}
        />
      )}
    </Loaded>
  );
}

function Balances({ client }: { client: Client }) {
  const balances = useData(() => client.providers.balances(), [client]);
  return (
    <Loaded data={balances}>
      {(list) => (
        <Table
          caption="Balances"
          head={["Provider", "Key", "Remaining", "Message"]}
          numbers={[2]}
          rows={list.map(({ provider, configured, available, remaining, currency, message }) => ({
            key: provider,
            cells: [
              provider,
              configured ? (available ? "accepted" : "not accepted") : "none",
              remaining === null ? "–" : `${count(remaining)} ${currency ?? ""}`,
              message ?? "",
            ],
          }))}
        />
      )}
    </Loaded>
  );
}

interface Figures {
  requests: number;
  errors: number;
  errorRate: number | null;
  p50LatencyMs: number | null;
  p95LatencyMs: number | null;
}

const figures = ({ requests, errors, errorRate, p50LatencyMs, p95LatencyMs }: Figures) => [
  count(requests),
  count(errors),
  percent(errorRate),
  duration(p50LatencyMs),
  duration(p95LatencyMs),
];
