/** The proxy in an Express application. */
import express from "express";
import { visgate } from "./visgate.mjs";

const app = express();
// Everybody who reaches this spends your money: put a session check before it, as the proxy's README shows.
app.all("/api/visgate/*path", visgate());
const server = app.listen(Number(process.env.PORT || 3000), "127.0.0.1", (error) => {
  if (error) throw error; // Express tells here that the port is taken
  console.log(`http://127.0.0.1:${server.address().port}`);
});
