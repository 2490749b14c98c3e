"""What ``doctor``, ``trust compile`` and ``webhook init`` say."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # doctor
    "good": "tốt",
    "WARNING": "LƯU Ý",
    "FAILURE": "HỎNG",
    "{why}: choose another --folder": "{why}: chọn --folder khác",
    "{why}: check the card": "{why}: kiểm tra thẻ nhớ",
    "{why}: the card gives read or write errors: replace it": "{why}: thẻ nhớ bị lỗi đọc ghi: thay thẻ khác",
    "or name a folder: gate-scanner doctor card --folder DIR": (
        "hoặc ghi một thư mục: gate-scanner doctor card --folder THƯ_MỤC"
    ),
    "doctor: {why} in {folder}: it needs 50 MB; set TMPDIR to a larger folder": (
        "doctor: {why} trong {folder}: cần 50 MB; đặt TMPDIR là thư mục rộng hơn"
    ),
    "writing to {folder} …": "đang ghi vào {folder} …",
    "{kind} on {device}": "{kind} trên {device}",
    "a file system that is there after a power cut": "hệ thống tệp còn nguyên sau khi mất điện",
    "a sector is said to be written after {median} ms (p99 {p99} ms, of {flushes})": (
        "ổ báo đã ghi một sector sau {median} ms (p99 {p99} ms, trong {flushes} lần)"
    ),
    "flash needs at least {least} ms: it can be true": "bộ nhớ flash cần ít nhất {least} ms: có thể là thật",
    "this is memory and no disk: a power cut takes every check-in": (
        "đây là bộ nhớ, không phải ổ: mất điện là mất hết các lượt"
    ),
    "this disk says it is written before it can be: a power cut may take check-ins": (
        "ổ này báo đã ghi sớm hơn mức có thể: mất điện có thể mất các lượt"
    ),
    "{early}; put in another card": "{early}; lắp thẻ nhớ khác",
    "{early}; a virtual machine, or a server disk with power-loss protection, cannot be told apart from that": (
        "{early}; máy ảo, hoặc ổ máy chủ có bảo vệ mất điện, trông cũng giống như vậy"
    ),
    "{wall} ms a check-in (p99 {p99} ms), {cpu} ms of it CPU; {bytes} bytes on disk": (
        "{wall} ms mỗi lượt (p99 {p99} ms), trong đó {cpu} ms CPU; {bytes} byte trên ổ"
    ),
    "the lamp can answer within {most} ms": "đèn kịp trả lời trong {most} ms",
    "the lamp comes later than {most} ms: put in a quicker card": "đèn chậm hơn {most} ms: lắp thẻ nhớ nhanh hơn",
    "{recorded} check-ins were recorded, {found} others are there": (
        "đã ghi {recorded} lượt, đọc lại thấy {found} lượt khác"
    ),
    "it does not keep what it is given: replace it": "thẻ không giữ những gì đã ghi: thay thẻ khác",
    "{count} check-ins, each proved by its chain": "{count} lượt, lượt nào cũng khớp với chuỗi",
    "{count} check-ins, each proved by its chain, asked of the disk and not of the kernel's memory": (
        "{count} lượt, lượt nào cũng khớp với chuỗi, đọc từ chính ổ chứ không từ bộ nhớ đệm"
    ),
    "what was recorded is what is read": "đọc ra đúng những gì đã ghi",
    "start to ready: {count} ms": "từ khi chạy đến khi sẵn sàng: {count} ms",
    "memory: gate {gate} + eye {eye} = {together} MB ({measure})": (
        "bộ nhớ: máy quét {gate} + camera {eye} = {together} MB ({measure})"
    ),
    "SIGTERM to end: {count} ms": "từ SIGTERM đến khi dừng: {count} ms",
    "the service was not ready within {count} s": "dịch vụ không sẵn sàng trong {count} giây",
    "the service ended with {code} before it was ready": "dịch vụ dừng với mã {code} trước khi sẵn sàng",
    "the service had no eye for {count} s": "dịch vụ không có tiến trình camera trong {count} giây",
    # owner
    "{folder}: {why}; the gate makes it when it first runs": "{folder}: {why}; máy quét tạo nó khi chạy lần đầu",
    "{folder} belongs to {name}; run the same again as that user: sudo -u {name} gate-scanner …": (
        "{folder} thuộc về {name}; chạy lại bằng người dùng đó: sudo -u {name} gate-scanner …"
    ),
    # trust compile
    "{file}: {why}; nothing was written": "{file}: {why}; chưa ghi gì",
    "{file}: certificate {number} left out: {why}": "{file}: bỏ qua chứng thư {number}: {why}",
    "no certificate that can sign; nothing was written": "không có chứng thư nào ký được; chưa ghi gì",
    "no gate would take this list: {why}; nothing was written": (
        "không máy quét nào nhận danh sách này: {why}; chưa ghi gì"
    ),
    "{file}: 1 key": "{file}: {count} khoá công khai",
    "larger than 64 MiB": "lớn hơn 64 MiB",
    "PEM without a certificate in it": "PEM không chứa chứng thư",
    "neither PEM, DER, base64 nor a gateway's JSON list": (
        "không phải PEM, DER, base64, cũng không phải danh sách JSON của cổng chứng thư"
    ),
    "looks like a gateway's list but is no JSON": "trông như danh sách của cổng chứng thư nhưng không phải JSON",
    "no list of certificates in this JSON": "trong JSON này không có danh sách chứng thư",
    "no certificate, or one with a kind of key unknown here": "không phải chứng thư, hoặc có loại khoá không biết",
    "a key id of more than 64 bytes": "mã khoá dài hơn 64 byte",
    "it ends before it begins": "hết hạn trước khi có hiệu lực",
    "its extensions cannot be read": "không đọc được phần mở rộng",
    # webhook init
    "{file}: sync.kind: is hub; write webhook, and a sync.webhook section": (
        "{file}: sync.kind: đang là hub; viết webhook, và phần sync.webhook"
    ),
    "{gate} seals check-ins to the key {key}; the gate starts by itself": (
        "{gate} niêm phong các lượt bằng khoá {key}; máy quét tự bắt đầu"
    ),
    "{file}: whoever has this file and the card reads who came; keep a copy off the card": (
        "{file}: ai có tệp này và thẻ nhớ thì đọc được ai đã đến; giữ một bản ở ngoài thẻ nhớ"
    ),
    "{file}: give the text in it to the server, which checks each request with it": (
        "{file}: đưa nội dung tệp này cho máy chủ, máy chủ dùng nó để kiểm tra từng yêu cầu"
    ),
}
