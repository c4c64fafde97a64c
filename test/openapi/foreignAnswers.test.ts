import { expect, test } from "bun:test";
import fc from "fast-check";
import { Failure } from "../../src/failure/failure.ts";
import { callOpenApi } from "../../src/openapi/call.ts";
import { parseJsonObject } from "../../src/text/json.ts";
import { testRun } from "../support/testRun.ts";

const header = fc.stringMatching(/^[\x20-\x7e]{0,20}$/);
const text = fc.oneof(
  fc.string(),
  fc.constantFrom("Throttling.User", "NoPermission", "a\r\nb", "\u2028", "x".repeat(5000)),
);
const errorBody = fc
  .record(
    { Code: text, code: text, Message: text, message: text, RequestId: text, IsSuccess: fc.boolean() },
    { requiredKeys: [] },
  )
  .map((body) => JSON.stringify(body));
const answer = fc.record({
  status: fc.constantFrom(200, 201, 204, 301, 302, 400, 403, 404, 418, 429, 500, 503, 599),
  body: fc.oneof(
    errorBody,
    fc.json(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("", "null", "[", '{"a":'),
  ),
  headers: fc.dictionary(
    fc.constantFrom(
      "retry-after",
      "x-acs-retry-after",
      "date",
      "content-encoding",
      "x-acs-request-id",
      "location",
    ),
    header,
  ),
});

test("whatever an endpoint answers: an object or a Failure, in one line, after at most 4 attempts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 5 }), async (answers) => {
      let asked = 0;
      const run = testRun({
        fetch: async () => {
          const { status, body, headers } = answers[asked++ % answers.length] as (typeof answers)[number];
          return new Response(status === 204 ? null : body, { status, headers });
        },
        config: { endpoints: { acr: "http://127.0.0.1:1" } },
      });
      const request = {
        product: "cr",
        action: "ListInstance",
        version: "2018-12-01",
        method: "POST",
        credentials: { accessKeyId: "LTAIexample0000", accessKeySecret: "secret0000" },
      } as const;
      try {
        const value = await callOpenApi(run, { ...request, path: "/", network: "auto" });
        expect(value).toBeObject();
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        const failure = error as Failure;
        expect(failure.message).not.toMatch(/[\r\n\u2028]/);
        expect(failure.message.length).toBeLessThan(600);
        expect(failure.code).toMatch(/^[\w.:-]{1,100}$/);
        expect(failure.remedy).toBeString();
      }
      expect(asked).toBeLessThanOrEqual(4);
      expect(run.record.calls).toHaveLength(asked);
    }),
    { numRuns: 500 },
  );
});

test("JSON objects are read as JSON.parse reads them, up to a sane depth", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      const parsed = parseJsonObject(JSON.stringify(value));
      expect(JSON.stringify(parsed)).toBe(isObject ? JSON.stringify(value) : (undefined as never));
    }),
  );
  expect(parseJsonObject(`{"a":"${"[".repeat(100)}"}`)).toEqual({ a: "[".repeat(100) });
  expect(parseJsonObject(`{"a":"\\"${"[".repeat(100)}"}`)).toEqual({ a: `"${"[".repeat(100)}` });
  expect(parseJsonObject(`{"a":${"[".repeat(31)}${"]".repeat(31)}}`)).toBeDefined();
  expect(parseJsonObject(`{"a":${"[".repeat(32)}${"]".repeat(32)}}`)).toBeUndefined();
  expect(parseJsonObject(`${'{"a":'.repeat(33)}1${"}".repeat(33)}`)).toBeUndefined();
  expect(parseJsonObject(`{"a":${"[".repeat(40)}${"]".repeat(40)}}`)).toBeUndefined();
});
