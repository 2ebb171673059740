"""Secrets at rest: AES-256-GCM, bound to the row they belong to, under a key ring."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12  # bytes, the size GCM is specified for


class VaultError(Exception):
    """A secret cannot be read: unknown key, damaged, or moved from another row."""


class Vault:
    """Encrypts with the newest key, decrypts with any of the ring.

    Stored form: one length byte, key id, nonce, ciphertext with tag. `row` names the place ("token:42:access"); it is
    authenticated, so that a ciphertext copied to another row does not open there.
    """

    def __init__(self, ring: dict[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in ring.items()}
        self._newest = next(iter(ring))

    def seal(self, secret: str, row: str) -> bytes:
        """Encrypt for one row."""
        nonce = secrets.token_bytes(NONCE)
        key_id = self._newest.encode()
        head = bytes([len(key_id)]) + key_id
        return head + nonce + self._ciphers[self._newest].encrypt(nonce, secret.encode(), head + row.encode())

    def open(self, sealed: bytes, row: str) -> str:
        """Decrypt; raises VaultError."""
        end = 1 + sealed[0]
        cipher = self._ciphers.get(sealed[1:end].decode(errors="replace"))
        if cipher is None:
            raise VaultError(f"no key for {row} in STORELINE_ENCRYPTION_KEYS")
        try:
            return cipher.decrypt(
                sealed[end : end + NONCE], sealed[end + NONCE :], sealed[:end] + row.encode()
            ).decode()
        except InvalidTag:
            raise VaultError(f"the secret of {row} is damaged or belongs to another row") from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it."""
        return sealed[1 : 1 + sealed[0]].decode(errors="replace") == self._newest
