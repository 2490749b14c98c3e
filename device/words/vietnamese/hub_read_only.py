"""A hub's database that is read-only."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "the hub's database is read-only ({name}); gates keep what they have. See whether its disk fails (dmesg), how that "
    "is mounted, and the mode of its files; when it can be written again, nothing needs to be started here": (
        "cơ sở dữ liệu của hub chỉ cho đọc ({name}); các máy quét giữ lại những gì đã ghi. Hãy xem ổ đĩa có hỏng không "
        "(dmesg), được gắn thế nào và quyền của các tệp; khi ghi lại được, không cần khởi động gì ở đây"
    ),
}
