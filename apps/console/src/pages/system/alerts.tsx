/** What is wrong now, and what was in the last day. */
import type { Client } from "@visgate_ai/client";
import { useData } from "../../data/use-data.js";
import { Empty, Facts, Loaded, Section, Time } from "../../ui/parts.js";

export function Alerts({ client, round }: { client: Client; round: number }) {
  const alerts = useData(() => client.alerts(), [client, round]);
  return (
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
  );
}
