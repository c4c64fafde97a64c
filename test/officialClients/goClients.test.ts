import { describe } from "bun:test";
import { compareWith } from "./compareWith.ts";
import { goClients } from "./goClients.ts";

describe.skipIf(!process.env.ACR_TEST_KUBELET)("clients in Go (npm run test:kubelet builds them)", () => {
  compareWith(goClients);
});
