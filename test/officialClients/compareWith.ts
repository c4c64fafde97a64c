import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import { knownDifferences } from "./knownDifferences.ts";
import { callWith, type OfficialClient } from "./officialClient.ts";
import { ownRequests } from "./ownRequests.ts";
import { differingFields, type RequestFields, requestFields } from "./requestFields.ts";

/** Hosts that docker-credential-acr-helper asks, besides those of every certificate of the cloud. */
const hosts = ["cr.cn-hangzhou.aliyuncs.com", "sts.aliyuncs.com"];

/** The one call of an official client that breaks a rule that this program keeps. */
const isOidcOfSdk = (client: string, operation: string) =>
  /sts-?20150401$/.test(client) && operation === "AssumeRoleWithOIDC";

/**
 * For each client and operation, a test that the simulated cloud serves the client, and that its request and the one of
 * the built executable differ in the known fields and in no other.
 */
export function compareWith(clients: readonly OfficialClient[]): void {
  let cloud: Cloud;
  let ours: ReadonlyMap<string, RequestFields>;
  beforeAll(async () => {
    cloud = await startCloud({ listen: { api: "127.0.0.1:0" }, hosts });
    ours = await ownRequests(cloud);
  }, 60_000);
  afterAll(() => cloud.stop());

  for (const client of clients) {
    test.each([...client.operations])(`${client.name}: %s`, async (operation) => {
      const { status, stderr } = await callWith(client, cloud, operation);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const [record] = cloud.calls(operation);
      expect(record?.status).toBe(200);
      expect(cloud.violations).toEqual(
        isOidcOfSdk(client.name, operation) ? ["AssumeRoleWithOIDC: OIDCToken in the query"] : [],
      );
      const own = ours.get(operation) as RequestFields;
      const theirs = record === undefined ? {} : requestFields(record);
      expect(differingFields(own, theirs)).toEqual(knownDifferences(client.name, operation));
    });
  }
}
