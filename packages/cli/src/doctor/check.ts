/** The result of one check. */

export type Level = "ok" | "warning" | "fault";

export interface Check {
  name: string;
  level: Level;
  /** What was found. */
  message: string;
  /** How to correct it; null when it is ok. */
  advice: string | null;
}

export const ok = (name: string, message: string): Check => ({ name, level: "ok", message, advice: null });
export const warning = (name: string, message: string, advice: string): Check => ({
  name,
  level: "warning",
  message,
  advice,
});
export const fault = (name: string, message: string, advice: string): Check => ({
  name,
  level: "fault",
  message,
  advice,
});
