import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";
import { bits, boolean, integer, octets, oid, sequence, set, text, tlv, utcTime } from "./der.ts";

/** A key and certificate, PEM. */
export interface Certificate {
  key: string;
  cert: string;
}

export interface CertificateAuthority {
  /** The authority's own certificate, PEM. */
  cert: string;
  /** A server certificate for DNS names (wildcards allowed) and IPv4 addresses. */
  issue(hosts: string[]): Certificate;
  /** A client certificate: Kubernetes takes the name as the user and the organization as the user's group. */
  issueClient(name: string, organization: string): Certificate;
}

interface Subject {
  name: string;
  organization?: string;
  publicKey: KeyObject;
}

const dayMs = 86_400_000;

/** When a certificate is in force (epoch ms). */
interface Validity {
  from: number;
  until: number;
}

/** A certificate authority of P-256 keys that lives in memory. Certificates hold for ten years if nothing is said. */
export function createCertificateAuthority(
  name: string,
  validity: Validity = { from: Date.now() - 30 * dayMs, until: Date.now() + 3650 * dayMs },
): CertificateAuthority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const authority = { name, publicKey: keys.publicKey };
  const ownExtensions = [
    extension("2.5.29.19", true, sequence(boolean(true))),
    extension("2.5.29.15", true, bits(Buffer.of(0x06), 1)),
  ];
  return {
    cert: certificate(authority, authority, keys.privateKey, ownExtensions, validity),
    issue: (hosts) =>
      issue({ name: hosts[0] ?? "localhost" }, [
        extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1"))),
        extension("2.5.29.17", false, sequence(...hosts.map(alternativeName))),
      ]),
    issueClient: (name, organization) =>
      issue({ name, organization }, [extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.2")))]),
  };

  function issue(subject: Omit<Subject, "publicKey">, usage: Buffer[]): Certificate {
    const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const named = { ...subject, publicKey: own.publicKey };
    const extensions = [
      extension("2.5.29.19", true, sequence()),
      extension("2.5.29.15", true, bits(Buffer.of(0x80), 7)),
      ...usage,
    ];
    return {
      key: own.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      cert: certificate(named, authority, keys.privateKey, extensions, validity),
    };
  }
}

/** RFC 5280: the signed part, the algorithm, the signature. */
function certificate(
  subject: Subject,
  issuer: Subject,
  issuerKey: KeyObject,
  extensions: Buffer[],
  { from, until }: Validity,
): string {
  const algorithm = sequence(oid("1.2.840.10045.4.3.2")); // ecdsa-with-SHA256
  const signed = sequence(
    tlv(0xa0, integer(Buffer.of(2))), // version 3
    integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer),
    sequence(utcTime(from), utcTime(until)),
    distinguishedName(subject),
    subject.publicKey.export({ type: "spki", format: "der" }),
    tlv(
      0xa3,
      sequence(
        ...extensions,
        extension("2.5.29.14", false, octets(keyIdentifier(subject.publicKey))),
        extension("2.5.29.35", false, sequence(tlv(0x80, keyIdentifier(issuer.publicKey)))),
      ),
    ),
  );
  const der = sequence(signed, algorithm, bits(sign("sha256", signed, issuerKey)));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function extension(identifier: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(identifier), ...(critical ? [boolean(true)] : []), octets(value));
}

function distinguishedName({ name, organization }: Omit<Subject, "publicKey">): Buffer {
  const part = (type: string, value: string) => set(sequence(oid(type), text(value.slice(0, 64))));
  return sequence(
    ...(organization === undefined ? [] : [part("2.5.4.10", organization)]),
    part("2.5.4.3", name),
  );
}

function alternativeName(host: string): Buffer {
  return isIPv4(host) ? tlv(0x87, Buffer.from(host.split(".").map(Number))) : tlv(0x82, Buffer.from(host));
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash("sha1")
    .update(key.export({ type: "spki", format: "der" }))
    .digest();
}
