"""What ``check`` and ``adopt`` say of a file themselves."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "warning: our hub answers at {url} and not at a path behind it": (
        "cảnh báo: hub của chúng tôi trả lời ở {url}, không ở đường dẫn nào phía sau"
    ),
    "{file}: ok": "{file}: đúng, không có lỗi",
    "{file}: there is none on this machine; name a file: gate-scanner check FILE": (
        "{file}: trên máy này không có tệp đó; hãy ghi tên tệp: gate-scanner check FILE"
    ),
    "and {count} more": "và {count} lỗi nữa",
    "policy {version}: takes {kinds}": "bộ quy tắc {version}: nhận {kinds}",
    "in force from {time}": "áp dụng từ {time}",
    "open {hours}": "mở cửa {hours}",
    "{days} {begin} to {end}": "{days} {begin} đến {end}",
    "{days} {begin} to {end} of the next day": "{days} {begin} đến {end} ngày hôm sau",
    "at most {count} inside": "bên trong nhiều nhất {count} người",
    "asks the hub's {lists}": "hỏi danh sách của hub: {lists}",
    "place: {name} ({kind}), {where}; the gate leads {leads}": (
        "địa điểm: {name} ({kind}), {where}; hướng của cổng: {leads}"
    ),
    "pins: {wired}": "chân GPIO: {wired}",
    "policy: the hub says": "bộ quy tắc: do hub quyết định",
    "policy: {policy}": "bộ quy tắc: {policy}",
    "hub: none; check-ins are posted to {host}": "hub: không có; các lượt được gửi đến {host}",
    "hub: none; check-ins stay here": "hub: không có; các lượt nằm lại trên máy này",
    "hub: {url}, port {port}": "hub: {url}, cổng {port}",
    "hub: {host}": "hub: {host}",
    # adopt
    "There are {count} files: {names}. Leave one.": "Có {count} tệp: {names}. Chỉ để lại một tệp.",
    "{name} was taken over; the file is now called {taken}.": "Đã nhận {name}; tệp này nay có tên {taken}.",
    "{name} could not be taken over: {why}": "Không nhận được {name}: {why}",
    "Not taken over, the gate goes on as before. Correct these lines:": (
        "Chưa nhận, máy quét vẫn chạy như cũ. Hãy sửa các dòng sau:"
    ),
    "{file}: a hub's settings, and no hub is installed here ({name} is missing)": (
        "{file}: cấu hình của hub, nhưng máy này không cài hub (thiếu {name})"
    ),
}
