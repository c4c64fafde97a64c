import { describe, expect, test } from "bun:test";
import { head, said, validated } from "./support.ts";

/** [what, the config without its first two lines, the line and path and what the message must hold] */
type Case = [name: string, body: string, ...problems: [place: string, ...parts: string[]][]];

async function errorsOf(body: string): Promise<string[]> {
  return said((await validated(head + body)).errors);
}

function check(cases: Case[], textOf: (body: string) => Promise<string[]>): void {
  for (const [name, body, ...problems] of cases) {
    test(name, async () => {
      const found = await textOf(body);
      expect(found).toHaveLength(problems.length);
      problems.forEach(([place, ...parts], index) => {
        expect(found[index]).toStartWith(`${place}: `);
        for (const part of parts) expect(found[index]).toContain(part);
      });
    });
  }
}

describe("what the schema refuses", () => {
  check(
    [
      ["an unknown key", "netwok: vpc\n", ["3 netwok", "unknown key", "did you mean network?"]],
      [
        "an unknown key in an entry",
        "registries:\n  - instanceId: cri-a\n  # one\n  - instanceld: cri-b\n",
        [
          "6 registries[1].instanceld",
          "did you mean instanceId?",
          "known: instanceId, instanceName, regionId",
        ],
      ],
      [
        "an unknown key far from all others",
        "registries:\n  - zzz: 1\n",
        ["4 registries[0].zzz", "unknown key (known: "],
      ],
      ["a wrong type", "registries: cri-a\n", ["3 registries", "must be a list, not text"]],
      [
        "a number for a text that has a form",
        "defaultRegion: 5\n",
        ["3 defaultRegion", "must be a region ID such as cn-hangzhou, not the number 5"],
      ],
      [
        "a number for a duration, which quotes would not make one",
        "expiringThreshold: 15\n",
        ["3 expiringThreshold", "must be a Go duration such as 90s, 15m or 1h30m, not the number 15"],
      ],
      [
        "a number for a text that quotes do make one",
        assume("externalId: 1234"),
        ["5 identity.assumeRoles[0].externalId", "not the number 1234 (quote it to make it text)"],
      ],
      [
        "a key at the wrong level",
        "instanceId: cri-a\n",
        ["3 instanceId", "unknown key; it belongs to registries[]"],
      ],
      ["a key of a section at the top", "total: 20s\n", ["3 total", "unknown key; it belongs to timeouts"]],
      ["an empty value", "identity:\n", ["3 identity", "must be a mapping, not empty"]],
      [
        "a text for a number",
        assume("durationSeconds: long"),
        ["5 identity.assumeRoles[0].durationSeconds", "a whole number"],
      ],
      [
        "a number out of range",
        assume("durationSeconds: 60"),
        ["5 identity.assumeRoles[0].durationSeconds", "at least 900"],
      ],
      [
        "a value that is not among the possible ones",
        "network: intern\n",
        ["3 network", "auto, vpc, public", '"intern"'],
      ],
      [
        "a log level that no run has",
        "log: {level: debug}\n",
        ["3 log.level", "info, warn, error", '"debug"'],
      ],
      [
        "a source that is nearly one",
        "identity: {source: ecsRamRol}\n",
        ["3 identity.source", "did you mean ecsRamRole?"],
      ],
      [
        "a wrong instance ID",
        "registries: [{instanceId: corp}]\n",
        ["3 registries[0].instanceId", "cri-abc123", '"corp"'],
      ],
      ["a wrong region", "defaultRegion: Hangzhou\n", ["3 defaultRegion", "cn-hangzhou"]],
      [
        "a wrong ARN",
        "identity: {assumeRoles: [{roleArn: b}]}\n",
        ["3 identity.assumeRoles[0].roleArn", "acs:ram::"],
      ],
      [
        "a missing key",
        "registries: [{fixedCredentials: {}}]\n",
        ["3 registries[0].fixedCredentials.directory", "is missing"],
      ],
      ["a relative path", "cache: {directory: run}\n", ["3 cache.directory", "an absolute path"]],
      ["not a duration", "expiringThreshold: 15 minutes\n", ["3 expiringThreshold", "15m"]],
      ["not a size", "log: {maxSize: 10MB}\n", ["3 log.maxSize", "10MiB"]],
      [
        "an empty list of domains",
        "registries: [{domains: []}]\n",
        ["3 registries[0].domains", "must not be empty"],
      ],
      [
        "an alias that contains itself",
        "registries: &all\n  - *all\n",
        ["4 registries[0]", "must be a mapping"],
      ],
      [
        "several at once, also in what the schema accepts",
        "registries:\n  - instanceId: x\n  - domains: '*.example.com'\ntimeouts: {total: 0s, request: 0s}\nnetwork: 1\n",
        ["4 registries[0].instanceId"],
        ["7 network"],
        ["6 timeouts.total", "more than 0s"],
        ["6 timeouts.request", "more than 0s"],
        ["5 registries[1].domains", "wildcards"],
      ],
    ],
    errorsOf,
  );

  test("without apiVersion and kind the message says what to write", async () => {
    const { errors } = await validated("registries: []\n");
    expect(said(errors)).toEqual([
      '1 apiVersion: is missing; write "apiVersion: aliyun-acr-credential-provider/v1"',
      '1 kind: is missing; write "kind: ProviderConfig"',
    ]);
  });

  test("another version is named", async () => {
    const { errors } = await validated(
      "apiVersion: aliyun-acr-credential-provider/v2\nkind: ProviderConfig\n",
    );
    expect(said(errors)).toEqual([
      '1 apiVersion: must be aliyun-acr-credential-provider/v1, not "aliyun-acr-credential-provider/v2"',
    ]);
  });
});

