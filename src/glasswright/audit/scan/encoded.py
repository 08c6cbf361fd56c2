"""Bytes that stand as text, in base64."""

import base64
import binascii


def in_base64(text: bytes) -> bytes:
    """What a text is in base64; nothing if it is none."""
    plain = b"".join(text.split()).rstrip(b"=")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return b""
