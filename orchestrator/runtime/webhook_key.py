"""The public key a provider signs its webhooks with, as it shows it."""

from base64 import b64decode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key


def public_key(text: str) -> ec.EllipticCurvePublicKey:
    """From base64 SubjectPublicKeyInfo; a PEM frame around it does not matter. Raises ValueError: not an ECDSA P-256 key."""
    lines = [line.strip() for line in text.splitlines() if "-----" not in line]
    try:
        key = load_der_public_key(b64decode("".join(lines), validate=True))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("not a public key in base64") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not an ECDSA P-256 public key")  # noqa: TRY004  (it is the text's value that is wrong)
    return key
