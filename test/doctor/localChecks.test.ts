import { afterAll, describe, expect, test } from "bun:test";
import type { CheckStatus } from "../../src/commands/doctor/check.ts";
import {
  credentialProviderConfig,
  image,
  kubeadmNode,
  kubeletFlags,
  provider,
  providerConfig,
  withKubelet,
} from "./support/nodes.ts";
import {
  binDir,
  credentialConfig,
  type DoctorNode,
  doctorOn,
  impossible,
  plugin,
  pluginConfig,
  removePrepared,
} from "./support/simulatedKubelet.ts";

afterAll(removePrepared);

/** On a node where else all is well: how a check ends, what it says, and the remedy that it names. */
type Case = readonly [
  about: string,
  node: DoctorNode,
  check: `${string}/${string}`,
  status: CheckStatus,
  found: string,
  remedy?: string,
];

/** A kubeadm node with other providers in the kubelet's config. */
const withProviders = (...providers: Record<string, unknown>[]) => ({
  files: { [credentialConfig]: credentialProviderConfig(...providers) },
});
const withConfig = (native: Record<string, unknown>) => ({
  files: { [pluginConfig]: providerConfig(native) },
});

const secretIdentity = {
  identity: { source: "accessKey", accessKeyId: "LTAIxxxxxxxxxxxx", accessKeySecret: "nobody-may-see-this" },
};

const configCases: readonly Case[] = [
  ["the default config", {}, "config/file", "ok", "the default: nothing names another"],
  [
    "the config of the provider's args",
    {
      files: {
        [credentialConfig]: credentialProviderConfig(provider({ args: ["--config", "/etc/acr/other.yaml"] })),
        "/etc/acr/other.yaml": providerConfig(),
      },
    },
    "config/file",
    "ok",
    `named by args of provider aliyun-acr-credential-provider (${credentialConfig}, line 4)`,
  ],
  [
    "a config that args name and that is missing",
    withProviders(provider({ args: ["--config=/etc/acr/none.yaml"] })),
    "config/file",
    "failed",
    "read config /etc/acr/none.yaml: it does not exist",
    "create it",
  ],
  [
    "the config of the provider's env",
    {
      files: {
        [credentialConfig]: credentialProviderConfig(
          provider({
            env: [{ name: "ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG", value: "/etc/acr/other.yaml" }],
          }),
        ),
        "/etc/acr/other.yaml": providerConfig(),
      },
    },
    "config/file",
    "ok",
    "named by $ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG in env of provider",
  ],
  [
    "the config of the kubelet's environment",
    withKubelet(
      { env: { ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: "/etc/acr/other.yaml" } },
      { files: { "/etc/acr/other.yaml": providerConfig() } },
    ),
    "config/file",
    "ok",
    "named by $ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG in the kubelet's environment",
  ],
  [
    "the config of this shell's environment, which the kubelet does not have",
    { shell: { ALIYUN_ACR_CREDENTIAL_PROVIDER_CONFIG: "/etc/acr/other.yaml" } },
    "config/file",
    "ok",
    "the default: nothing names another",
  ],
  [
    "a config that only --config names",
    { files: { "/etc/acr/mine.yaml": providerConfig() }, args: ["--config", "/etc/acr/mine.yaml"] },
    "config/file",
    "warning",
    `the kubelet makes the plugin read ${pluginConfig}`,
    "leave --config out",
  ],
  ["a config without a secret", {}, "config/access", "ok", "mode 0644, holds no secret"],
  [
    "a private config with a secret",
    { files: { [pluginConfig]: { private: providerConfig(secretIdentity) } } },
    "config/access",
    "ok",
    "mode 0600, holds a secret",
  ],
  [
    "an open config with a secret",
    withConfig(secretIdentity),
    "config/access",
    "failed",
    "holds a secret and is open to group or others (mode 0644)",
    `chmod 600 ${pluginConfig}`,
  ],
  [
    "a config that others may change",
    { before: `chmod 0666 ${pluginConfig}` },
    "config/access",
    "warning",
    "may be changed by group or others",
    `chmod go-w ${pluginConfig}`,
  ],
  ["a valid config", {}, "config/content", "ok", "valid: 1 registry"],
  [
    "a config with an unknown key",
    withConfig({ registeries: [] }),
    "config/content",
    "failed",
    "registeries: ",
    `config validate ${pluginConfig}`,
  ],
  [
    "a config that is not YAML",
    { files: { [pluginConfig]: "registries: [" } },
    "config/content",
    "failed",
    "line 1",
    `config validate ${pluginConfig}`,
  ],
  ["a cache that can be kept", {}, "config/node", "ok", "what it names on this node is there"],
  [
    "a cache directory with things of others in it",
    withConfig({ cache: { directory: "/etc" } }),
    "config/node",
    "warning",
    "cache.directory: is not used",
  ],
  [
    "a secret's file that is missing",
    withConfig({ identity: { source: "accessKey", directory: "/etc/acr-keys" } }),
    "config/node",
    "failed",
    "/etc/acr-keys does not exist: make it, with the files access-key-id and access-key-secret (mode 0600)",
    `config validate --node ${pluginConfig}`,
  ],
  [
    "a log in a folder that is missing",
    withConfig({ log: { file: "/var/log/acr/plugin.log" } }),
    "config/node",
    "warning",
    "log.file: nothing is logged: /var/log/acr does not exist",
    "mkdir -p /var/log/acr",
  ],
];

