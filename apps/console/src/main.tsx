/** Starts the console. */
import { render } from "preact";
import { App } from "./app.js";
import { startSession } from "./session.js";

startSession();
const root = document.getElementById("console");
if (root !== null) render(<App />, root);
