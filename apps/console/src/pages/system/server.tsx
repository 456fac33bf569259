/** The parts of the gateway itself. */
import type { Diagnostics } from "@visgate_ai/client";
import { count } from "../../ui/format.js";
import { Empty, Facts, Section, Table, Time } from "../../ui/parts.js";

export function Queues({ queues }: Pick<Diagnostics, "queues">) {
  return (
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
  );
}

export function Workers({ workers }: Pick<Diagnostics, "workers">) {
  return (
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
  );
}

export function Server({ system: { version, accepting, redis } }: { system: Diagnostics }) {
  return (
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
  );
}
