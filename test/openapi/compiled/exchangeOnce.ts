/** One exchange with the environment's proxies, as a program: `exchangeOnce URL CA_FILE`. Prints JSON. */
import { Failure } from "../../../src/failure/failure.ts";
import { exchange } from "../../../src/openapi/transport.ts";
import { testRun } from "../../support/testRun.ts";

const [url = "", caFile = ""] = process.argv.slice(2);
const run = testRun({ env: process.env, config: caFile === "" ? {} : { tls: { caFile } } });

function print(result: object): void {
  console.log(run.secrets.redact(JSON.stringify(result)));
}

exchange(run, { method: "GET", url, headers: {}, timeoutMs: 3000, proxy: "environment" }).then(
  ({ status, body }) => print({ status, body }),
  (error: unknown) =>
    error instanceof Failure
      ? print({ code: error.code, message: error.message })
      : print({ bug: String(error) }),
);
