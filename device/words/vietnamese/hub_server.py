"""What is wrong with a hub's database on a PostgreSQL server."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "database.url: {url}: no server answers there ({why}); start it, or correct the address": (
        "database.url: {url}: không có máy chủ nào trả lời ({why}); hãy khởi động nó, hoặc sửa địa chỉ"
    ),
    "database.url: {url}: the server refuses the user or the password": (
        "database.url: {url}: máy chủ không nhận người dùng hoặc mật khẩu này"
    ),
    "database.url: {url}: the server does not know the user; make it: createuser NAME": (
        "database.url: {url}: máy chủ không biết người dùng này; hãy tạo: createuser NAME"
    ),
    "database.url: {url}: the server does not let this machine in (pg_hba.conf)": (
        "database.url: {url}: máy chủ không cho máy này vào (pg_hba.conf)"
    ),
    "database.url: {url}: there is no such database; make it: createdb -O USER NAME": (
        "database.url: {url}: không có cơ sở dữ liệu này; hãy tạo: createdb -O USER NAME"
    ),
    "database.url: {url}: blank; restore a backup (gate-scanner hub restore)": (
        "database.url: {url}: trống; hãy khôi phục bản sao lưu (gate-scanner hub restore)"
    ),
    "database.url: {url}: has a parameter behind its ? that libpq does not know": (
        "database.url: {url}: sau dấu ? có tham số mà libpq không biết"
    ),
    "{path}: database.url: another hub's": "{path}: database.url: của hub khác",
    "database.url: {url}: {why}": "database.url: {url}: {why}",
    "database.url: {url}: its server has fsync off and loses check-ins with the power; set it on": (
        "database.url: {url}: máy chủ đang tắt fsync, mất điện là mất lượt; hãy bật lại"
    ),
    "database.url: {url}: PostgreSQL {found} is too old; a hub needs {oldest} or newer": (
        "database.url: {url}: PostgreSQL {found} quá cũ; hub cần bản {oldest} trở lên"
    ),
    "the database's server does not answer ({name}); gates keep what they have. When it is back, nothing needs to be "
    "started here": (
        "máy chủ cơ sở dữ liệu không trả lời ({name}); các máy quét giữ lại những gì đã ghi. Khi nó hoạt động lại, "
        "không cần khởi động gì ở đây"
    ),
    "the database's server took too long ({name}); see what holds its tables (a migration, a backup), its disk and "
    "load": (
        "máy chủ cơ sở dữ liệu làm quá lâu ({name}); hãy xem cái gì đang giữ bảng (nâng cấp, sao lưu), ổ đĩa và tải "
        "của nó"
    ),
    "there is no room on the disk of the database's server ({name}); make some": (
        "ổ đĩa của máy chủ cơ sở dữ liệu đã đầy ({name}); hãy dọn bớt"
    ),
    "the database's server has no connection left ({name}); raise its max_connections": (
        "máy chủ cơ sở dữ liệu đã hết kết nối ({name}); hãy tăng max_connections"
    ),
    "the database is read-only ({name}): a standby, or default_transaction_read_only is on": (
        "cơ sở dữ liệu chỉ cho đọc ({name}): là máy dự phòng, hoặc default_transaction_read_only đang bật"
    ),
    "the database has other tables than this hub's ({name}); see hub migrate": (
        "cơ sở dữ liệu có bảng khác với hub này ({name}); hãy xem hub migrate"
    ),
    "the database's user lacks a right ({name}); make it the owner of the database": (
        "người dùng cơ sở dữ liệu thiếu quyền ({name}); hãy cho nó làm chủ cơ sở dữ liệu"
    ),
    "the database's server lets this hub in no more ({name}); see its user and password": (
        "máy chủ cơ sở dữ liệu không cho hub này vào nữa ({name}); hãy xem lại người dùng và mật khẩu"
    ),
    "the hub's database cannot be used ({name}); see the log of its server": (
        "không dùng được cơ sở dữ liệu của hub ({name}); hãy xem nhật ký của máy chủ"
    ),
}
