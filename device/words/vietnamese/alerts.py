"""What a person should see to, as ``status`` tells it."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "the hub gives this gate no rules ({why})": "hub không gửi quy tắc cho máy quét này ({why})",
    "out of service: see the camera and the queue below, or journalctl -u gate-scanner": (
        "hỏng, không nhận khách: xem dòng camera và hàng chờ, hoặc journalctl -u gate-scanner"
    ),
    "not enrolled: gate-scanner enrol CODE": "chưa đăng ký: chạy gate-scanner enrol MÃ",
    "not enrolled: {why}": "chưa đăng ký: {why}",
    "the hub has withdrawn this gate: enrol it again": "hub đã thu hồi máy quét này: đăng ký lại",
    "{why}: check the ribbon cable and the power supply": "{why}: kiểm tra cáp camera và nguồn điện",
    "the lamps cannot be set: check pins and wires, then systemctl restart gate-scanner": (
        "không điều khiển được đèn: xem lại chân và dây, rồi chạy systemctl restart gate-scanner"
    ),
    "a decoder crashed twice and is left out for ten minutes": "một bộ giải mã hỏng hai lần, tạm bỏ trong mười phút",
    "the {name} file was changed and has mistakes: gate-scanner check FILE": (
        "tệp {name} đã bị sửa và có lỗi: chạy gate-scanner check TỆP"
    ),
    "there is no sealing key for today, the last one is used: let the gate reach its hub": (
        "không có khoá niêm phong của hôm nay, đang dùng khoá cuối: hãy cho máy quét nối được tới hub"
    ),
    "the clock is more than a day off and not believed: check its time server, or let it reach its hub": (
        "đồng hồ lệch hơn một ngày nên không được tin: xem lại máy chủ giờ, hoặc cho máy nối được tới hub"
    ),
    "the hub refused 1 check-in: gate-scanner queue parked": "hub từ chối {count} lượt: chạy gate-scanner queue parked",
    "the hub does not take what this gate sends ({why})": "hub không nhận dữ liệu của máy quét này ({why})",
    "check-ins have waited for more than a day: check the network and the hub": (
        "có lượt chờ hơn một ngày: xem lại mạng và hub"
    ),
    "the hub's {kind} was refused: {why}; look at the hub": "{kind} của hub bị từ chối: {why}; hãy xem ở hub",
    "the hub's {kind} is out of date: publish a new one there, or check the network": (
        "{kind} của hub đã quá hạn: phát hành bản mới ở đó, hoặc xem lại mạng"
    ),
    "the power supply is too weak: use one of 5.1 V and 3 A, and a short cable": (
        "nguồn điện quá yếu: dùng nguồn 5,1 V 3 A và dây ngắn"
    ),
    "the processor is at {celsius} °C and slows down: give it air": (
        "bộ xử lý nóng {celsius} °C và chạy chậm lại: để máy thoáng khí"
    ),
    "only {free} MB are free on the card": "thẻ nhớ chỉ còn trống {free} MB",
    "the machine's watchdog is not armed: setup.sh install does it": (
        "bộ canh máy (watchdog) chưa bật: chạy setup.sh install"
    ),
}
