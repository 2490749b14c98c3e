"""Mistakes of a trust list of signers' certificates."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "{sign} must stand here": "ở đây phải là {sign}",
    "larger than {most} KiB; no trust list is": "lớn hơn {most} KiB; không danh sách tin cậy nào lớn thế",
    "no UTF-8 text; make it with: trust compile": "không phải văn bản UTF-8; tạo lại bằng: trust compile",
    "a key that is neither P-256 nor RSA of 2048 to 8192 bits": (
        "khoá công khai này không phải P-256, cũng không phải RSA 2048 đến 8192 bit"
    ),
    "more than {most} keys": "có hơn {most} khoá công khai",
    "more than {most} keys have this id": "hơn {most} khoá công khai có cùng mã này",
    "no key in it; compile the list again from the signers' certificates": (
        "không có khoá công khai nào; tạo lại danh sách từ chứng thư của bên ký"
    ),
    "something stands behind the list": "sau danh sách còn có gì đó",
    "no JSON list of keys: {problem}": "không phải danh sách JSON: {problem}",
    "{name} stands twice in this entry": "{name} bị ghi hai lần trong mục này",
    "nested too deep, or a number too long": "lồng nhau quá sâu, hoặc có số quá dài",
    "each entry is an object with {keys}": "mỗi mục là một đối tượng có {keys}",
    "there is no such key; write {keys}": "không có khoá này; viết {keys}",
    "missing": "thiếu",
    "not later than not_before": "không muộn hơn not_before",
    "write ES256 or PS256": "viết ES256 hoặc PS256",
    "base64 of {least} to {most} bytes": "viết base64 của {least} đến {most} byte",
    "no SubjectPublicKeyInfo; compile the list again": "không phải SubjectPublicKeyInfo; tạo lại danh sách",
    "ES256 goes with a P-256 key and PS256 with an RSA key": "ES256 đi với khoá P-256, PS256 đi với khoá RSA",
    'a list of some of "v", "t", "r", each once': 'viết danh sách gồm "v", "t", "r", mỗi chữ một lần',
    "two capital letters, or null": "viết hai chữ hoa, hoặc null",
    "a time in UTC as 2021-12-20T00:00:00Z": "viết thời điểm UTC như 2021-12-20T00:00:00Z",
}
