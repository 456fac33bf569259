/** Prints an error of the SDK or of the system that nobody caught as one line, without a stack trace. */
import { VisgateError } from "@visgate_ai/client";

process.on("uncaughtException", (error) => {
  const isExpected = error instanceof VisgateError || "syscall" in error;
  console.error(isExpected ? `${error.name}: ${error.message}` : error);
  process.exit(1);
});
