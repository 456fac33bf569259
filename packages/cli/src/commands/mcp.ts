/** visgate mcp: the gateway as tools for AI assistants. */
import { EXIT, type ExitCode } from "../errors/failure.js";
import type { AddCommand, Session } from "../session.js";

const MORE_HELP = `
An assistant such as Claude Desktop, Claude Code, Cursor or VS Code starts this command and speaks the Model Context
Protocol with it over stdin and stdout. Its tools: generate_video, generate_image, get_request, list_requests,
cancel_request, list_models and quote. Messages for you go to stderr. The command ends when stdin is closed.

The API key and the URL come from VISGATE_API_KEY and VISGATE_BASE_URL, which the configuration of the assistant sets.

Example:
  claude mcp add visgate -e VISGATE_API_KEY=vg-... -e VISGATE_BASE_URL=http://127.0.0.1:8787 -- visgate mcp`;

export const addMcp: AddCommand = (program, toAction) => {
  program
    .command("mcp")
    .description("serve the gateway to AI assistants (Model Context Protocol over stdio)")
    .addHelpText("after", MORE_HELP)
    .action(toAction(mcp));
};

async function mcp(session: Session): Promise<ExitCode> {
  // Loaded only here: the SDK of the protocol takes longer to load than all the rest of the program.
  const { serveMcp } = await import("../mcp/serve.js");
  await serveMcp(session);
  return EXIT.ok;
}
