"""PyJWT, which has signatures only."""

import secrets

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.api_jws import PyJWS
from lines import serve

SIGNATURES = "HS256 HS384 HS512 ES256 ES384 ES512 EdDSA RS256 RS384 RS512 PS256 PS384 PS512".split()


def supports():
    return {"jws": SIGNATURES, "jwe": [], "crv": []}


def generate(kty, crv, bytes, **_):
    if kty == "oct":
        key = HMACAlgorithm.to_jwk(secrets.token_bytes(bytes), as_dict=True)
    elif kty == "RSA":
        key = RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048), as_dict=True)
    elif kty == "EC":
        curve = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}[crv]
        key = ECAlgorithm.to_jwk(ec.generate_private_key(curve()), as_dict=True)
    else:
        key = OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate(), as_dict=True)
    return {"key": key}


def make(key, header, payload):
    key = PyJWK(key, algorithm=header["alg"])
    headers = {name: value for name, value in header.items() if name != "alg"}
    return {"token": PyJWS().encode(payload.encode(), key, header["alg"], headers=headers)}


def read(key, token, alg):
    key = PyJWK(key, algorithm=alg)
    return {"payload": PyJWS().decode(token, key, algorithms=[alg]).decode()}


serve({"supports": supports, "generate": generate, "make": make, "read": read})
