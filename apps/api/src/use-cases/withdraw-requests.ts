/**
 * Withdraws requests whose callers got a 503 because the answer of the accepting script was lost. It tries until Redis
 * answers. Meanwhile no worker starts them: none was passed on to them, and the sweeper waits half a minute
 * (postpone_orphan.lua).
 */
import type { Producer } from "@visgate/shared/queue";
import type { Logger } from "@visgate/shared/runtime";
import type { AcceptCommand, Store } from "@visgate/shared/store";

const RETRY_MS = 200;
/** More than the time after which the accepting script accepts nothing any more. */
const ARRIVES_WITHIN_MS = 2000;

type Withdrawn = Pick<AcceptCommand, "record" | "idempotency">;

export interface Withdrawals {
  add(command: Withdrawn): void;
  /** Resolves when no withdrawal is pending. */
  settled(): Promise<void>;
}

export interface WithdrawalOptions {
  store: { requests: Pick<Store["requests"], "withdraw"> };
  producer: Pick<Producer, "wakeRequest" | "nudge">;
  /** Milliseconds of a clock that never goes back. */
  monotonicNow: () => number;
  log: Logger;
}

export function createWithdrawals({ store, producer, monotonicNow, log }: WithdrawalOptions): Withdrawals {
  const open = new Set<Promise<void>>();

  async function withdraw(command: Withdrawn): Promise<void> {
    const { organization, id, provider } = command.record;
    const began = monotonicNow();
    for (;;) {
      const followers = await store.requests.withdraw(command).catch(() => null);
      if (followers !== null) await wakeAll(provider, organization, followers);
      // Over the lost connection, the script may arrive after a first withdrawal and still be in time.
      if (followers !== null && monotonicNow() - began > ARRIVES_WITHIN_MS) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      log.debug({ requestId: id }, "a withdrawal is tried again");
    }
  }

  /** The followers of a withdrawn request need another leader. */
  async function wakeAll(provider: string, organization: string, followers: string[]): Promise<void> {
    for (const id of followers) {
      await producer.wakeRequest(provider, { organization, id });
      await producer.nudge(provider, id);
    }
  }

  return {
    add({ record, idempotency }) {
      const withdrawing = withdraw({ record, idempotency })
        .catch((error) =>
          log.warn({ err: error, requestId: record.id }, "the followers of a withdrawn request were not woken"),
        )
        .finally(() => open.delete(withdrawing));
      open.add(withdrawing);
    },
    async settled() {
      await Promise.all(open);
    },
  };
}
