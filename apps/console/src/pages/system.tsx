/** How the server is doing: alerts, Redis, queues, workers, providers. */
import { useEffect, useState } from "preact/hooks";
import { useData } from "../data/use-data.js";
import { count, duration, percent } from "../ui/format.js";
import { Empty, Facts, Loaded, Section, Table, Time } from "../ui/parts.js";
import type { OrganizationSession } from "./session-props.js";

const EVERY_MS = 5000;

export function SystemPage({ client }: OrganizationSession) {
  const round = useRound(EVERY_MS);
  const system = useData(() => client.diagnostics(), [client, round]);
  const providers = useData(() => client.providers.list(), [client, round]);
  const alerts = useData(() => client.alerts(), [client, round]);
  const balances = useData(() => client.providers.balances(), [client]);
  return (
    <>
      <h1>System</h1>
      <Section title="Alerts">
        <Loaded data={alerts}>
          {(list) =>
            list.length === 0 ? (
              <Empty>There is no alert, and there was none in the last day.</Empty>
            ) : (
              <ul class="cards">
                {list.map(({ id, kind, subject, message, since, endedAt }) => (
                  <li key={id} class={endedAt === null ? "alert" : ""}>
                    <strong>{message}</strong>
                    <Facts
                      facts={[
                        ["Kind", kind.replaceAll("_", " ")],
                        ["Subject", subject],
                        ["Since", <Time key="since" at={since} />],
                        ["Ended", endedAt === null ? "not yet" : <Time key="ended" at={endedAt} />],
                      ]}
                    />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Section>
      <Section title="Providers">
        <Loaded data={providers}>
          {(list) => (
            <Table
              caption="Providers in the last ten minutes"
              head={[
                "Provider or model",
                "Account",
                "Ended",
                "Errors",
                "Error rate",
                "p50",
                "p95",
                "In cool-down until",
              ]}
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
      </Section>
      <Loaded data={system}>
        {({ version, accepting, redis, queues, workers }) => (
          <>
            <Section title="Queues">
              <Table
                caption="Queues"
                head={["Queue", "Waiting", "Active", "Sleeping", "Workers"]}
                numbers={[1, 2, 3, 4]}
                rows={Object.entries(queues).map(([name, queue]) => ({
                  key: name,
                  cells: [name, count(queue.waiting), count(queue.active), count(queue.delayed), queue.workers ?? "–"],
                }))}
              />
            </Section>
            <Section title="Workers">
              {workers.length === 0 ? (
                <Empty>No worker runs: requests wait until one starts.</Empty>
              ) : (
                <Table
                  caption="Workers"
                  head={["Worker", "Host", "Version", "Started", "In flight", "Queues"]}
                  numbers={[4]}
                  rows={workers.map(({ id, host, version: of, startedAt, inFlight, queues: names }) => ({
                    key: id,
                    cells: [
                      <code key="id">{id}</code>,
                      host ?? "–",
                      of ?? "–",
                      startedAt === null ? "–" : <Time key="started" at={startedAt} isShort />,
                      inFlight ?? "–",
                      names.join(", "),
                    ],
                  }))}
                />
              )}
            </Section>
            <Section title="Server">
              <Facts
                facts={[
                  ["Version", version],
                  ["Accepts generations", accepting ? "yes" : "no"],
                  ["Redis", redis.version],
                  ["Redis settings are safe", redis.safe ? "yes" : "no"],
                  ["What a 202 means", redis.message],
                ]}
              />
            </Section>
          </>
        )}
      </Loaded>
    </>
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

/** Counts up while the tab is shown. */
function useRound(ms: number): number {
  const [round, setRound] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && setRound((last) => last + 1), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return round;
}
