"""Signatures in the form of minisign: whoever has the public key can check them, with that program or with this one.

The only home of cryptography.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from yusuan.errors import Problem, UsageError

ENDING, PUBLIC = ".minisig", "minisign.pub"
_PREHASHED, _PLAIN, _OPEN = b"ED", b"Ed", b"\0\0"
_TRUSTED = "trusted comment: "
#: The first line of a signature is not signed; what it says must be what is written here or by minisign.
_UNSIGNED = ("untrusted comment: signature from key {}", "untrusted comment: signature from minisign secret key")
#: Lengths in a secret key: algorithms, salt and limits of the password, number of the key, seed and public key, checksum.
_SECRET, _HEAD = 158, 54


class BadSignatureError(Exception):
    """A signature that does not hold, or is none; the message says why."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key with its number."""

    number: bytes
    key: bytes

    def text(self) -> str:
        """Return the key as a file of minisign."""
        body = base64.b64encode(_PLAIN + self.number + self.key).decode()
        return f"untrusted comment: minisign public key {self.name()}\n{body}\n"

    def name(self) -> str:
        """Return the number as minisign shows it."""
        return self.number[::-1].hex().upper()


def read_public_key(text: str) -> PublicKey:
    """Return a public key from the text of its file, or from its one line; BadSignatureError where it is none."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("untrusted comment:")]
    data = _decoded(lines[0] if len(lines) == 1 else "", 42)
    if data[:2] != _PLAIN:
        raise BadSignatureError("不是 minisign 的公钥")
    return PublicKey(data[2:10], data[10:])


def public_key(key_file: Path) -> PublicKey:
    """Return the public key that belongs to a secret one; UsageError where that cannot be read."""
    number, _, public = _secret_key(key_file)
    return PublicKey(number, public)


def sign(path: Path, key_file: Path, comment: str) -> str:
    """Return the signature of a file; the comment is signed too.

    UsageError where the key cannot be read. A key behind a password is refused: nobody could type it here.
    """
    number, secret, public = _secret_key(key_file)
    private = Ed25519PrivateKey.from_private_bytes(secret)
    signature = private.sign(_digest(path))
    both = private.sign(signature + comment.encode())
    body = base64.b64encode(_PREHASHED + number + signature).decode()
    key = PublicKey(number, public)
    lines = [_UNSIGNED[0].format(key.name()), body, f"{_TRUSTED}{comment}"]
    return "\n".join([*lines, base64.b64encode(both).decode()]) + "\n"


def check(path: Path, signature: str, key: PublicKey) -> str:
    """Return the signed comment of a file's signature; BadSignatureError where it does not hold for this key.

    Every byte counts, also those that minisign passes over.
    """
    lines = signature.removesuffix("\n").split("\n")
    if len(lines) != 4 or not signature.endswith("\n") or not lines[2].startswith(_TRUSTED):  # noqa: PLR2004 - it has four lines
        raise BadSignatureError("不是 minisign 的签名")
    data, both = _decoded(lines[1], 74), _decoded(lines[3], 64)
    kind, number, own = data[:2], data[2:10], data[10:]
    if number != key.number:
        raise BadSignatureError(f"是另一把密钥 {number[::-1].hex().upper()} 签的，不是 {key.name()}")
    if lines[0] not in {form.format(key.name()) for form in _UNSIGNED}:
        raise BadSignatureError(f"第一行不是签名的第一行：{lines[0][:80]}")
    if kind not in {_PREHASHED, _PLAIN}:
        raise BadSignatureError("不认识的签名算法")
    public = Ed25519PublicKey.from_public_bytes(key.key)
    comment = lines[2].removeprefix(_TRUSTED)
    try:
        public.verify(own, _digest(path) if kind == _PREHASHED else path.read_bytes())
        public.verify(both, own + comment.encode())
    except InvalidSignature as error:
        raise BadSignatureError("签名与文件不符") from error
    return comment


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=64)).digest()


def _decoded(text: str, length: int) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignatureError("不是 minisign 的密钥或签名") from error
    if len(data) != length or base64.b64encode(data).decode() != text:
        raise BadSignatureError("密钥或签名的长度不对")
    return data


def _secret_key(path: Path) -> tuple[bytes, bytes, bytes]:
    """Return number, seed and public key of a secret key without a password."""
    hint = "用 minisign -G -W 生成一把没有口令的密钥，文件的权限设为只有自己能读"
    try:
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
        data = _decoded(lines[-1] if lines else "", _SECRET)
    except (OSError, UnicodeDecodeError, BadSignatureError) as error:
        raise UsageError(Problem("SIGN-KEY", "签名的密钥读不了", str(path), found=str(error), hint=hint)) from error
    if data[2:4] != _OPEN:
        raise UsageError(Problem("SIGN-KEY", "签名的密钥有口令，这里无法输入", str(path), hint=hint))
    body = data[_HEAD:126]
    made = Ed25519PrivateKey.from_private_bytes(body[8:40]).public_key().public_bytes_raw()
    if made != body[40:]:  # minisign leaves the checksum of an open key blank
        raise UsageError(Problem("SIGN-KEY", "签名的密钥已损坏", str(path), hint=hint))
    return body[:8], body[8:40], body[40:72]
