"""What is wrong with a JSON field that came from outside."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "body: a field stands twice": "nội dung: có trường ghi hai lần",
    "body: a number that is not whole": "nội dung: có số không phải số nguyên",
    "body: larger than {most} bytes": "nội dung: lớn hơn {most} byte",
    "body: more than {most} parts": "nội dung: nhiều hơn {most} phần",
    "body: not JSON as the contract has it": "nội dung: không phải JSON đúng quy ước",
    "{where}: has a field the contract does not know": "{where}: có trường ngoài quy ước",
    "{where}: missing": "{where}: thiếu",
    "{where}: must be a list": "{where}: phải là danh sách",
    "{where}: must be an object": "{where}: phải là đối tượng JSON, như {{…}}",
    "{where}: must be base64": "{where}: phải là base64",
    "{where}: must be base64 of {least} to {most} bytes": "{where}: phải là base64 của {least} đến {most} byte",
    "{where}: must be one of {words}": "{where}: phải là một trong: {words}",
    "{where}: must look like {pattern}": "{where}: phải có dạng {pattern}",
    "{name}: must be true, false or null": "{name}: phải là true, false hoặc null",
    "doses: must be at most {most}": "doses: nhiều nhất là {most}",
}
