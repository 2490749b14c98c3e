"""The ledger and the card, keys, pins, and the question to the running gate."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # the ledger
    "another gate writes to the ledger in {folder}: stop it, or give this gate a folder of its own": (
        "máy quét khác đang ghi vào sổ ghi ở {folder}: dừng nó, hoặc cho máy này thư mục riêng"
    ),
    "the ledger's folder {folder} cannot be used ({why}): check that it exists, is writable and belongs to the "
    "service's user": (
        "không dùng được thư mục sổ ghi {folder} ({why}): kiểm tra nó có tồn tại, ghi được và thuộc về người dùng "
        "của dịch "
        "vụ"
    ),
    "the ledger's folder {folder} cannot be used ({why}): check the card": (
        "không dùng được thư mục sổ ghi {folder} ({why}): kiểm tra thẻ nhớ"
    ),
    "the ledger in {folder} was closed": "sổ ghi ở {folder} đã đóng",
    "the ledger's folder {folder} lies on {kind}, which a power cut empties: name a folder on the card in "
    "store.folder, or write store.volatile_ok: true and lose check-ins": (
        "thư mục sổ ghi {folder} nằm trên {kind}, mất điện là mất hết: ghi một thư mục trên thẻ nhớ vào "
        "store.folder, hoặc "
        "ghi store.volatile_ok: true và chấp nhận mất các lượt"
    ),
    "{target} cannot be written ({why}): check the card": "không ghi được {target} ({why}): kiểm tra thẻ nhớ",
    "the ledger {path} belongs to the device {device_id}, this is {own}: put the right card in, or move that folder "
    "away": "sổ ghi {path} thuộc về máy {device_id}, máy này là {own}: lắp đúng thẻ nhớ, hoặc dời thư mục đó đi",
    "the ledger {file} is being read: close what has it open": (
        "sổ ghi {file} đang bị đọc: đóng chương trình đang mở nó"
    ),
    "a new epoch of the ledger has begun: this batch is settled at the hub only": (
        "sổ ghi đã sang đợt mới: nhóm này chỉ được chốt ở hub"
    ),
    "the ledger {path} is full: it has the {most} MB that store.max_size allows; let the gate reach the hub, or allow "
    "more": (
        "sổ ghi {path} đã đầy: đủ {most} MB mà store.max_size cho phép; cho máy quét nối tới hub, hoặc cho phép "
        "nhiều hơn"
    ),
    "the ledger {path} holds {kept} check-ins, as many as store.max_rows allows: let the gate reach the hub, and see "
    "store.at_cap": (
        "sổ ghi {path} có {kept} lượt, đủ số store.max_rows cho phép: cho máy quét nối tới hub, và xem store.at_cap"
    ),
    "the ledger {path} cannot grow: the card is full: {room}": "sổ ghi {path} không ghi thêm được: thẻ nhớ đầy: {room}",
    "free some space: {needed} MB must be free in {folder}, {free} MB are": (
        "dọn bớt chỗ: cần trống {needed} MB trong {folder}, đang trống {free} MB"
    ),
    "it is read-only: check the card, and that its folder belongs to the service's user": (
        "chỉ đọc được: kiểm tra thẻ nhớ, và thư mục có thuộc về người dùng của dịch vụ không"
    ),
    "it cannot be opened: check that its folder exists and belongs to the service's user": (
        "không mở được: kiểm tra thư mục có tồn tại và thuộc về người dùng của dịch vụ không"
    ),
    "the card gives read or write errors: replace it": "thẻ nhớ bị lỗi đọc ghi: thay thẻ khác",
    "another program holds it: close what else has it open": "chương trình khác đang giữ: đóng chương trình đó",
    "the ledger {path} cannot be used: {why}": "không dùng được sổ ghi {path}: {why}",
    "the ledger {path} cannot be used: the card is full: {room}": "không dùng được sổ ghi {path}: thẻ nhớ đầy: {room}",
    "the ledger {path} cannot be kept durably (journal {journal}, synchronous {synchronous}): put its folder on the "
    "card's own file system": (
        "sổ ghi {path} không giữ được chắc chắn (journal {journal}, synchronous {synchronous}): đặt thư mục trên hệ "
        "thống "
        "tệp của chính thẻ nhớ"
    ),
    "the ledger {path} has layout {layout}: install the version of the gate that wrote it": (
        "sổ ghi {path} có cấu trúc {layout}: cài phiên bản máy quét đã ghi nó"
    ),
    # keys and files
    "a sealing key's id must be 1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first": (
        "mã của khoá niêm phong phải có 1 đến 64 ký tự A-Z a-z 0-9 . _ -, bắt đầu bằng chữ hoặc số"
    ),
    "the device id must be 1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first": (
        "mã thiết bị phải có 1 đến 64 ký tự A-Z a-z 0-9 . _ -, bắt đầu bằng chữ hoặc số"
    ),
    "no sealing key: enrol this gate, or put the hub's sealing key in place": (
        "không có khoá niêm phong: đăng ký máy quét này, hoặc chép khoá niêm phong của hub vào"
    ),
    "the sealing key {key_id} cannot be used: get a good one from the hub": (
        "không dùng được khoá niêm phong {key_id}: lấy khoá tốt từ hub"
    ),
    "{path}: is no key; remove the file, then enrol the gate again": (
        "{path}: không phải khoá; xoá tệp rồi đăng ký lại máy quét"
    ),
    "{path}: cannot be read ({why})": "{path}: không đọc được ({why})",
    "{path}: cannot be written ({why})": "{path}: không ghi được ({why})",
    "{path}: others may read it; run: chmod 600 {path}": "{path}: người khác đọc được; chạy: chmod 600 {path}",
    "store.folder: {parent} is not a folder; name one": "store.folder: {parent} không phải thư mục; ghi một thư mục",
    "{path}: not allowed to read it; run: chown gate-scanner:gate-scanner {path}": (
        "{path}: không có quyền đọc; chạy: chown gate-scanner:gate-scanner {path}"
    ),
    "{path}: cannot be read ({why}); enrol the gate again": "{path}: không đọc được ({why}); đăng ký lại máy quét",
    "{path}: {error}; enrol the gate again (gate-scanner enrol)": (
        "{path}: {error}; đăng ký lại máy quét (gate-scanner enrol)"
    ),
    "{key_file}: must not lie in {state}: whoever copies that folder could read who came": (
        "{key_file}: không được nằm trong {state}: ai chép thư mục đó sẽ đọc được ai đã đến"
    ),
    "{file}: this gate is enrolled already; what it has recorded is sealed to that key": (
        "{file}: máy quét này đã đăng ký; những gì đã ghi được niêm phong bằng khoá đó"
    ),
    "{path}: holds no key; take the file of `gate-scanner lone init`": (
        "{path}: không chứa khoá; lấy tệp của `gate-scanner lone init`"
    ),
    # pins (what their driver says: devices.py)
    "pins.driver: no GPIO chip here is that of a Pi's header; name it as pins.chip (found: {found})": (
        "pins.driver: không thấy chip GPIO của hàng chân Pi; ghi nó vào pins.chip (có: {found})"
    ),
    "pins.driver: there is no GPIO chip to open; check that the gate's user is in the group gpio": (
        "pins.driver: không có chip GPIO để mở; kiểm tra người dùng của máy quét có trong nhóm gpio không"
    ),
    "pins.driver: lgpio is not installed; run setup.sh install, or write mock where there are no pins": (
        "pins.driver: chưa cài lgpio; chạy setup.sh install, hoặc viết mock nếu máy không có chân GPIO"
    ),
    # the running gate
    "only root may let the gate hold the relay: sudo gate-scanner lights … --relay": (
        "chỉ root được cho máy giữ rơ-le: sudo gate-scanner lights … --relay"
    ),
    "somebody is being let in: try again in a few seconds": "đang cho khách vào: thử lại sau vài giây",
    "{file}: only root and the gate's own user may ask; use sudo": (
        "{file}: chỉ root và người dùng của máy quét được hỏi; hãy dùng sudo"
    ),
    "{file}: no gate is running here; why: systemctl status gate-scanner": (
        "{file}: không có máy quét nào đang chạy ở đây; xem lý do: systemctl status gate-scanner"
    ),
    "{file}: the gate does not answer; try again": "{file}: máy quét không trả lời; thử lại",
}
