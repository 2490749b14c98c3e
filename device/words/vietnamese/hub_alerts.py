"""Alerts: the rules, messages, the page, and the command."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # the rules, and what to do
    "gate silent": "máy quét mất liên lạc",
    "gate out of service": "máy quét hỏng",
    "nothing scanned": "không có lượt quét nào",
    "low coverage": "độ phủ thấp",
    "low coverage: {percent} % of the opening hours of a day": "độ phủ thấp: {percent} % giờ mở cửa của một ngày",
    "the hub itself": "chính hub",
    "look at its power and its network; it keeps what it records": (
        "xem nguồn điện và mạng của máy; máy vẫn giữ những gì đã ghi"
    ),
    "nobody is let in by it now; on the gate: gate-scanner status": (
        "máy không nhận khách lúc này; trên máy quét: gate-scanner status"
    ),
    "see whether people come past it, and whether they hold a code up": (
        "xem khách có đi qua máy không, và có đưa mã lên không"
    ),
    "see the place's page: is somebody at the gate in all opening hours?": (
        "xem trang của địa điểm: trong giờ mở cửa có luôn có người ở máy quét không?"
    ),
    # the hub's own
    "less than 1 GB is free on the hub's disk": "đĩa của hub chỉ còn trống dưới 1 GB",
    "sealing keys are there for fewer than 20 days to come": "khoá niêm phong chỉ còn cho chưa đến 20 ngày tới",
    "the database is prepared for fewer than 7 days to come": "cơ sở dữ liệu mới chuẩn bị cho chưa đến 7 ngày tới",
    "the last backup is too old, or there was none": "bản sao lưu cuối đã quá cũ, hoặc chưa có bản nào",
    "the hub's clock is in doubt: no key is made or destroyed": (
        "đồng hồ của hub không chắc đúng: không tạo và không huỷ khoá nào"
    ),
    "make room: check-ins are refused when it is full": "hãy dọn chỗ: đĩa đầy thì hub không nhận lượt nào",
    "on the hub: journalctl -u gate-hub | grep event=maintenance-failed": (
        "trên hub: journalctl -u gate-hub | grep event=maintenance-failed"
    ),
    "on the hub: journalctl -u gate-hub | grep -E 'event=(maintenance-failed|partitions)'": (
        "trên hub: journalctl -u gate-hub | grep -E 'event=(maintenance-failed|partitions)'"
    ),
    "on the hub: gate-scanner hub backup DIR BACKUP": "trên hub: gate-scanner hub backup DIR BACKUP",
    "on the hub: gate-scanner hub clock DIR": "trên hub: gate-scanner hub clock DIR",
    # messages
    "a test message": "tin thử",
    "{began} alerts began": "{began} cảnh báo mới",
    "{ended} alerts are over": "{ended} cảnh báo đã hết",
    "{began} alerts began, {ended} are over": "{began} cảnh báo mới, {ended} đã hết",
    "over: {what}": "đã hết: {what}",
    "{what}: {name}": "{what}: {name}",
    "{what}: {name} ({place})": "{what}: {name} ({place})",
    "{time} {what}, since {since}": "{time} {what}, từ {since}",
    "{time} over: {what}": "{time} đã hết: {what}",
    "What to do: {do}": "Cần làm: {do}",
    "{rule}: {began} began, {ended} over": "{rule}: {began} mới, {ended} đã hết",
    "Nearly all gates fell silent together: look at the hub's own network first.": (
        "Hầu như mọi máy quét mất liên lạc cùng lúc: trước hết hãy xem mạng của chính hub."
    ),
    "and {count} other alerts": "và {count} cảnh báo khác",
    "Provinces with most of them:": "Các tỉnh, thành phố nhiều nhất:",
    "Places with most of them:": "Các địa điểm nhiều nhất:",
    "Somebody tries whether messages of this hub arrive. This one has.": (
        "Có người thử xem tin của hub này có đến nơi không. Tin này đã đến."
    ),
    # where they go
    "webhook": "webhook",
    "mail": "thư điện tử",
    "no answer in time": "không trả lời kịp",
    "it cannot be reached: check its address and the network": "không nối được: kiểm tra địa chỉ và mạng",
    "its certificate is not trusted: check its name, or write ca_file": (
        "chứng thư không được tin: kiểm tra tên máy chủ, hoặc ghi ca_file"
    ),
    "it offers no TLS: check the port": "máy chủ không có TLS: kiểm tra cổng",
    "it refuses user and password": "máy chủ từ chối tên đăng nhập và mật khẩu",
    "it refuses sender or receivers": "máy chủ từ chối người gửi hoặc người nhận",
    "a web page answers there: check its address": "ở đó trả lời bằng một trang web: kiểm tra địa chỉ",
    "what answers there is no such server: check the port": "máy trả lời không phải loại máy chủ này: kiểm tra cổng",
    "a file it needs cannot be used: gate-scanner check hub.yaml": (
        "không dùng được một tệp cần thiết: chạy gate-scanner check hub.yaml"
    ),
    "it answers {status}": "máy chủ trả lời {status}",
    # the page
    "Alerts": "Cảnh báo",
    "A test message is on its way. Open this page again in a moment to see whether it arrived.": (
        "Tin thử đang được gửi. Lát nữa hãy mở lại trang này để xem tin đã đến chưa."
    ),
    "the hub": "hub",
    "Wrong now": "Đang có sự cố",
    "Nothing is wrong.": "Không có sự cố nào.",
    "Where": "Ở đâu",
    "Since": "Từ lúc",
    "Over since": "Hết lúc",
    "Who sees to it": "Ai đang xử lý",
    "Who saw to it": "Ai đã xử lý",
    "seems to be over; it must hold": "có vẻ đã hết; còn chờ xem có ổn định không",
    "I see to it": "Tôi xử lý",
    "I see to it: {what}, {name}": "Tôi xử lý: {what}, {name}",
    "nobody yet": "chưa có ai",
    "nobody": "không có ai",
    "Over": "Đã hết",
    "Nothing in the last 90 days.": "Không có gì trong 90 ngày qua.",
    "Messages": "Tin báo",
    "To": "Gửi đến",
    "Last arrived": "Lần cuối đến nơi",
    "Waiting": "Đang chờ",
    "nothing yet": "chưa có",
    "{count} try failed: {why}": "{count} lần gửi không được: {why}",
    "on its way": "đang gửi",
    "Send a test message": "Gửi tin thử",
    "Nobody is told: there is neither webhook nor mail under alerts: in hub.yaml.": (
        "Không báo cho ai: dưới alerts: trong hub.yaml chưa có webhook hay mail."
    ),
    "{count} more": "còn {count} cảnh báo nữa",
    "sees to an alert": "nhận xử lý một cảnh báo",
    "sent a test message": "đã gửi tin thử",
    # the command, and check
    "nothing is wrong": "không có sự cố nào",
    "what": "việc gì",
    "place": "địa điểm",
    "since": "từ lúc",
    "until": "đến lúc",
    "seen to by": "người xử lý",
    "nobody is told: there is neither webhook nor mail under alerts: in hub.yaml": (
        "không báo cho ai: dưới alerts: trong hub.yaml chưa có webhook hay mail"
    ),
    "there is no webhook under alerts: in hub.yaml": "dưới alerts: trong hub.yaml chưa có webhook",
    "{file}: made": "{file}: đã tạo",
    "{sink}: took a test message": "{sink}: đã nhận tin thử",
    "{sink}: {why}": "{sink}: {why}",
    "{sink}: {count} try failed: {why}": "{sink}: {count} lần gửi không được: {why}",
    "{sink}: nothing was told yet": "{sink}: chưa gửi tin nào",
    "{sink}: last told {time}": "{sink}: gửi lần cuối lúc {time}",
    "alerts: only on the page": "cảnh báo: chỉ trên trang quản lý",
    "alerts: to the webhook at {host}": "cảnh báo: gửi tới webhook ở {host}",
    "alerts: by mail to {count} address, through {server}": "cảnh báo: gửi thư tới {count} địa chỉ, qua {server}",
    "make room for alerts and their messages": "thêm chỗ cho cảnh báo và tin báo",
    # hub.yaml
    "write a mail address alone, like guard@example.vn": "hãy chỉ ghi một địa chỉ thư, như guard@example.vn",
    "write a host name like mail.example.vn, or an IP address; the port stands apart": (
        "hãy ghi tên máy chủ như mail.example.vn, hoặc địa chỉ IP; cổng ghi riêng"
    ),
    "write {other} too, or neither": "hãy ghi cả {other}, hoặc bỏ cả hai",
    "{path}: holds no certificates in PEM that can be read": "{path}: không có chứng thư PEM đọc được",
    "{path}: must hold 16 to 256 characters of ASCII without blanks": (
        "{path}: phải có 16 đến 256 ký tự ASCII không có dấu cách"
    ),
}
