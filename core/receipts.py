"""Receipts of deletions as files: what they say, and how anybody checks that it is what an installation signed.

Ed25519 over the JSON of `body` with sorted keys and without spaces. Where receipts are kept is in `core.storage`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was deleted, and what a look for remains found. `signature` is empty until that look has ended."""

    id: str
    body: Mapping[str, Any]
    signature: str
    public_key: str

    @property
    def documents(self) -> frozenset[str]:
        """The ids of the documents that it says are gone."""
        one = {str(self.body["document_id"])} if "document_id" in self.body else set()
        return frozenset(one.union(str(each["document_id"]) for each in self.body.get("documents", ())))

    @property
    def restored(self) -> frozenset[str]:
        """Those of them that an operator has since put back from a backup."""
        return frozenset(one for each in self.body.get("restored", ()) for one in each["documents"])


@dataclass(frozen=True, slots=True)
class CollectionReceipt:
    """A collection that was deleted, how many documents went with it, and one receipt of all that."""

    id: str
    name: str
    documents: int
    receipt: Receipt


def new_key() -> str:
    """The secret half of a new pair of keys, in hex."""
    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def public_half(secret: str) -> str:
    """The public half of a pair, in hex."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw().hex()


def signed(body: Mapping[str, Any], secret: str) -> str:
    """The signature of a receipt's body, in hex."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).sign(_told(body)).hex()


def is_genuine(receipt: Receipt) -> bool:
    """Whether the body is what the owner of the public key signed."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(receipt.public_key))
        key.verify(bytes.fromhex(receipt.signature), _told(receipt.body))
    except (InvalidSignature, ValueError):
        return False
    return True


def receipt_from(text: str) -> Receipt:
    """The receipt in a file, alone or as part of the reply to a deletion. Raises `InvalidRequest`."""
    try:
        told = json.loads(text)
        told = told.get("receipt", told)
        receipt = Receipt(told["body"]["id"], dict(told["body"]), told["signature"], told["public_key"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidRequest("The file is not a receipt of a deletion.") from None
    if not all(isinstance(one, str) for one in (receipt.id, receipt.signature, receipt.public_key)):
        raise InvalidRequest("The file is not a receipt of a deletion.")
    return receipt


def _told(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
