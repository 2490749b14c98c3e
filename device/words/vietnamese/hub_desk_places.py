"""The desk's pages of places: lists, forms, imports, what is printed; and files in forms."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # files in forms
    "This file is larger than {most} MB. Divide it into several; nothing was changed.": (
        "Tệp lớn hơn {most} MB. Hãy chia thành nhiều tệp; chưa có gì thay đổi."
    ),
    "The hub's disk has no room for this file; make some, and try again.": (
        "Đĩa của hub không đủ chỗ cho tệp này; hãy giải phóng rồi thử lại."
    ),
}
