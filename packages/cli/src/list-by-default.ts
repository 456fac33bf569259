import type { Command } from "commander";
import { UsageError } from "./errors/failure.js";

/**
 * Adds the command `list` to a group. It also runs when the group is called alone: `visgate keys`. Commander would take
 * an unknown command of the group for an argument of `list`, so the hook refuses it.
 */
export function listByDefault(group: Command): Command {
  return group
    .command("list", { isDefault: true })
    .allowExcessArguments()
    .hook("preAction", (_list, { args: [unknown] }) => {
      if (unknown === undefined) return;
      const known = group.commands.map((command) => command.name());
      throw new UsageError(`${group.name()} takes ${known.join(", ")}, not ${unknown}.`);
    });
}
