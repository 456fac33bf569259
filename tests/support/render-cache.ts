/** Where all simulators of a test run keep their renders, for each other and for the next run. */
import { inRoot } from "../../scripts/lib/paths.mjs";

export const RENDER_CACHE_DIR = inRoot("node_modules/.cache/visgate/renders");
