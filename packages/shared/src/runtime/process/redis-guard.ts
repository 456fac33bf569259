/** Ends the process when this Redis would break our promise; otherwise says once what a 202 means with it. */

import type { SafetyVerdict } from "../../store/connection/safety.js";
import type { Logger } from "../log.js";

export function createVerdictHandler(log: Logger, allowUnsafe: boolean): (verdict: SafetyVerdict) => void {
  let said = "";
  return ({ safe, message }) => {
    if (!safe && !allowUnsafe) {
      log.fatal({ redis: message }, "unsafe Redis; ALLOW_UNSAFE_REDIS=true starts anyway");
      process.stderr.write(`${message} ALLOW_UNSAFE_REDIS=true starts anyway.\n`);
      process.exit(1);
    }
    if (message !== said) log[safe ? "info" : "warn"]({ redis: message }, "what a 202 means");
    said = message;
  };
}
