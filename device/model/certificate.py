"""What a health certificate says, and who vouches for it, as immutable facts (see `device.model`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class SignerState(StrEnum):
    """What became of a certificate's signature; time is judged elsewhere."""

    CHECKED = "checked"
    """Right, by a signer that may sign this kind of entry."""
    NOT_CHECKED = "not-checked"
    """There is no trust list."""
    UNKNOWN = "unknown"
    """The trust list has no key under this key id."""
    WRONG_SIGNATURE = "wrong-signature"
    """No key under this key id made the signature."""
    NOT_ALLOWED = "not-allowed"
    """Right, but the trust list does not let this key sign this kind of entry."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed a certificate, as the trust list says.

    Attributes:
        state: what became of the signature.
        country: two capital letters, from the trust list; ``None`` unless the signature is right.
        not_before_s: the key signs from here, Unix seconds; ``None`` unless the signature is right.
        not_after_s: and until here, included; the same.
    """

    state: SignerState
    country: str | None = None
    not_before_s: int | None = None
    not_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Vaccination:
    """A ``v`` entry: one dose and how many there are to be.

    Attributes:
        doses: number of this dose (``dn``); may be above *series* (a booster); 0: not on record.
        series: doses in the series (``sd``); 0: not on record.
        given_on: day of this dose (``dt``); ``None``: not on record, as below.
        product: id of the product (``mp``), for instance ``EU/1/20/1528``; this and the following are empty where
            they are not on record.
        vaccine: id of the kind of vaccine (``vp``).
        maker: id of the marketing authorisation holder (``ma``).
        country: where it was given (``co``), usually two capital letters.
        target: code of the disease (``tg``); 840539006 is COVID-19.
    """

    doses: int
    series: int
    given_on: date | None
    product: str
    vaccine: str
    maker: str
    country: str
    target: str


@dataclass(frozen=True, slots=True)
class LabTest:
    """A ``t`` entry.

    Attributes:
        type: code of the method (``tt``): ``LP6464-4`` is a PCR, ``LP217198-3`` a rapid antigen test.
        result: code of the result (``tr``): ``260415000`` is "not detected", ``260373001`` "detected".
        sampled_at_s: when the sample was taken (``sc``), Unix seconds; ``None``: not on record.
        country: where (``co``).
        target: code of the disease (``tg``).
    """

    type: str
    result: str
    sampled_at_s: int | None
    country: str
    target: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """An ``r`` entry. A day is ``None`` when it is not on record.

    Attributes:
        first_positive_on: day of the first positive test (``fr``).
        valid_from: first day the issuer lets it count (``df``).
        valid_until: last day (``du``).
        country: where (``co``).
        target: code of the disease (``tg``).
    """

    first_positive_on: date | None
    valid_from: date | None
    valid_until: date | None
    country: str
    target: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an HC1 certificate says, and who vouches for it. Nothing here has been held against a clock.

    Attributes:
        issuer: two capital letters (claim 1); ``None`` when it does not say. Written by whoever made
            the code: only `Signer.country` is vouched for.
        issued_at_s: claim 6, Unix seconds; ``None`` when it does not say.
        not_before_s: claim 5, the same; seldom written.
        expires_at_s: claim 4, Unix seconds. One that does not say, or says infinite or NaN, is malformed.
        signer: what became of its signature.
        entry: the one entry it carries.
    """

    issuer: str | None
    issued_at_s: int | None
    not_before_s: int | None
    expires_at_s: int
    signer: Signer
    entry: Vaccination | LabTest | Recovery
