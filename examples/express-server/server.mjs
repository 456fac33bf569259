/** The proxy in an Express application. */
import express from "express";
import { visgate } from "./visgate.mjs";

const app = express();
// Every visitor of this route spends your money: add a session check first, as the proxy's README shows.
app.all("/api/visgate/*path", visgate());
const server = app.listen(Number(process.env.PORT || 3000), "127.0.0.1", (error) => {
  if (error) throw error; // for example when the port is already in use
  console.log(`http://127.0.0.1:${server.address().port}`);
});