function assume(line: string): string {
  return `identity:\n  assumeRoles:\n    - {roleArn: "acs:ram::1987654321098765:role/b", ${line}}\n`;
}

const id = "acs:ram::1987654321098765:oidc-provider/p";
const role = "acs:ram::1987654321098765:role/r";

describe("what the schema alone cannot refuse", () => {
  check(
    [
      [
        "two entries that claim one host",
        "registries:\n  - {instanceId: cri-a, domains: A.com}\n  - {instanceId: cri-b, domains: [b.com, 'a.com:443']}\n",
        ["5 registries[1].domains", "a.com is claimed by registries[0]"],
      ],
      [
        "two Personal entries of one region",
        "registries: [{regionId: cn-beijing}, {instanceId: '', regionId: cn-beijing}]\n",
        ["3 registries[1]", "Personal Edition of cn-beijing", "registries[0]"],
      ],
      [
        "two entries of one instance name",
        "registries:\n  - {instanceId: cri-a, instanceName: corp}\n  - {instanceId: cri-b, instanceName: Corp}\n",
        ["5 registries[1].instanceName", "corp is claimed by registries[0]"],
      ],
      [
        "one instance twice",
        "registries: [{instanceId: cri-a}, {instanceId: cri-a}]\n",
        ["3 registries[1]", "cri-a is claimed"],
      ],
      [
        "a name without ID",
        "registries: [{instanceName: corp}]\n",
        ["3 registries[0].instanceName", "add its instanceId"],
      ],
      [
        "fixed credentials for no host",
        "registries: [{fixedCredentials: {directory: /x}}]\n",
        ["3 registries[0].fixedCredentials", "needs domains"],
      ],
      [
        "a host of another region",
        "registries: [{instanceId: cri-a, regionId: cn-beijing, domains: [corp-registry.cn-hangzhou.cr.aliyuncs.com]}]\n",
        ["3 registries[0].domains[0]", "a host of cn-hangzhou, but regionId is cn-beijing"],
      ],
      [
        "a domain with scheme",
        "registries: [{domains: ['https://a.com']}]\n",
        ["3 registries[0].domains[0]", "leave out the scheme"],
      ],
      [
        "a domain with path",
        "registries: [{domains: [a.com/ns]}]\n",
        ["3 registries[0].domains[0]", "leave out the path"],
      ],
      [
        "a domain with user",
        "registries: [{domains: ['u@a.com']}]\n",
        ["3 registries[0].domains[0]", "leave out the user"],
      ],
      [
        "a domain with a dot at the end",
        "registries: [{domains: [a.com.]}]\n",
        ["3 registries[0].domains[0]", "dot at the end"],
      ],
      [
        "a domain with a wrong port",
        "registries: [{domains: ['a.com:99999']}]\n",
        ["3 registries[0].domains[0]", "1 to 65535"],
      ],
      [
        "a domain with a Kelvin sign",
        "registries: [{domains: ['\u212a.example.com']}]\n",
        ["3 registries[0].domains[0]", "xn--"],
      ],
      [
        "an international domain",
        "registries: [{domains: [bücher.example]}]\n",
        ["3 registries[0].domains[0]", "xn--"],
      ],
      [
        "quotes inside the domains",
        'registries: [{domains: \'"a.com","b.com"\'}]\n',
        ["3 registries[0].domains", 'domains: "xxx.com,yyy.com"'],
        ["3 registries[0].domains", "quotes inside"],
      ],
      ["no domain at all", "registries: [{domains: ' , '}]\n", ["3 registries[0].domains", "names no host"]],
      ["a total of more than 55 s", "timeouts: {total: 56s}\n", ["3 timeouts.total", "at most 55s"]],
      [
        "a request that takes longer than all",
        "timeouts: {total: 3s}\n",
        ["3 timeouts.request", "at most timeouts.total, which is 3s"],
      ],
      ["a threshold of nothing", "expiringThreshold: 0s\n", ["3 expiringThreshold", "more than 0s"]],
      [
        "plain HTTP to elsewhere",
        "endpoints: {acr: 'http://cr.example.com'}\n",
        ["3 endpoints.acr", "in the clear"],
      ],
      [
        "plain HTTP to the metadata service for another",
        "endpoints: {sts: 'http://100.100.100.200'}\n",
        ["3 endpoints.sts", "in the clear"],
      ],
      [
        "an endpoint with a path",
        "endpoints: {acr: 'https://cr.example.com/v1'}\n",
        ["3 endpoints.acr", "has a path or query"],
      ],
      [
        "an endpoint with a user",
        "endpoints: {acr: 'https://u:p@cr.example.com'}\n",
        ["3 endpoints.acr", "user name or password"],
      ],
      [
        "an endpoint of another scheme",
        "endpoints: {acr: 'ftp://cr.example.com'}\n",
        ["3 endpoints.acr", "scheme must be https"],
      ],
      ["not an endpoint", "endpoints: {acr: 'not a host'}\n", ["3 endpoints.acr", "is not an endpoint"]],
      [
        "an AccessKey without source",
        "identity: {accessKeyId: a, accessKeySecret: b}\n",
        ["3 identity.accessKeyId", "source auto (the default)", "belongs to source: accessKey"],
        ["3 identity.accessKeySecret"],
      ],
      [
        "half an AccessKey",
        "identity: {source: accessKey, accessKeyId: a}\n",
        ["3 identity", "needs accessKeyId and accessKeySecret, or a directory"],
      ],
      [
        "an AccessKey here and in a directory",
        "identity: {source: accessKey, directory: /k, accessKeyId: a}\n",
        ["3 identity.directory", "either directory or accessKeyId"],
      ],
      [
        "a role for an AccessKey",
        `identity: {source: accessKey, directory: /k, roleArn: "${role}"}\n`,
        ["3 identity.roleArn", "belongs to source: serviceAccountToken and source: oidcTokenFile"],
      ],
      [
        "a token's exchange without role",
        `identity: {source: serviceAccountToken, oidcProviderArn: "${id}"}\n`,
        ["3 identity", "needs roleArn"],
      ],
      [
        "a token file without file",
        `identity: {source: oidcTokenFile, roleArn: "${role}", oidcProviderArn: "${id}"}\n`,
        ["3 identity", "needs path"],
      ],
      [
        "a fallback that needs a token too",
        `identity: {source: serviceAccountToken, roleArn: "${role}", oidcProviderArn: "${id}", fallback: {source: serviceAccountToken}}\n`,
        ["3 identity.fallback.source", "name another source"],
      ],
      [
        "a fallback that lacks what its source needs",
        `identity: {source: serviceAccountToken, roleArn: "${role}", oidcProviderArn: "${id}", fallback: {source: accessKey}}\n`,
        ["3 identity.fallback", "needs accessKeyId"],
      ],
      [
        "a credentials URI that is not one",
        "identity: {source: credentialsUri, uri: 'file:///x'}\n",
        ["3 identity.uri", "http:// or https://"],
      ],
      ["no credentials URI", "identity: {source: credentialsUri}\n", ["3 identity", "needs uri"]],
      [
        "credentials in the clear",
        "identity: {source: credentialsUri, uri: 'http://10.0.0.1/'}\n",
        ["3 identity.uri", "in the clear"],
      ],
      [
        "a password in a credentials URI",
        "identity: {source: credentialsUri, uri: 'https://u:p@example.com/'}\n",
        ["3 identity.uri", "user name or password"],
      ],
    ],
    errorsOf,
  );
});

