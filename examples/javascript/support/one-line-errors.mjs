/** Prints an error of the SDK that nobody caught as one line, without a stack trace. */
import { VisgateError } from "@visgate_ai/client";

process.on("uncaughtException", (error) => {
  console.error(error instanceof VisgateError ? `${error.name}: ${error.message}` : error);
  process.exit(1);
});
