"""Credential formats in QR codes: `recognise` turns payload bytes into a `Credential` or an `Unrecognised`.

Pure: no file, no clock, no network, and no exception on any bytes. One module per format, each with
its field table and source (`kinds.FORMATS`); `notes.Note` is the closed list of remarks a credential can carry.
"""

from __future__ import annotations

from device.credential.hc1.faults import signature_fault, time_fault
from device.credential.hc1.trust_list import TrustedKey, TrustList
from device.credential.notes import Note
from device.credential.person import keys_of, masked, same_person_keys
from device.credential.recognise import recognise

__all__ = [
    "Note",
    "TrustList",
    "TrustedKey",
    "keys_of",
    "masked",
    "recognise",
    "same_person_keys",
    "signature_fault",
    "time_fault",
]
