/**
 * Takes back requests whose callers were told that nothing was accepted while the answer of the accepting script was
 * lost. Tried until Redis answers. Meanwhile no worker starts them: their wake-ups were never sent, and the sweeper
 * waits half a minute (postpone_orphan.lua).
 */

import type { Producer } from "@visgate/shared/queue";
import type { Logger } from "@visgate/shared/runtime";
import type { AcceptCommand, Store } from "@visgate/shared/store";

const RETRY_MS = 200;
/** Longer than the accepting script has until it accepts nothing any more. */
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
  /** Milliseconds on a clock that only goes forward. */
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
      // The script may arrive after a first withdrawal, over the connection that was lost, and still be in time.
      if (followers !== null && monotonicNow() - began > ARRIVES_WITHIN_MS) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      log.debug({ requestId: id }, "a withdrawal is tried again");
    }
  }

  /** Followers of a withdrawn request need another leader. */
  async function wakeAll(provider: string, organization: string, followers: string[]): Promise<void> {
    for (const id of followers) {
      await producer.wakeRequest(provider, { organization, id });
      await producer.nudge(provider, id);
    }
  }

  return {
    add({ record, idempotency }) {
      const withdrawing = withdraw({ record, idempotency })
        .catch((error) => log.warn({ err: error, requestId: record.id }, "followers of a withdrawn request wait"))
        .finally(() => open.delete(withdrawing));
      open.add(withdrawing);
    },
    async settled() {
      await Promise.all(open);
    },
  };
}
