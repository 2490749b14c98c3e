"""What cues look and sound like, and what each means: the words of the guard's table in README.md."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "two": "hai",
    "three": "ba",
    "four": "bốn",
    "five": "năm",
    "six": "sáu",
    "seven": "bảy",
    "eight": "tám",
    "nine": "chín",
    "ten": "mười",
    "green": "xanh",
    "red": "đỏ",
    "amber": "vàng",
    "{first} and {second}": "{first} và {second}",
    "one {lamp} wink": "{lamp} chớp nhẹ",
    "{number} {lamp} winks": "{lamp} chớp nhẹ {number} lần",
    "one short {lamp} blink": "{lamp} chớp ngắn",
    "{number} short {lamp} blinks": "{lamp} chớp ngắn {number} lần",
    "one {lamp} blink": "{lamp} chớp",
    "{number} {lamp} blinks": "{lamp} chớp {number} lần",
    "one long {lamp} blink": "{lamp} dài",
    "{number} long {lamp} blinks": "{lamp} dài {number} lần",
    "one tick": "một tiếng tích",
    "{number} ticks": "{number} tiếng tích",
    "one short beep": "một tiếng bíp ngắn",
    "{number} short beeps": "{number} tiếng bíp ngắn",
    "one beep": "một tiếng bíp",
    "{number} beeps": "{number} tiếng bíp",
    "one long tone": "một tiếng bíp dài",
    "{number} long tones": "{number} tiếng bíp dài",
    "quick {lamp} flicker": "{lamp} nháy nhanh",
    "{lamp} blinks fast": "{lamp} nháy nhanh liên tục",
    "{lamp} all the time": "{lamp} sáng liên tục",
    "{lamp} {on} s on, {off} s off": "{lamp} sáng {on} giây, tắt {off} giây",
    "{lamp} for {seconds} s": "{lamp} {seconds} giây",
    "{look}, twice": "{look}, lặp lại",
    "{look}, {number} times": "{look}, {number} lượt",
    "{first}, then {second}": "{first}, rồi {second}",
    "{look} every {seconds} s": "{look} mỗi {seconds} giây",
    "{look}, every {seconds} s": "{look}, mỗi {seconds} giây",
    "nothing is seen or heard": "không thấy và không nghe gì",
    # what each means
    "The gate is starting.": "Đang khởi động.",
    "Waiting for a visitor.": "Sẵn sàng.",
    "Come in; the only cue that may light green or hold the relay.": (
        "Đã ghi nhận, mời vào; đèn xanh và rơ-le chỉ dành cho tín hiệu này."
    ),
    "A person must look.": "Cần người xem lại.",
    "Not allowed in.": "Không được vào.",
    "A code, but none that says who somebody is.": "Có mã, nhưng không phải mã cá nhân.",
    "Come closer.": "Thấy mã nhưng không đọc được: giữ yên cách 20 cm, lau sạch.",
    "One at a time.": "Hai người đưa mã cùng lúc: lần lượt từng người.",
    "Works, but the queue to the hub is growing.": "Sẵn sàng, không liên lạc được với máy chủ; vẫn ghi nhận.",
    "The hub does not know this gate yet.": "Máy chưa đăng ký: không ai được ghi nhận.",
    "The hub has withdrawn this gate.": "Máy chủ đã thu hồi cổng này: không ai được ghi nhận.",
    "The site file has mistakes.": "Tệp cấu hình có lỗi: không ai được ghi nhận.",
    "Out of service.": "Hỏng: camera, thẻ nhớ hoặc sổ ghi; không ai được ghi nhận.",
    # the command
    "{file} cannot be used: told is what a gate shows that changes nothing": (
        "không dùng được {file}: sau đây là tín hiệu mặc định của máy quét"
    ),
    "pins.relay: no relay is wired; leave --relay out": "pins.relay: không có rơ-le nào được nối; bỏ --relay",
    "{cue}: the lamps stopped half-way; the log has the reason": "{cue}: đèn dừng giữa chừng; xem lý do trong nhật ký",
}
