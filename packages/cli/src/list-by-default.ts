import type { Command } from "commander";
import { UsageError } from "./errors/failure.js";

/**
 * The command `list` of a group, which runs also when the group is called alone: `visgate keys`. Commander would take an
 * unknown command of the group for an argument of `list`.
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
