/** The organizations of the server, for its operator. */
import type { Admin } from "../data/admin.js";
import { useData } from "../data/use-data.js";
import { Empty, Loaded, Section, Table, Time } from "../ui/parts.js";

export function OrganizationsPage({ admin }: { admin: Admin }) {
  const data = useData(() => admin.organizations(), [admin]);
  return (
    <>
      <h1>Organizations</h1>
      <Loaded data={data}>
        {(organizations) =>
          organizations.length === 0 ? (
            <Empty>There is no organization yet: POST /admin/organizations creates one.</Empty>
          ) : (
            <Section title="All organizations">
              <Table
                caption="Organizations"
                head={["Name", "Id", "Created", "Time zone", "Weight", "Calls a minute", "In flight", "Open"]}
                numbers={[4, 5, 6, 7]}
                rows={organizations.map((one) => ({
                  key: one.id,
                  cells: [
                    one.name,
                    <code key="id">{one.id}</code>,
                    <Time key="at" at={one.created_at} />,
                    one.time_zone,
                    one.weight,
                    one.requests_per_minute ?? "no limit",
                    one.max_in_flight ?? "no limit",
                    one.max_open ?? "no limit",
                  ],
                }))}
              />
            </Section>
          )
        }
      </Loaded>
    </>
  );
}