describe("what is a warning only", () => {
  check(
    [
      ["access that restricts", "access: {namespaces: [apps]}\n", ["3 access", "tokenAttributes"]],
      [
        "annotations",
        "serviceAccountAnnotations: {enabled: true}\n",
        ["3 serviceAccountAnnotations", "tokenAttributes"],
      ],
      [
        "roles that no service account may name",
        `serviceAccountAnnotations: {allowedRoleArns: ["${role}"]}\n`,
        ["3 serviceAccountAnnotations.allowedRoleArns", "no effect"],
      ],
      [
        "a glob for every role",
        "serviceAccountAnnotations: {enabled: true, allowedRoleArns: ['acs:ram::*:role/*']}\n",
        ["3 serviceAccountAnnotations", "tokenAttributes"],
        ["3 serviceAccountAnnotations.allowedRoleArns[0]", "allows every role"],
      ],
      ["a threshold beyond half a token", "expiringThreshold: 45m\n", ["3 expiringThreshold", "acts as 30m"]],
      [
        "a region that is nearly one",
        "defaultRegion: cn-hangzou\n",
        ["3 defaultRegion", "did you mean cn-hangzhou?"],
      ],
      [
        "a registry of someone else",
        "registries: [{instanceId: cri-a, domains: [docker.io]}]\n",
        ["3 registries[0].domains[0]", "would get the ACR token"],
      ],
      [
        "an identity for fixed credentials",
        "registries: [{domains: [a.com], fixedCredentials: {directory: /x}, identity: {}}]\n",
        ["3 registries[0].identity", "no effect"],
      ],
      [
        "no fallback",
        `identity: {source: serviceAccountToken, roleArn: "${role}", oidcProviderArn: "${id}"}\n`,
        ["3 identity", "static pods"],
      ],
    ],
    async (body) => {
      const { errors, warnings } = await validated(head + body);
      expect(errors).toEqual([]);
      return said(warnings);
    },
  );

  test.each([
    "http://127.0.0.1:8080/x",
    "http://localhost/",
    "http://100.100.100.200/x",
    "https://10.0.0.1/",
  ])("credentials from %s are fine", async (uri) => {
    const { errors, warnings } = await validated(
      `${head}identity: {source: credentialsUri, uri: "${uri}"}\n`,
    );
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
  });

  test("the role may come from annotations when they are enabled", async () => {
    const body = `identity: {source: serviceAccountToken, oidcProviderArn: "${id}"}\nserviceAccountAnnotations: {enabled: true}\n`;
    expect(await errorsOf(body)).toEqual([]);
  });
});
