"""What the demo says."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "check-ins": "số lượt",
    "demo: {why} in {folder}: it needs about 300 MB; set TMPDIR to a larger folder": (
        "demo: {why} trong {folder}: cần khoảng 300 MB; đặt TMPDIR là một thư mục rộng hơn"
    ),
    "{why}; nor can any of the other {count} files there": "{why}; {count} tệp khác ở đó cũng vậy",
    # who comes
    "national code on a phone": "mã cá nhân trên điện thoại",
    "citizen card": "căn cước",
    "venue poster by mistake": "đưa nhầm mã địa điểm",
    "insurance card": "thẻ BHYT",
    "Wi-Fi code of a café": "mã Wi-Fi của quán",
    "national code, dark mode": "mã cá nhân, chế độ tối",
    "a card held for three seconds": "thẻ đưa trong ba giây",
    "a worn-out code": "mã đã mờ",
    "first visitor again, on paper": "khách đầu lần nữa, trên giấy",
    # as it happens
    "drawing the visitors' frames": "đang vẽ khung hình của khách",
    "the network is gone: the gate goes on": "mất mạng: máy quét vẫn chạy",
    "the network is back: the queue drains": "có mạng lại: gửi hết hàng chờ",
    "queue: {waiting} waiting of {recorded} recorded": "hàng chờ: {waiting} trên {recorded} lượt đã ghi",
    "not recorded": "không ghi",
    "lamp after {ms} ms": "đèn sau {ms} ms",
    "lamps": "đèn",
    "beep": "bíp",
    "no code was seen": "không thấy mã nào",
    "{read} of {count} photos were read": "đọc được {read} trên {count} ảnh",
    # at the end
    "visitor": "khách",
    "what the gate said": "máy quét trả lời",
    "ms": "ms",
    "row": "dòng",
    "hub": "hub",
    "NO": "SAI",
    "ok": "ok",
    "nothing": "không gì cả",
    "{number}. expected {expected}: {fault}": "{number}. mong đợi {expected}: {fault}",
    "there was not one answer": "không phải đúng một câu trả lời",
    "the lamp says otherwise": "đèn báo khác",
    "the green pin says otherwise": "chân đèn xanh báo khác",
    "the ledger says otherwise": "sổ ghi nói khác",
    "the hub says otherwise": "hub nói khác",
    "all": "tất cả",
    "passages (repeats left out)": "lượt qua (bỏ lượt lặp)",
    "shown": "đã báo đèn",
    "recorded": "đã ghi",
    "delivered": "đã gửi",
    "frame to lamp: p50 {p50} ms, p99 {p99} ms over {count} answers": (
        "từ khung hình đến đèn: p50 {p50} ms, p99 {p99} ms qua {count} lần trả lời"
    ),
    "Everything agrees.": "Mọi con số đều khớp.",
    "NOT everything agrees.": "KHÔNG khớp hết.",
    "Nothing was read. Photograph it from nearer: flat, sharp, with its white border.": (
        "Không đọc được gì. Hãy chụp gần hơn: thẳng, rõ nét, thấy cả viền trắng."
    ),
    # what stays, with --desk
    "The hub stays up, and the visitors come again and again. Open in a browser on this machine:": (
        "Hub vẫn chạy, khách vẫn tiếp tục đến. Mở bằng trình duyệt trên máy này:"
    ),
    "password": "mật khẩu",
    "The browser warns once: the certificate is the hub's own.": (
        "Trình duyệt cảnh báo một lần: chứng chỉ là do hub tự cấp."
    ),
    "For a gate of your own: make a code for it on the page of the gates, type it here, and press Enter.": (
        "Muốn có thêm một máy quét: tạo mã cho nó ở trang các máy quét, gõ mã vào đây rồi nhấn Enter."
    ),
    "Ctrl-C ends hub and gates; nothing is left behind.": "Ctrl-C dừng hub và các máy quét; không để lại gì.",
    "{gate} is enrolled; from now on visitors come to it too": "{gate} đã đăng ký; từ giờ khách cũng đến máy này",
}
