// jose, in Node.js.

import { createInterface } from "node:readline";
import {
  CompactEncrypt,
  CompactSign,
  compactDecrypt,
  compactVerify,
  exportJWK,
  generateKeyPair,
  generateSecret,
  importJWK,
} from "jose";

const SIGNATURES =
  "HS256 HS384 HS512 ES256 ES384 ES512 EdDSA RS256 RS384 RS512 PS256 PS384 PS512".split(" ");
const MANAGEMENT = [
  "dir A128KW A192KW A256KW A128GCMKW A192GCMKW A256GCMKW RSA-OAEP RSA-OAEP-256",
  "ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW",
].flatMap((names) => names.split(" "));
const CURVES = "P-256 P-384 P-521 X25519".split(" ");

const operations = {
  supports() {
    return { jws: SIGNATURES, jwe: MANAGEMENT, crv: CURVES };
  },

  async generate({ kty, alg, enc, crv }) {
    const options = { crv, extractable: true };
    const key =
      kty === "oct"
        ? await generateSecret(alg === "dir" ? enc : alg, options)
        : (await generateKeyPair(alg, options)).privateKey;
    return { key: await exportJWK(key) };
  },

  async make({ key, header, payload }) {
    const secret = await importJWK(key, header.alg);
    const bytes = new TextEncoder().encode(payload);
    const token = header.enc
      ? new CompactEncrypt(bytes).setProtectedHeader(header).encrypt(secret)
      : new CompactSign(bytes).setProtectedHeader(header).sign(secret);
    return { token: await token };
  },

  async read({ key, token, alg, enc }) {
    const secret = await importJWK(key, alg);
    const payload = enc
      ? (
          await compactDecrypt(token, secret, {
            keyManagementAlgorithms: [alg],
            contentEncryptionAlgorithms: [enc],
          })
        ).plaintext
      : (await compactVerify(token, secret, { algorithms: [alg] })).payload;
    return { payload: new TextDecoder().decode(payload) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...request } = JSON.parse(line);
  let answer;
  try {
    answer = await operations[op](request);
  } catch (error) {
    answer = { error: `${error.name}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
