/** Loads what a page shows, and loads it again when what it depends on changes. */
import { useEffect, useRef, useState } from "preact/hooks";
import { leaveIfRefused } from "../session.js";
import { isConnected } from "./connection.js";

export interface Data<T> {
  /** The newest value; it stays while a newer one loads. Null before the first. */
  value: T | null;
  error: Error | null;
  isLoading: boolean;
  reload: () => void;
}

/** `load` is called again when one of `inputs` has changed, and when the server answers again after an outage. */
export function useData<T>(load: () => Promise<T>, inputs: readonly unknown[]): Data<T> {
  const [state, setState] = useState<Omit<Data<T>, "reload">>({ value: null, error: null, isLoading: true });
  const [round, setRound] = useState(0);
  const newest = useRef(0);
  useEffect(() => {
    const mine = ++newest.current;
    const settle = (next: Partial<Data<T>>) => {
      if (mine === newest.current) setState((last) => ({ ...last, error: null, ...next, isLoading: false }));
    };
    setState((last) => ({ ...last, isLoading: true }));
    load().then(
      (value) => settle({ value }),
      (error: Error) => {
        leaveIfRefused(error);
        settle({ error });
      },
    );
    return () => {
      newest.current += 1;
    };
  }, [...inputs, round]);
  const reload = () => setRound((last) => last + 1);
  const hasFailed = state.error !== null;
  useEffect(() => {
    if (!hasFailed) return undefined;
    let wasConnected = isConnected.peek();
    return isConnected.subscribe((connected) => {
      if (connected && !wasConnected) reload();
      wasConnected = connected;
    });
  }, [hasFailed]);
  return { ...state, reload };
}

/** The value, once it has not changed for `ms`. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** An action of the user: whether it runs, and why it failed. */
export interface Action {
  run: () => Promise<void>;
  isRunning: boolean;
  error: Error | null;
}

export function useAction(act: () => Promise<unknown>): Action {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  async function run() {
    setRunning(true);
    setError(null);
    try {
      await act();
    } catch (thrown) {
      leaveIfRefused(thrown);
      setError(thrown as Error);
    } finally {
      setRunning(false);
    }
  }
  return { run, isRunning, error };
}