const executableCases: readonly Case[] = [
  ["an executable that is there", {}, "executable/file", "ok", "is there"],
  [
    "a link to it",
    { before: `mv ${plugin} /opt/acr && ln -s /opt/acr ${plugin}` },
    "executable/file",
    "ok",
    "leads to /opt/acr",
  ],
  [
    "none",
    { before: `rm ${plugin}` },
    "executable/file",
    "failed",
    "does not exist",
    `${plugin}.new ${plugin}`,
  ],
  [
    "none, and the kubelet's config does not name it",
    {
      files: { [credentialConfig]: credentialProviderConfig(provider({ name: "other" })) },
      before: `rm ${plugin} && ln -s /bin/true ${binDir}/other`,
    },
    "executable/file",
    "failed",
    "does not exist",
    `install -m 0755`,
  ],
  [
    "one that is not executable",
    { before: `chmod 0644 ${plugin}` },
    "executable/file",
    "failed",
    "cannot be executed (mode 0644)",
    `chmod 0755 ${plugin}`,
  ],
  ["only root may change it", {}, "executable/owners", "ok", "only root can change it"],
  [
    "it is another user's",
    { before: `chown 1234 ${plugin}` },
    "executable/owners",
    "failed",
    "belongs to user 1234",
    `chown root ${plugin}`,
  ],
  [
    "a folder above it is open to others",
    { before: `chmod 0777 /opt/credential-provider` },
    "executable/owners",
    "failed",
    "may be written to by group or others (mode 0777)",
    "chmod go-w /opt/credential-provider",
  ],
  [
    "the folder that a link leads to is open to others",
    { before: `mkdir -m 0777 /srv/open && mv ${plugin} /srv/open/acr && ln -s /srv/open/acr ${plugin}` },
    "executable/owners",
    "failed",
    "mode 0777",
    "chmod go-w /srv/open",
  ],
  [
    "it is in a folder such as /tmp",
    { before: "chmod 1777 /opt/credential-provider" },
    "executable/owners",
    "warning",
    "is better kept elsewhere",
  ],
  ["it is on a mount that allows it", {}, "executable/mount", "ok", "on /opt, which is not noexec"],
  [
    "it is on a noexec mount",
    { before: `mount -t tmpfs -o noexec x ${binDir} && cp /bin/true ${plugin}` },
    "executable/mount",
    "failed",
    `${binDir} is mounted noexec`,
    `mount -o remount,exec ${binDir}`,
  ],
  ["it is for this machine", {}, "executable/format", "ok", `ELF for ${process.arch}, run by /lib`],
  [
    "it is for another machine",
    // e_machine of s390x.
    { before: `printf '\\x16\\x00' | dd of=${plugin} bs=1 seek=18 conv=notrunc status=none` },
    "executable/format",
    "failed",
    `is made for s390x, and this machine is ${process.arch}`,
    `linux-${process.arch}`,
  ],
  [
    "its interpreter is missing, as on a system with musl",
    { before: `sed -i 's|ld-linux|ld-gone!|' ${plugin}` },
    "executable/format",
    "failed",
    'which does not exist: the kubelet gets "no such file or directory"',
    "glibc",
  ],
  [
    "it is a text",
    { before: `echo text > ${plugin}` },
    "executable/format",
    "failed",
    "is neither ELF nor a script",
    `linux-${process.arch}`,
  ],
  ["it is of this version", {}, "executable/version", "ok", "0."],
  [
    "it is another version",
    { before: `printf '#!/bin/sh\\necho aliyun-acr-credential-provider 0.0.1\\n' > ${plugin}` },
    "executable/version",
    "warning",
    "is version 0.0.1",
    `${plugin} doctor`,
  ],
  [
    "it is another program",
    { before: `printf '#!/bin/sh\\necho 1\\n' > ${plugin}` },
    "executable/version",
    "failed",
    "is another program",
    `${plugin}.new ${plugin}`,
  ],
  [
    "it hangs",
    { before: `printf '#!/bin/sh\\nsleep 100\\n' > ${plugin}` },
    "executable/version",
    "failed",
    "it did not end within 3 s",
  ],
];

