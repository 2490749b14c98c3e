"""The Vietnamese dictionary, by subject; written as technicians and guards in Vietnam speak.

The same thing has the same word everywhere: gate "máy quét", hub "hub", site file "tệp cấu hình", key of a file
"khoá", line "dòng", pin "chân GPIO", lamp "đèn", buzzer "còi", card "thẻ nhớ", check-in "lượt" (recorded: "lượt đã
ghi"), policy "bộ quy tắc", trust list "danh sách tin cậy", enrol "đăng ký", seal "niêm phong", queue "hàng chờ".
Commands, keys, paths and the words that stand in files stay as they are.
"""

from __future__ import annotations

from typing import Final

from device.words.vietnamese import (
    alerts,
    camera,
    check,
    crosschecks,
    devices,
    doctor,
    gate,
    hub,
    ledger,
    lights,
    machine,
    network,
    preflight,
    status,
    syntax,
    trust,
    values,
)

SUBJECTS: Final = (
    alerts.ENTRIES,
    camera.ENTRIES,
    check.ENTRIES,
    crosschecks.ENTRIES,
    devices.ENTRIES,
    doctor.ENTRIES,
    gate.ENTRIES,
    hub.ENTRIES,
    ledger.ENTRIES,
    lights.ENTRIES,
    machine.ENTRIES,
    network.ENTRIES,
    preflight.ENTRIES,
    status.ENTRIES,
    syntax.ENTRIES,
    trust.ENTRIES,
    values.ENTRIES,
)
ENTRIES: Final = {english: words for subject in SUBJECTS for english, words in subject.items()}
"""Every sentence; no two subjects have the same, which a test holds."""
