"""``gate-scanner trust compile FILE… --out trust.json``: certificates of signers become a trust list.

What a file may hold: see `device.trust.x509`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from device.cli.argument_types import a_path
from device.cli.arguments import add_command, add_example
from device.credential.hc1.trust_list import TrustedKey
from device.durable import replace_file
from device.errors import CertificateSkipped, Complaints, shown
from device.trust.trust_list import parse_trust, trust_document
from device.trust.x509 import certificates_in, trusted_key
from device.words import say, say_many, why_of

_MOST_FILE_BYTES = 64 * 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``trust compile``."""
    parser.description = "Make the list of those whose health certificates count, for a gate's trust: {file: …}."
    add_example(parser, "compile signers.pem --out trust.json")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    compiler = add_command(
        actions,
        "compile",
        "make a trust list of the signers' certificates",
        "signers.pem --out trust.json",
    )
    compiler.add_argument(
        "files", metavar="FILE", nargs="+", type=a_path, help="PEM, DER, bare base64, or a gateway's JSON list"
    )
    compiler.add_argument("--out", metavar="FILE", type=a_path, required=True, help="where to write the trust list")


def run(args: argparse.Namespace) -> int:
    """Write the list and return 0; 1 when a file could not be read, no certificate is of use, or no gate would take it.

    A certificate that is of no use is named on standard error and left out.
    """
    keys: list[TrustedKey] = []
    for path in args.files:
        try:
            found = list(certificates_in(_read(path)))
        except (OSError, ValueError) as error:
            why = why_of(error) if isinstance(error, OSError) else str(error)
            return _fail(say("{file}: {why}; nothing was written", file=path, why=why))
        for number, certificate in enumerate(found, 1):
            try:
                keys.append(trusted_key(certificate))
            except CertificateSkipped as skipped:
                _complain(say("{file}: certificate {number} left out: {why}", file=path, number=number, why=skipped))
    if not keys:
        return _fail(say("no certificate that can sign; nothing was written"))
    document = trust_document(keys)
    try:
        parse_trust(document, str(args.out))
    except Complaints as mistakes:
        why = mistakes.complaints[0].message
        return _fail(say("no gate would take this list: {why}; nothing was written", why=why))
    try:
        replace_file(args.out, document.encode(), mode=0o644)
    except OSError as error:
        return _fail(f"{args.out}: {why_of(error)}")
    file = shown(str(args.out), 4_096)
    print(say_many("{file}: 1 key", "{file}: {count} keys", document.count("\n") - 2, file=file))
    return 0


def _fail(text: str) -> int:
    _complain(text)
    return 1


def _complain(text: str) -> None:
    print(shown(text, 4_096), file=sys.stderr)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        raw = file.read(_MOST_FILE_BYTES + 1)
    if len(raw) > _MOST_FILE_BYTES:
        raise ValueError(say("larger than 64 MiB"))
    return raw
