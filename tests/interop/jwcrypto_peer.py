"""jwcrypto."""

import json

from jwcrypto import jwe, jwk, jws
from lines import serve

SIGNATURES = "HS256 HS384 HS512 ES256 ES384 ES512 EdDSA RS256 RS384 RS512 PS256 PS384 PS512".split()
MANAGEMENT = (
    "dir A128KW A192KW A256KW A128GCMKW A192GCMKW A256GCMKW RSA-OAEP RSA-OAEP-256 "
    "ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW"
).split()
CURVES = "P-256 P-384 P-521 X25519".split()


def supports():
    return {"jws": SIGNATURES, "jwe": MANAGEMENT, "crv": CURVES}


def generate(kty, crv, bytes, **_):
    if kty == "oct":
        key = jwk.JWK.generate(kty=kty, size=bytes * 8)
    elif kty == "RSA":
        key = jwk.JWK.generate(kty=kty, size=2048)
    else:
        key = jwk.JWK.generate(kty=kty, crv=crv)
    return {"key": json.loads(key.export())}


def make(key, header, payload):
    key = jwk.JWK(**key)
    if "enc" in header:
        token = jwe.JWE(payload.encode(), protected=header, algs=[header["alg"], header["enc"]])
        token.add_recipient(key)
    else:
        token = jws.JWS(payload.encode())
        token.allowed_algs = [header["alg"]]
        token.add_signature(key, alg=header["alg"], protected=header)
    return {"token": token.serialize(compact=True)}


def read(key, token, alg, enc=None):
    key = jwk.JWK(**key)
    if enc:
        opened = jwe.JWE(algs=[alg, enc])
        opened.deserialize(token, key)
    else:
        opened = jws.JWS()
        opened.allowed_algs = [alg]
        opened.deserialize(token, key)
    return {"payload": opened.payload.decode()}


serve({"supports": supports, "generate": generate, "make": make, "read": read})
