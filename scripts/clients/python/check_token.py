import sys

import jwt

keys = jwt.PyJWKClient("http://127.0.0.1:8080/.well-known/jwks.json", lifespan=300)


def caller(token: str) -> dict[str, object]:
    """The claims of a good access token; an exception for anything else."""
    if jwt.get_unverified_header(token).get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("not an access token")
    key = keys.get_signing_key_from_jwt(token)
    required = ["exp", "iat", "sub", "sid", "role", "username"]
    return jwt.decode(token, key, ["EdDSA", "ES256"], audience="doorward", issuer="doorward", options={"require": required})


print(caller(sys.argv[1])["username"])
