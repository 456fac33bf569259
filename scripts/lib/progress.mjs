/**
 * Shows the progress of work on the terminal.
 * @typedef {{
 *   step: <T>(title: string, work: (note: (text: string) => void) => Promise<T>) => Promise<T>,
 *   line: (text: string) => void,
 * }} Report
 */

const FRAMES = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];
const CLEAR_LINE = "\r\x1b[2K";

/** For tests and libraries: prints nothing. @type {Report} */
export const silent = { step: (_title, work) => work(() => {}), line: () => {} };

/**
 * A spinner with the elapsed seconds on a terminal, plain lines elsewhere.
 * @param {NodeJS.WriteStream} [stream]
 * @returns {Report}
 */
export function createReport(stream = process.stdout) {
  return stream.isTTY ? spinning(stream) : plainReport(stream);
}

/**
 * Lines only, also on a terminal: for work beside which another program prints.
 * @param {NodeJS.WritableStream} [stream]
 * @returns {Report}
 */
export function plainReport(stream = process.stdout) {
  const line = (/** @type {string} */ text) => void stream.write(`${text}\n`);
  return {
    line,
    async step(title, work) {
      line(`… ${title}`);
      const seconds = stopwatch();
      const result = await work((text) => line(`  ${text}`));
      line(`✓ ${title} (${seconds()} s)`);
      return result;
    },
  };
}

/** @param {NodeJS.WriteStream} stream @returns {Report} */
function spinning(stream) {
  /** @type {string | undefined} the text of the spinner's line now */
  let status;
  let frame = 0;
  const draw = () => {
    if (status === undefined) return;
    frame = (frame + 1) % FRAMES.length;
    stream.write(`${CLEAR_LINE}${FRAMES[frame]} ${status}`.slice(0, CLEAR_LINE.length + (stream.columns || 80) - 1));
  };
  const line = (/** @type {string} */ text) => {
    stream.write(`${status === undefined ? "" : CLEAR_LINE}${text}\n`);
    draw();
  };
  return {
    line,
    async step(title, work) {
      const seconds = stopwatch();
      let note = "";
      const refresh = () => {
        status = `${title} ${seconds()} s${note}`;
        draw();
      };
      const timer = setInterval(refresh, 100);
      refresh();
      try {
        const result = await work((text) => (note = ` · ${text}`));
        stream.write(`${CLEAR_LINE}✓ ${title} (${seconds()} s)\n`);
        return result;
      } catch (error) {
        stream.write(`${CLEAR_LINE}✗ ${title}\n`);
        throw error;
      } finally {
        clearInterval(timer);
        status = undefined;
      }
    },
  };
}

/** Returns a function that reports the seconds since this call, with one decimal. */
function stopwatch() {
  const startedMs = performance.now();
  return () => ((performance.now() - startedMs) / 1000).toFixed(1);
}
