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
    # hosts that only take what gates send
    "{path}: takes only what gates send (role: ingest) and has no private keys; do that where the desk runs": (
        "{path}: máy này chỉ nhận dữ liệu (role: ingest) và không có khoá riêng; hãy làm việc đó trên máy bàn (desk)"
    ),
    "{path}: no sealing keys; copy what gate-scanner hub ingest writes at the desk": (
        "{path}: không có khoá niêm phong; hãy chép thư mục mà gate-scanner hub ingest ghi trên máy bàn (desk)"
    ),
    "{path}: database.url: hosts share a PostgreSQL, and this is SQLite": (
        "{path}: database.url: các máy dùng chung PostgreSQL, mà ở đây là SQLite"
    ),
    "{path}: is a hub's own folder; name another": "{path}: là thư mục của chính hub; hãy ghi thư mục khác",
    "{path}: role: is ingest there, and the folder has no keys for {role}": (
        "{path}: role: ở đó là ingest, và thư mục không có khoá cho {role}"
    ),
    "{path}: an ingest host must not have it; gate-scanner hub ingest writes a folder without, at the desk": (
        "{path}: máy ingest không được có tệp này; gate-scanner hub ingest trên máy bàn (desk) ghi thư mục không có nó"
    ),
    "{path}: role: is not ingest; write that there": "{path}: role: không phải ingest; hãy ghi ingest ở đó",
    "{folder}: for a host that only takes what gates send; no private key of who came is in it": (
        "{folder}: cho máy chỉ nhận dữ liệu; không có khoá riêng nào mở được ai đã đến"
    ),
    "put the database's password there beside hub.yaml, where one is needed; write it again every day": (
        "đặt mật khẩu cơ sở dữ liệu cạnh hub.yaml ở đó nếu cần; ghi lại thư mục này mỗi ngày"
    ),
}
