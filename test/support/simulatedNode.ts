import { afterAll, afterEach, beforeAll, beforeEach, expect } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { type Cloud, type CloudOptions, startCloud } from "../cloud/cloud.ts";
import { type TestNode, testNode } from "./node.ts";

export interface SimulatedNode {
  readonly cloud: Cloud;
  readonly node: TestNode;
}

/**
 * For the tests of a file: one simulated cloud, which forgets requests and faults before each test, and for each test
 * a node of its own with this config. After each test the log is searched for every secret of the cloud, and the
 * cloud's own record for what no honest client does.
 */
export function useSimulatedNode(
  native: Record<string, unknown> = {},
  options: CloudOptions = {},
): SimulatedNode {
  let cloud: Cloud;
  let node: TestNode;
  beforeAll(async () => {
    cloud = await startCloud(options);
  });
  beforeEach(() => {
    cloud.reset();
    node = testNode(cloud, native);
  });
  afterEach(() => {
    try {
      expect(cloud.violations).toEqual([]);
      const logged = existsSync(node.logFile) ? readFileSync(node.logFile, "utf8") : "";
      for (const secret of cloud.secrets) expect(logged).not.toContain(secret);
    } finally {
      node.remove();
    }
  });
  afterAll(() => cloud.stop());
  return {
    get cloud() {
      return cloud;
    },
    get node() {
      return node;
    },
  };
}