const withUnit = (environmentFile: string, dropIn: string, argv: readonly string[] = kubeletFlags) =>
  withKubelet(
    { argv: ["kubelet", ...argv] },
    {
      files: {
        "/etc/systemd/system/kubelet.service": "[Service]\nExecStart=/usr/bin/kubelet\n",
        "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf":
          "[Service]\nEnvironmentFile=-/etc/default/kubelet\n",
        "/etc/systemd/system/kubelet.service.d/20-mine.conf": dropIn,
        "/etc/default/kubelet": environmentFile,
      },
    },
  );
const dropIn = `[Service]\nEnvironment="KUBELET_EXTRA_ARGS=${kubeletFlags.join(" ")}"\n`;

const flagCases: readonly Case[] = [
  ["both flags", {}, "kubelet/flags", "ok", `${credentialConfig}, ${binDir}`],
  [
    "flags with control characters in them",
    withKubelet({
      argv: ["kubelet", "--image-credential-provider-config=/etc/\u001b[2J\nx", kubeletFlags[1] as string],
    }),
    "kubelet/config",
    "failed",
    "cannot be read: it does not exist",
  ],
  [
    "one flag without the other",
    withKubelet({ argv: ["kubelet", kubeletFlags[0] as string] }),
    "kubelet/flags",
    "failed",
    "--image-credential-provider-bin-dir is missing",
    "systemctl restart kubelet",
  ],
  [
    "no flags",
    withKubelet({ argv: ["kubelet"] }),
    "kubelet/flags",
    "failed",
    "the kubelet was started without them",
    'KUBELET_EXTRA_ARGS="--image-credential-provider-config=/etc/kubernetes/credential-provider.yaml --image',
  ],
  [
    "flags that were set after the kubelet's start",
    withUnit(`KUBELET_EXTRA_ARGS="${kubeletFlags.join(" ")}"\n`, "", []),
    "kubelet/flags",
    "failed",
    "the kubelet was started without them",
    "/etc/default/kubelet, line 1, sets them, and the kubelet was started before: systemctl restart kubelet",
  ],
  [
    "flags that only a drop-in sets, to no effect",
    withUnit("# nothing\nKUBELET_EXTRA_ARGS=--v=2\n", dropIn, []),
    "kubelet/unit-environment",
    "failed",
    "Environment= of the unit sets it to no effect: /etc/default/kubelet, line 2,",
    `write into /etc/default/kubelet: KUBELET_EXTRA_ARGS="--v=2 ${kubeletFlags.join(" ")}"`,
  ],
  [
    "flags that the environment file sets",
    withUnit(`KUBELET_EXTRA_ARGS=${kubeletFlags.join(" ")}\n`, ""),
    "kubelet/unit-environment",
    "ok",
    "set by /etc/default/kubelet, line 1",
  ],
  [
    "flags that a drop-in sets where no file assigns them",
    withUnit("# nothing\n", dropIn),
    "kubelet/unit-environment",
    "ok",
    "set by Environment= of the unit",
  ],
  [
    "what systemd has loaded, where it runs",
    {
      ...withUnit("KUBELET_EXTRA_ARGS=\n", ""),
      before: [
        "mkdir -p /run/systemd/system /etc/fake",
        `printf '#!/bin/sh\\ncat <<END\\nLoadState=loaded\\nEnvironment=A=1 "KUBELET_EXTRA_ARGS=${kubeletFlags.join(" ")}"\\nEnvironmentFiles=/etc/default/kubelet (ignore_errors=yes)\\nEND\\n' > /etc/fake/systemctl`,
        "chmod 0755 /etc/fake/systemctl",
        "touch /run/systemctl",
        "mount --bind /etc/fake/systemctl $(command -v systemctl || echo /run/systemctl)",
      ].join("\n"),
    },
    "kubelet/unit-environment",
    Bun.which("systemctl") === null ? "ok" : "failed",
    Bun.which("systemctl") === null ? "set by /etc/default/kubelet" : "sets it to no effect",
  ],
  ["a bin directory", {}, "kubelet/bin-directory", "ok", "is a directory"],
  [
    "a bin directory that is missing",
    withKubelet({
      argv: ["kubelet", kubeletFlags[0] as string, "--image-credential-provider-bin-dir=/opt/none"],
    }),
    "kubelet/bin-directory",
    "failed",
    "does not exist, and the kubelet ends at its next start",
    "mkdir -p /opt/none",
  ],
];

