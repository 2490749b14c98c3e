"""Cryptography: Ed25519 signatures, HPKE sealing of check-ins, secrets that never print themselves."""
