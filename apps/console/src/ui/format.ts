/** How values are shown, each in one way: money to the cent, times in the viewer's zone. */

const DOLLARS = new Intl.NumberFormat(undefined, { style: "currency", currency: "USD" });
const EXACT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6, minimumFractionDigits: 2 });
const CLOCK = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const SHORT_CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const SHORT_DAY = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const COUNT = new Intl.NumberFormat();
const PERCENT = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const DAY_MS = 86_400_000;

const LEAST_USD = 0.01;

/** To the cent; what is less than a cent is not nothing. */
export const usd = (dollars: number): string =>
  dollars > 0 && dollars < LEAST_USD / 2 ? `< ${DOLLARS.format(LEAST_USD)}` : DOLLARS.format(dollars);
export const exactUsd = (dollars: number): string => `${EXACT.format(dollars)} USD`;
export const count = (value: number): string => COUNT.format(value);
export const percent = (share: number | null): string => (share === null ? "–" : PERCENT.format(share));

export const clock = (iso: string): string => CLOCK.format(new Date(iso));

/** With the day when it is not of the last day. */
export function shortClock(iso: string, now = Date.now()): string {
  const time = new Date(iso);
  return (now - time.getTime() < DAY_MS ? SHORT_CLOCK : SHORT_DAY).format(time);
}

export function duration(ms: number | null): string {
  if (ms === null) return "–";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 100) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 100 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${(minutes / 60).toFixed(1)} h`;
}

export const hasEnded = (status: string): boolean => status === "completed" || status === "failed";

/** `fell_back` → `Fell back` */
export function title(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
