/** The option `--period` of a budget. */
import { Option } from "commander";

export const periodOption = (): Option =>
  new Option("--period <period>", "how often the budget renews").choices(["day", "month"]).default("month");
