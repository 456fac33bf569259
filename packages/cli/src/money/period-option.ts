/** The option `--period` of a budget. */
import { Option } from "commander";

export const periodOption = (): Option =>
  new Option("--period <period>", "when the budget begins again").choices(["day", "month"]).default("month");