const other = provider({ name: "other" });
const tokens = {
  serviceAccountTokenAudience: "sts.aliyuncs.com",
  cacheType: "ServiceAccount",
  requireServiceAccount: true,
};
const restricted = { [pluginConfig]: providerConfig({ access: { namespaces: ["team"] } }) };
const withTokens = (
  attributes: Record<string, unknown> | undefined,
  files: Readonly<Record<string, string>> = restricted,
) => ({
  files: {
    ...files,
    [credentialConfig]: credentialProviderConfig(provider(attributes && { tokenAttributes: attributes })),
  },
});

const providerCases: readonly Case[] = [
  [
    "a config that its kubelet takes",
    {},
    "kubelet/config",
    "ok",
    "a kubelet of 1.34 starts with it: 1 provider",
  ],
  [
    "one with a mistake",
    withProviders(provider({ matchImage: [] })),
    "kubelet/config",
    "failed",
    "line 9: providers[0].matchImage: is a field that the kubelet does not know",
    `correct ${credentialConfig}, line `,
  ],
  [
    "a directory for a release that reads files only",
    withKubelet({
      argv: ["kubelet", "--image-credential-provider-config=/etc/kubernetes", kubeletFlags[1] as string],
      version: "Kubernetes v1.33.2",
    }),
    "kubelet/config",
    "failed",
    "Kubernetes 1.33 reads a single file",
  ],
  [
    "tokens for a kubelet of 1.33, whose feature gate is off",
    withKubelet({ version: "Kubernetes v1.33.2" }, withTokens({ ...tokens, cacheType: undefined })),
    "kubelet/config",
    "failed",
    "tokenAttributes",
  ],
  [
    "tokens for a kubelet of 1.33, whose feature gate is on",
    withKubelet(
      {
        version: "Kubernetes v1.33.2",
        argv: [
          "kubelet",
          "--feature-gates=A=true,KubeletServiceAccountTokenForCredentialProviders=true",
          ...kubeletFlags,
        ],
      },
      withTokens({ ...tokens, cacheType: undefined }),
    ),
    "kubelet/config",
    "ok",
    "a kubelet of 1.33 starts with it",
  ],
  [
    "tokens for a kubelet whose own config has the feature gate off",
    withKubelet(
      { argv: ["kubelet", "--config", "/var/kubelet.yaml", ...kubeletFlags] },
      withTokens(tokens, {
        ...restricted,
        "/var/kubelet.yaml": "featureGates: {KubeletServiceAccountTokenForCredentialProviders: false}\n",
      }),
    ),
    "kubelet/config",
    "failed",
    "tokenAttributes",
  ],
  [
    "two providers of one name",
    withProviders(provider(), provider()),
    "kubelet/config",
    "failed",
    "is the name of the provider in line",
  ],
  [
    "another provider whose executable is missing",
    withProviders(provider(), other),
    "kubelet/provider-executable",
    "failed",
    `does not exist, and with that the kubelet ends at its next start (provider other`,
    "install it, or take the provider out",
  ],
  ["our provider", {}, "kubelet/provider", "ok", "aliyun-acr-credential-provider"],
  [
    "our provider under another name",
    {
      ...withProviders(provider({ name: "acr" })),
      before: `ln -s aliyun-acr-credential-provider ${binDir}/acr`,
    },
    "kubelet/provider",
    "ok",
    "acr (",
  ],
  [
    "without our provider",
    { ...withProviders(other), before: `ln -s /bin/true ${binDir}/other` },
    "kubelet/provider",
    "failed",
    "it has other",
    "kubelet-config --kubernetes 1.34",
  ],
  [
    "our program twice",
    {
      ...withProviders(provider(), provider({ name: "acr" })),
      before: `ln -s aliyun-acr-credential-provider ${binDir}/acr`,
    },
    "kubelet/provider",
    "ok",
    "aliyun-acr-credential-provider (",
  ],
  ["no arguments", {}, "kubelet/arguments", "ok", "none"],
  [
    "an argument that is none",
    withProviders(provider({ args: ["--confg=/etc/x"] })),
    "kubelet/arguments",
    "failed",
    "every run ends with exit status 2",
    "it takes --config FILE",
  ],
  [
    "a command as argument",
    withProviders(provider({ args: ["plugin"] })),
    "kubelet/arguments",
    "failed",
    "plugin is not a flag",
  ],
  ["patterns that can match", {}, "kubelet/patterns", "ok", "each of 1 can match"],
  [
    "a pattern that never matches",
    withProviders(provider({ matchImages: ["registry.cn-hangzhou.aliyuncs.com/*"] })),
    "kubelet/patterns",
    "warning",
    "matches no image: after the host a * stands for nothing but itself",
    `correct ${credentialConfig}, line 7`,
  ],
  ["no tokens where none are needed", {}, "kubelet/tokens", "ok", "the config needs none"],
  ["tokens where they are needed", withTokens(tokens), "kubelet/tokens", "ok", "for sts.aliyuncs.com"],
  [
    "no tokens where they are needed",
    withTokens(undefined),
    "kubelet/tokens",
    "failed",
    "tokenAttributes is missing, and access restricts who may pull",
    "kubelet-config --kubernetes 1.34",
  ],
  [
    "tokens for another audience",
    withTokens({ ...tokens, serviceAccountTokenAudience: "example.com" }),
    "kubelet/tokens",
    "warning",
    "the tokens are for example.com",
    "serviceAccountTokenAudience: sts.aliyuncs.com",
  ],
  [
    "annotations that the kubelet sends",
    withTokens(
      {
        ...tokens,
        optionalServiceAccountAnnotationKeys: ["instance-ids", "service-arns", "user-arns"].map(
          (name) => `k8s.aliyun.com/acr-${name}`,
        ),
      },
      { [pluginConfig]: providerConfig({ serviceAccountAnnotations: { enabled: true } }) },
    ),
    "kubelet/tokens",
    "ok",
    "for sts.aliyuncs.com",
  ],
  [
    "annotations that the kubelet does not send",
    withTokens(tokens, { [pluginConfig]: providerConfig({ serviceAccountAnnotations: { enabled: true } }) }),
    "kubelet/tokens",
    "warning",
    "the kubelet does not send k8s.aliyun.com/acr-instance-ids, ",
    "optionalServiceAccountAnnotationKeys",
  ],
  [
    "tokens that no one needs",
    withTokens(tokens, { [pluginConfig]: providerConfig() }),
    "kubelet/tokens",
    "warning",
    "the config has no use for them",
  ],
];

