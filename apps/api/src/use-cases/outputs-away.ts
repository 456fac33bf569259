/** The answer while the output store cannot take files: a render would be paid for, and could not be stored. */
import { VisgateError } from "@visgate/shared/errors";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";

export const outputsAway = () =>
  new VisgateError(
    "UNAVAILABLE",
    "This server cannot store media now. Nothing was accepted; send the same call later.",
  );

/** Not for a result from the cache, nor for a request that gets its output from an equal one in flight. */
export const willStoreOutput = ({ copyOutput, status, cache }: RequestRecord): boolean =>
  copyOutput && !isTerminal(status) && cache.leaderId === null;
