"""A browser as the desk's tests need one: it keeps cookies, says where a form comes from, and follows nothing."""

from __future__ import annotations

import http.client
import re
import ssl
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import BinaryIO, Final
from urllib.parse import urlencode

FROM_HERE: Final = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
"""What Chromium and Firefox send with a form under the referrer policy ``no-referrer``."""
PATIENCE_S: Final = 30.0


@dataclass(frozen=True)
class Seen:
    """An answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def location(self) -> str:
        return self.headers["Location"] or ""

    def form_fields(self) -> dict[str, str]:
        """Return name and value of what is hidden in its forms."""
        found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', self.text)
        return dict(found)


class Browser:
    """One browser at one desk; a connection for each request."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self._trusts = ssl.create_default_context()
        self._trusts.check_hostname, self._trusts.verify_mode = False, ssl.CERT_NONE

    def get(self, path: str, **headers: str) -> Seen:
        return self.ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> Seen:
        """Send a form as a page of the desk does."""
        body = urlencode(fields or {}).encode()
        usual = {"Content-Type": "application/x-www-form-urlencoded", **FROM_HERE}
        return self.ask("POST", path, body, usual | headers)

    def send(self, path: str, fields: dict[str, str], files: dict[str, tuple[str, bytes]], **headers: str) -> Seen:
        """Send a form with files as a page of the desk does; each has its name and its content."""
        kind, body = multipart(fields, files)
        return self.ask("POST", path, body, {"Content-Type": kind, **FROM_HERE} | headers)

    def ask(self, method: str, path: str, body: bytes | BinaryIO | None, headers: dict[str, str]) -> Seen:
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_S, context=self._trusts)
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        try:
            connection.request(method, path, body, (cookie if self.cookies else {}) | {"Connection": "close"} | headers)
            answer = connection.getresponse()
            seen = Seen(answer.status, answer.headers, answer.read())
        finally:
            connection.close()
        self._keep(seen)
        return seen

    def _keep(self, seen: Seen) -> None:
        for line in seen.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                assert name.startswith("__Host-")
                assert morsel["secure"]
                assert morsel["httponly"]
                assert (morsel["path"], morsel["samesite"], morsel["domain"]) == ("/", "lax", "")
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


def multipart(fields: dict[str, str], files: dict[str, tuple[str, bytes]]) -> tuple[str, bytes]:
    """Return content type and body of a form with files, as browsers write them."""
    boundary = "----WebKitFormBoundaryhPB5xcYYWM9BmWFf"
    parts = []
    for name, text in fields.items():
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode())
    for name, (file_name, content) in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content)
    body = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()