const imageCases: readonly Case[] = [
  [
    "an image for us",
    { args: [image] },
    "kubelet/image",
    "ok",
    "the kubelet runs aliyun-acr-credential-provider for it",
  ],
  [
    "an image with a port",
    { args: ["corp-registry.cn-hangzhou.cr.aliyuncs.com:443/team/web"] },
    "kubelet/image",
    "failed",
    "has no port, and the image is written with :443",
    `- "corp-registry.cn-hangzhou.cr.aliyuncs.com:443"; then: systemctl restart kubelet`,
  ],
  [
    "an image of the VPC's host, with a pattern for the public one",
    { args: ["corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com/team/web"] },
    "kubelet/image",
    "failed",
    `the nearest pattern of aliyun-acr-credential-provider, *-registry.*.cr.aliyuncs.com (${credentialConfig}, line 7), has "*-registry"`,
    '- "corp-registry-vpc.cn-hangzhou.cr.aliyuncs.com"',
  ],
  [
    "an image whose pattern has a path of another",
    {
      ...withProviders(provider({ matchImages: ["corp-registry.cn-hangzhou.cr.aliyuncs.com/other"] })),
      args: [image],
    },
    "kubelet/image",
    "failed",
    'has the path "/other"',
  ],
  [
    "an image in capital letters",
    { args: ["Corp-Registry.cn-hangzhou.cr.aliyuncs.com/team/web"] },
    "kubelet/image",
    "failed",
    "differs from Corp-Registry.cn-hangzhou.cr.aliyuncs.com in upper and lower case",
  ],
  [
    "an image of another registry",
    { args: ["nginx"] },
    "kubelet/image",
    "skipped",
    "the config has no registry for it",
  ],
  [
    "an image that may be one of a custom domain",
    { args: ["images.example.org/team/web"] },
    "kubelet/image",
    "warning",
    "no provider is run for it",
    '- "images.example.org"',
  ],
  ["what is not an image", { args: ["a b"] }, "kubelet/image", "failed", "read the image reference"],
  [
    "an image that another provider matches too",
    { ...withProviders(other, provider()), before: `ln -s /bin/true ${binDir}/other`, args: [image] },
    "kubelet/other-providers",
    "warning",
    "in this order: other, aliyun-acr-credential-provider",
    "narrow matchImages of other",
  ],
  [
    "an image for pods with a service account only",
    { ...withTokens(tokens), args: [image] },
    "kubelet/image",
    "ok",
    "not for static pods",
  ],
];

