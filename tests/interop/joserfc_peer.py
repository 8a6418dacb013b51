"""joserfc."""

from joserfc import jwe, jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey, import_key
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
    key = {
        "oct": lambda: OctKey.generate_key(bytes * 8),
        "RSA": lambda: RSAKey.generate_key(2048),
        "EC": lambda: ECKey.generate_key(crv),
        "OKP": lambda: OKPKey.generate_key(crv),
    }[kty]()
    return {"key": key.as_dict(private=True)}


def make(key, header, payload):
    key = import_key(key)
    if "enc" in header:
        algorithms = [header["alg"], header["enc"]]
        return {"token": jwe.encrypt_compact(header, payload, key, algorithms=algorithms)}
    return {"token": jws.serialize_compact(header, payload, key, algorithms=[header["alg"]])}


def read(key, token, alg, enc=None):
    key = import_key(key)
    if enc:
        opened = jwe.decrypt_compact(token, key, algorithms=[alg, enc]).plaintext
    else:
        opened = jws.deserialize_compact(token, key, algorithms=[alg]).payload
    return {"payload": opened.decode()}


serve({"supports": supports, "generate": generate, "make": make, "read": read})
