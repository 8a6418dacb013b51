// jose, in Node.js. The lines are those of bench/peers/protocol.

import { createInterface } from "node:readline";
import { EncryptJWT, SignJWT, importJWK, jwtDecrypt, jwtVerify } from "jose";

let session;

const answers = {
  async begin(rest) {
    session = await prepare(JSON.parse(rest));
    return "ok";
  },

  make: () => session.make(),

  async read(token) {
    try {
      const { payload } = await session.read(token);
      if (!same(payload, session.claims)) return "other";
    } catch (error) {
      return `refused ${error.message}`;
    }
    session.token = token;
    return "ok";
  },

  async time(rest) {
    const [operation, runs] = rest.split(" ");
    const { token, make, read } = session;
    const start = process.hrtime.bigint();
    if (operation === "make") {
      for (let run = 0; run < runs; run++) await make();
    } else {
      for (let run = 0; run < runs; run++) await read(token);
    }
    return String(process.hrtime.bigint() - start);
  },
};

async function prepare({ algorithm, key, claims, now, issuer, audience, typ, kid }) {
  const policy = {
    issuer,
    audience,
    typ,
    currentDate: new Date(now * 1000),
    requiredClaims: ["exp", "nbf"],
  };
  if (key.jwk.kty === "oct" && algorithm !== "HS256") {
    const header = { alg: "dir", enc: algorithm, typ, kid };
    // An imported key, so that it is not imported again for each token. A CBC key cannot be one.
    const bytes = new Uint8Array(key.secret);
    const secret = algorithm === "A256GCM" ? await aesKey(bytes) : bytes;
    const options = {
      ...policy,
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: [algorithm],
    };
    return {
      claims,
      make: () => new EncryptJWT(claims).setProtectedHeader(header).encrypt(secret),
      read: (token) => jwtDecrypt(token, secret, options),
    };
  }
  const header = { alg: algorithm, typ, kid };
  const { d, ...publicJwk } = key.jwk;
  const privateKey =
    algorithm === "HS256" ? await hmacKey(new Uint8Array(key.secret)) : await importJWK(key.jwk);
  const publicKey = algorithm === "HS256" ? privateKey : await importJWK(publicJwk);
  const options = { ...policy, algorithms: [algorithm] };
  return {
    claims,
    make: () => new SignJWT(claims).setProtectedHeader(header).sign(privateKey),
    read: (token) => jwtVerify(token, publicKey, options),
  };
}

function aesKey(bytes) {
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

function hmacKey(bytes) {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", bytes, hmac, false, ["sign", "verify"]);
}

function same(read, wanted) {
  const sorted = (claims) => JSON.stringify(Object.entries(claims).sort());
  return sorted(read) === sorted(wanted);
}

for await (const line of createInterface({ input: process.stdin })) {
  const space = line.indexOf(" ");
  const [word, rest] = space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1)];
  console.log(await answers[word](rest));
}
