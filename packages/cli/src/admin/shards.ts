/** visgate admin shards: over which queues the jobs are spread, and what each of them holds. */
import { EXIT, type ExitCode } from "../errors/failure.js";
import { toApiNames } from "../screen/api-fields.js";
import type { AddCommand, Session } from "../session.js";
import { openAdmin } from "./gateway.js";

interface Shard {
  shard: string;
  waiting: number;
  active: number;
  delayed: number;
}

interface Shards {
  shards: number;
  otherNumbers: number[];
  queues: Record<string, Shard[]>;
}

const HEADER = ["SHARD", "WAITING", "ACTIVE", "ASLEEP"];
const MORE_HELP = `
QUEUE_SHARDS of the gateway says how many shards the jobs of a queue are spread over. After it has been changed, jobs
stay in the shards where they are, and all of them are read. Shards with the old number may end when they are empty.

Example:
  visgate admin shards`;

export const addShards: AddCommand = (admin, toAction) => {
  admin
    .command("shards")
    .description("show the shards of the queues, and what each of them holds")
    .option("-j, --json", "print the answer as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(shards));
};

async function shards(session: Session): Promise<ExitCode> {
  const { out, json } = session;
  const answer = await openAdmin(session)<Shards>({ method: "GET", path: "/shards" });
  if (json) {
    out.json(toApiNames(answer));
    return EXIT.ok;
  }
  const rows = Object.values(answer.queues).flatMap((all) =>
    all.map((one) => [one.shard, String(one.waiting), String(one.active), String(one.delayed)]),
  );
  await out.table(HEADER, rows, { whole: true });
  const others =
    answer.otherNumbers.length === 0 ? "" : ` Also in use since yesterday: ${answer.otherNumbers.join(", ")}.`;
  out.note(`New jobs of each queue go to ${answer.shards} ${answer.shards === 1 ? "shard" : "shards"}.${others}`);
  return EXIT.ok;
}
