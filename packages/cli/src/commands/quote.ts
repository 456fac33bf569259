/** visgate quote: what a video would cost, and how long it would take. */
import { EXIT, type ExitCode } from "../errors/failure.js";
import { readPrompt } from "../generate/inputs.js";
import { addVideoOptions, promptOf, type VideoFlags, videoOptions } from "../generate/video-options.js";
import { quoteRows } from "../money/rows.js";
import { toApiNames } from "../screen/api-fields.js";
import { usd } from "../screen/text.js";
import type { AddCommand, Session } from "../session.js";

const MORE_HELP = `
Takes the same inputs as visgate generate. Nothing is submitted, set aside or spent. would_be_accepted says whether
every budget that applies has room for the video. --quiet prints only the cost.

Examples:
  visgate quote "a bird flying over the sea" --duration 8
  visgate quote "the camera pulls back" -m MODEL --image photo.jpg
  visgate quote "rain" --json | jq .cost_usd`;

export const addQuote: AddCommand = (program, toAction) => {
  addVideoOptions(program.command("quote").description("show what a video would cost, without generating it"))
    .option("-j, --json", "print it as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(quote));
};

async function quote(session: Session, argument: string | undefined, flags: VideoFlags): Promise<ExitCode> {
  const { io, out, json, quiet } = session;
  const given = promptOf(argument, flags, "quote");
  const options = await videoOptions(flags);
  const prompt = given === "-" ? await readPrompt(io) : given;
  const answer = await session.createClient().quotes.create(flags.model, prompt, options);
  if (json) out.json(toApiNames(answer));
  else if (quiet) out.line(answer.costUsd === null ? "not known" : usd(answer.costUsd));
  else await out.table(["FIELD", "VALUE"], quoteRows(answer), { whole: true });
  return EXIT.ok;
}