const environmentCases: readonly Case[] = [
  ["no library paths", {}, "kubelet/libraries", "ok", "not set"],
  [
    "a library path",
    withKubelet({ env: { LD_LIBRARY_PATH: "/snap/lib" } }),
    "kubelet/libraries",
    "warning",
    "is /snap/lib",
    'env: [{name: LD_LIBRARY_PATH, value: ""}]',
  ],
  [
    "a library path that the provider takes away",
    withKubelet(
      { env: { LD_LIBRARY_PATH: "/snap/lib" } },
      withProviders(provider({ env: [{ name: "LD_LIBRARY_PATH", value: "" }] })),
    ),
    "kubelet/libraries",
    "ok",
    "not set",
  ],
  [
    "the kubelet's proxy, not this shell's",
    withKubelet(
      { env: { HTTPS_PROXY: "http://user:hunter22@proxy.corp:3128" } },
      { shell: { HTTPS_PROXY: "http://elsewhere:1" } },
    ),
    "kubelet/proxy",
    "ok",
    "HTTPS_PROXY=http://***@proxy.corp:3128",
  ],
  [
    "the provider's proxy, which wins",
    withKubelet(
      { env: { HTTPS_PROXY: "http://proxy.corp:3128" } },
      withProviders(provider({ env: [{ name: "HTTPS_PROXY", value: "http://other.corp:3128" }] })),
    ),
    "kubelet/proxy",
    "ok",
    "HTTPS_PROXY=http://other.corp:3128",
  ],
  [
    "a proxy that is none",
    withKubelet({ env: { HTTPS_PROXY: "socks5://proxy.corp:1080" } }),
    "kubelet/proxy",
    "failed",
    "HTTPS_PROXY",
    "systemctl restart kubelet",
  ],
  [
    "verification switched off",
    withKubelet({ env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } }),
    "kubelet/tls",
    "warning",
    "has no effect",
    "tls.caFile",
  ],
  ["no HOME", {}, "kubelet/home", "ok", "is not set, and nothing needs it"],
  [
    "no HOME for a profile",
    withConfig({ identity: { source: "profile" } }),
    "kubelet/home",
    "failed",
    "is not set, so that the profile's file is not found",
    "file: /root/.aliyun/config.json",
  ],
  [
    "a profile that is found by hand only",
    { files: { "/srv/me/.aliyun/config.json": "{}" }, shell: { HOME: "/srv/me" } },
    "kubelet/home",
    "warning",
    "by hand the plugin finds /srv/me/.aliyun/config.json, from the kubelet it does not",
    "identity: {source: profile, file: /srv/me/.aliyun/config.json}",
  ],
  ["a shell without anything of its own", {}, "kubelet/shell", "ok", "none that changes what it does"],
  [
    "a shell with keys and a proxy that the plugin does not get",
    { shell: { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAIxxxx", https_proxy: "http://user:hunter22@p:1" } },
    "kubelet/shell",
    "warning",
    "ALIBABA_CLOUD_ACCESS_KEY_ID, https_proxy",
    `env of aliyun-acr-credential-provider (${credentialConfig}, line 4)`,
  ],
  ["no limits", {}, "kubelet/limits", "ok", "none that the plugin would not survive"],
  [
    "little data",
    withKubelet({ isShell: true, under: "prlimit --data=100000000" }),
    "kubelet/limits",
    "failed",
    "RLIMIT_DATA is 100 MB",
    "LimitDATA=",
  ],
  [
    "little address space",
    withKubelet({ isShell: true, under: "prlimit --as=300000000" }),
    "kubelet/limits",
    "failed",
    "RLIMIT_AS is 300 MB",
    "LimitAS=",
  ],
  [
    "an address space that may not do",
    withKubelet({ isShell: true, under: "prlimit --as=2000000000" }),
    "kubelet/limits",
    "warning",
    "RLIMIT_AS is 2000 MB",
    "LimitAS=",
  ],
  [
    "few files",
    withKubelet({ isShell: true, under: "prlimit --nofile=8:8" }),
    "kubelet/limits",
    "failed",
    "RLIMIT_NOFILE is 8",
    "LimitNOFILE=",
  ],
];

const releaseCases: readonly Case[] = [
  ["a kubelet that says its release", {}, "kubelet/release", "ok", "by /opt/kubelet --version"],
  [
    "one that is too old for credential providers",
    withKubelet({ version: "Kubernetes v1.22.1" }),
    "kubelet/release",
    "skipped",
    "/opt/kubelet --version says 1.22.1, and the kubelet runs credential providers since 1.24",
  ],
  [
    "one that does not",
    withKubelet({ isShell: true }),
    "kubelet/release",
    "skipped",
    "--kubernetes VERSION names another",
  ],
  [
    "one that does not, with --kubernetes",
    withKubelet({ isShell: true }, { args: ["--kubernetes", "1.37"] }),
    "kubelet/release",
    "ok",
    "by --kubernetes",
  ],
  [
    "one that others may change, which is not run",
    {
      kubelet: { argv: ["kubelet", ...kubeletFlags], isShell: true },
      after:
        "cp /bin/sleep /opt/kubelet && chmod 0777 /opt/kubelet && (exec -a kubelet /opt/kubelet 600) & sleep 0.2; kill -9 $(pgrep -x -f 'kubelet -c .*' | head -n 1)",
    },
    "kubelet/release",
    "skipped",
    "its group or others may change it",
  ],
];

describe.skipIf(impossible !== undefined)(`doctor's checks of this node ${impossible ?? ""}`, () => {
  const groups = {
    configCases,
    executableCases,
    flagCases,
    providerCases,
    imageCases,
    environmentCases,
    releaseCases,
  };
  describe.each(Object.entries(groups))("%s", (_, cases) => {
    test.each(cases.map((each) => [each[0], each] as const))("%s", (_about, each) => {
      const [, node, name, status, found, remedy] = each;
      const { report, status: exit, stdout } = doctorOn(kubeadmNode(node));
      const [group, id] = name.split("/");
      const checks = report.checks.filter((one) => one.group === group && one.id === id);
      const check = checks.find((one) => one.status === status && one.found.includes(found));
      expect(check ?? checks).toMatchObject({ status });
      if (remedy !== undefined) expect(check?.remedy).toContain(remedy);
      expect(exit).toBe(report.checks.some((one) => one.status === "failed") ? 1 : 0);
      for (const text of report.checks.flatMap((one) => [one.subject, one.found]))
        expect(text).not.toMatch(/\p{Cc}/u);
      for (const secret of ["hunter22", "nobody-may-see-this"]) expect(stdout).not.toContain(secret);
    });
  });
});
