import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Failure } from "../../src/failure/failure.ts";
import { imageHost } from "../../src/registry/imageReference.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("the host of an image", () => {
  test.each([
    ["registry.cn-hangzhou.aliyuncs.com/ns/app", "registry.cn-hangzhou.aliyuncs.com"],
    ["registry.cn-hangzhou.aliyuncs.com/ns/app:v1", "registry.cn-hangzhou.aliyuncs.com"],
    [`registry.cn-hangzhou.aliyuncs.com/ns/app:v1@${digest}`, "registry.cn-hangzhou.aliyuncs.com"],
    ["Registry.CN-Hangzhou.aliyuncs.com/ns/app", "Registry.CN-Hangzhou.aliyuncs.com"],
    ["images.example.com:5000/app", "images.example.com:5000"],
    ["localhost/app", "localhost"],
    ["localhost:5000/app:v1", "localhost:5000"],
    ["[::1]:5000/app", "[::1]:5000"],
    ["[2001:db8::1]/app", "[2001:db8::1]"],
    ["10.0.0.1:5000/app", "10.0.0.1:5000"],
    ["nginx", "docker.io"],
    ["nginx:1.27", "docker.io"],
    [`nginx@${digest}`, "docker.io"],
    ["library/nginx", "docker.io"],
    ["docker.io/library/nginx", "docker.io"],
    ["UPPER/app", "UPPER"],
    ["user@registry.cn-hangzhou.aliyuncs.com/app", "user@registry.cn-hangzhou.aliyuncs.com"],
    ["registry.cn-hangzhou.aliyuncs.com./app", "registry.cn-hangzhou.aliyuncs.com."],
    ["registry%2ecn-hangzhou.aliyuncs.com/app", "registry%2ecn-hangzhou.aliyuncs.com"],
    [`a.example/${"x".repeat(4086)}`, "a.example"],
  ])("%s", (image, host) => {
    expect(imageHost(image)).toBe(host);
  });

  test.each([
    ["nothing", "", "empty"],
    ["too much", `a.example/${"x".repeat(4087)}`, "longer than 4096"],
    ["a space", "a.example/my app", "white space"],
    ["a line break", "a.example/app\n", "white space"],
    ["a null", "a.example/\u0000", "control characters"],
    ["a mark that turns the writing", "a.example/\u202eapp", "control characters"],
    ["no path", "a.example/", "write host/path"],
    ["only slashes", "a.example///", "write host/path"],
    ["no host", "/app", "write host/path"],
    ["a scheme and no path", "https://a.example", "it has a scheme"],
    ["a scheme and nothing", "https://", "it has a scheme"],
    ["a scheme", "https://a.example/app", "it has a scheme: write host/path"],
    ["another scheme", "docker://a.example/app", "it has a scheme"],
  ])("%s is no image", (_name, image, cause) => {
    const outcome = (() => {
      try {
        return imageHost(image);
      } catch (error) {
        return error;
      }
    })();
    expect(outcome).toBeInstanceOf(Failure);
    expect(outcome).toMatchObject({ code: "RequestInvalid", exitStatus: 2 });
    expect((outcome as Failure).message).toContain(cause);
    expect((outcome as Failure).message).not.toContain("\n");
  });

  test("whatever comes in, a host or a Failure comes out, and the host is a part of the image or Docker Hub", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.webUrl()), (image) => {
        try {
          const host = imageHost(image);
          expect(host === "docker.io" || image.includes(host)).toBe(true);
          expect(host).not.toMatch(/[\s/]/);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
