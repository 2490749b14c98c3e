"""The Vietnamese dictionary, by subject; written as technicians and guards in Vietnam speak.

The same thing has the same word everywhere: gate "máy quét", hub "hub", site file "tệp cấu hình", key of a file
"khoá", line "dòng", pin "chân GPIO", lamp "đèn", buzzer "còi", card "thẻ nhớ", check-in "lượt" (recorded: "lượt đã
ghi"), policy "bộ quy tắc", trust list "danh sách tin cậy", enrol "đăng ký", seal "niêm phong", queue "hàng chờ".
Commands, keys, paths and the words that stand in files stay as they are.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Final

SUBJECTS: Final[tuple[dict[str, str], ...]] = tuple(
    importlib.import_module(f"{__name__}.{module.name}").ENTRIES for module in pkgutil.iter_modules(__path__)
)
"""The ``ENTRIES`` of each module here; a gate has none of a hub's."""
ENTRIES: Final = {english: words for subject in SUBJECTS for english, words in subject.items()}
"""Every sentence; no two subjects have the same, which a test holds."""
