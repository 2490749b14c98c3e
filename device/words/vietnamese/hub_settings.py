"""``hub.yaml``: what is wrong with it, and what it says."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "write host and port, like 0.0.0.0:8400 or [::]:8400": "hãy ghi địa chỉ và cổng, như 0.0.0.0:8400 hoặc [::]:8400",
    "write sqlite, or a URL like postgresql+psycopg://gate_hub@db.example.vn/gate_hub": (
        "hãy ghi sqlite, hoặc URL như postgresql+psycopg://gate_hub@db.example.vn/gate_hub"
    ),
    "write postgresql+psycopg:// at its beginning": "hãy ghi postgresql+psycopg:// ở đầu",
    "leave the password out; put it into a file and name that as password_file": (
        "hãy bỏ mật khẩu ra; ghi mật khẩu vào một tệp và ghi tên tệp ở password_file"
    ),
    "write the name of the database at its end, behind a /": "hãy ghi tên cơ sở dữ liệu ở cuối, sau dấu /",
    "hub.json lies beside it, from before; it is not read any more: remove it": (
        "hub.json cũ nằm bên cạnh; tệp đó không còn được đọc: hãy xoá đi"
    ),
    "{path}: others may read it or write to it; chmod 640 {path}": (
        "{path}: người khác đọc hoặc ghi được; hãy chạy chmod 640 {path}"
    ),
    "{path}: must hold a password, one line": "{path}: phải có một mật khẩu, trên một dòng",
    "SQLite has one writer: write 1, or a database.url of PostgreSQL": (
        "SQLite chỉ cho một tiến trình ghi: hãy ghi 1, hoặc database.url của PostgreSQL"
    ),
    "an ingest host has no database of its own: write a database.url of PostgreSQL": (
        "máy chỉ nhận (ingest) không có cơ sở dữ liệu riêng: hãy ghi database.url của PostgreSQL"
    ),
    "SQLite has no password; remove the line": "SQLite không có mật khẩu; hãy xoá dòng này",
    "listened to already; write another address or port": "đã dùng ở trên; hãy ghi địa chỉ hoặc cổng khác",
    "--workers: SQLite has one writer: 1, or a database.url of PostgreSQL": (
        "--workers: SQLite chỉ cho một tiến trình ghi: 1, hoặc database.url của PostgreSQL"
    ),
    "--role ingest: needs a database.url of PostgreSQL, which hosts share": (
        "--role ingest: cần database.url của PostgreSQL, dùng chung giữa các máy"
    ),
    # the folder
    "{path}: is missing, and so is {before}": "{path}: thiếu tệp này, và cả {before}",
    "{path}: is there already; nothing was changed": "{path}: đã có; chưa thay đổi gì",
    "{path}: names: says what the hub is called; write the names there": (
        "{path}: names: tên của hub ghi ở đây; hãy sửa tên trong tệp này"
    ),
    "--name: say what gates call the hub": "--name: hãy ghi tên mà máy quét gọi hub",
    "{path}: names: the certificate does not have {names}; run: gate-scanner hub certificate {folder}": (
        "{path}: names: chứng thư không có {names}; hãy chạy: gate-scanner hub certificate {folder}"
    ),
    "settings: {file}": "cấu hình: {file}",
    # check
    "hub: {names}; {role}": "hub: {names}; {role}",
    "{count} process listens on {doors}": "{count} tiến trình nghe ở {doors}",
    "database: SQLite, in its folder": "cơ sở dữ liệu: SQLite, trong thư mục của hub",
    "database: {url}": "cơ sở dữ liệu: {url}",
    "metrics: nowhere": "số liệu: không ở đâu",
    "metrics: http://{address}/metrics": "số liệu: http://{address}/metrics",
}
