"""What is wrong with the folder of a hub: database, keys, certificates, what it publishes."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "{path}: cannot be used ({why}); when the clock is right, remove the file": (
        "{path}: không dùng được ({why}); nếu đồng hồ đúng, hãy xoá tệp này"
    ),
    '{path}: {why}; write: {{"retention_days": {days}}}': '{path}: {why}; hãy ghi: {{"retention_days": {days}}}',
    "{path}: cannot be used ({why})": "{path}: không dùng được ({why})",
    "{path}: is no key; remove the file, then import the statuses again": (
        "{path}: không phải khoá; hãy xoá tệp này rồi nhập lại trạng thái (hub status)"
    ),
    "{path}: must hold 16 or more letters, digits, _ and -": "{path}: phải có từ 16 chữ cái, chữ số, _ và - trở lên",
    "{path}: retention_days: at most {most}": "{path}: retention_days: nhiều nhất {most}",
    "{path}: there is a hub already, without its {file}; nothing was changed. Restore that file, "
    "or write a new one: 16 or more letters, digits, _ and -": (
        "{path}: đã có hub nhưng thiếu {file}; chưa thay đổi gì. Hãy khôi phục tệp đó, "
        "hoặc viết tệp mới: từ 16 chữ cái, chữ số, _ và - trở lên"
    ),
    "{path}: what is left of a hub: {missing} is missing; nothing was changed. "
    "Restore a backup (gate-scanner hub restore), or, when no gate was ever enrolled at it, remove the folder": (
        "{path}: phần còn lại của một hub: thiếu {missing}; chưa thay đổi gì. "
        "Hãy khôi phục bản sao (gate-scanner hub restore), hoặc nếu chưa từng có máy quét nào đăng ký thì xoá thư mục"
    ),
    # its version
    "make the tables that are missing": "tạo các bảng còn thiếu",
    "make check-ins narrow, put what is sealed apart by the day of its key, count by the hour": (
        "thu gọn các lượt, tách phần niêm phong theo ngày của khoá, đếm theo giờ"
    ),
    "{path}: database.url: name the PostgreSQL to move to": "{path}: database.url: hãy ghi PostgreSQL cần chuyển đến",
    "database.url: {url}: a hub is there already; nothing was changed": (
        "database.url: {url}: ở đó đã có hub; chưa thay đổi gì"
    ),
    "{folder}: moved; start the hub. When it runs well, remove {file}": (
        "{folder}: đã chuyển; hãy khởi động hub. Khi chạy tốt thì xoá {file}"
    ),
    "make room for what gates say of themselves": "thêm chỗ cho những gì các cổng báo về mình",
    "{path}: the hub's database is of version {found}, this program needs {needed}; nothing was changed. "
    "Stop the hub, then run: gate-scanner hub migrate DIR": (
        "{path}: cơ sở dữ liệu của hub có phiên bản {found}, chương trình này cần {needed}; chưa thay đổi gì. "
        "Hãy dừng hub rồi chạy: gate-scanner hub migrate DIR"
    ),
    "{path}: the hub's database is of version {found}, this program knows {needed} at most; nothing was changed. "
    "Install the newer version of this program": (
        "{path}: cơ sở dữ liệu của hub có phiên bản {found}, chương trình này chỉ biết đến {needed}; chưa thay đổi gì. "
        "Hãy cài phiên bản mới hơn của chương trình"
    ),
    "{path}: the database is being migrated already: wait": "{path}: cơ sở dữ liệu đang được chuyển đổi: hãy đợi",
    "version {version}: {what}; rows to move: {rows}": "phiên bản {version}: {what}; số dòng phải chuyển: {rows}",
    "{folder}: nothing to migrate": "{folder}: không có gì phải chuyển đổi",
    "nothing was changed; make a backup (hub backup), stop the hub, and run it without --dry-run": (
        "chưa thay đổi gì; hãy sao lưu (hub backup), dừng hub rồi chạy lại không có --dry-run"
    ),
    "{folder}: migrated; start the hub": "{folder}: đã chuyển đổi; hãy khởi động hub",
    "ALARM the database is prepared for {days} days to come; see the hub's log, or run: {command}": (
        "BÁO ĐỘNG cơ sở dữ liệu chỉ được chuẩn bị cho {days} ngày tới; hãy xem nhật ký của hub, hoặc chạy: {command}"
    ),
    # keys and certificates
    "{path}: not a key of this hub; restore a backup (gate-scanner hub restore)": (
        "{path}: không phải khoá của hub này; hãy khôi phục bản sao (gate-scanner hub restore)"
    ),
    "{path}: not the hub's root; restore a backup (gate-scanner hub restore)": (
        "{path}: không phải khoá gốc của hub; hãy khôi phục bản sao (gate-scanner hub restore)"
    ),
    "{path}: the authority cannot be used; restore a backup (gate-scanner hub restore)": (
        "{path}: không dùng được chứng thư gốc; hãy khôi phục bản sao (gate-scanner hub restore)"
    ),
    "{path}: the hub's sealing keys are missing; restore a backup (gate-scanner hub restore)": (
        "{path}: thiếu khoá niêm phong của hub; hãy khôi phục bản sao (gate-scanner hub restore)"
    ),
    "{path}: a certificate cannot be used ({why})": "{path}: có chứng thư không dùng được ({why})",
    "write a host name like hub.example.vn, or an IP address": (
        "hãy ghi tên máy chủ như hub.example.vn, hoặc địa chỉ IP"
    ),
    "the hub's clock says {said}, not {day}; set it right first": (
        "đồng hồ của hub chỉ {said}, không phải {day}; hãy chỉnh đồng hồ trước"
    ),
    "the hub's clock says {said}, it has not been watched for an hour since it was set or the machine was started: "
    "nothing is destroyed; when the clock is right, run: gate-scanner hub expire DIR --today {said}": (
        "đồng hồ của hub chỉ {said}, chưa được theo dõi đủ một giờ từ khi chỉnh giờ hoặc bật máy: "
        "không huỷ gì; khi đồng hồ đúng, hãy chạy: gate-scanner hub expire DIR --today {said}"
    ),
    "the hub's clock says {said}, keys were last looked through on {seen}: "
    "nothing is destroyed; when the clock is right, run: gate-scanner hub expire DIR --today {said}": (
        "đồng hồ của hub chỉ {said}, mà lần soát khoá gần nhất là ngày {seen}: "
        "không huỷ gì; khi đồng hồ đúng, hãy chạy: gate-scanner hub expire DIR --today {said}"
    ),
    # the database
    "the hub's database cannot be used ({name}); see who has it open, its mode, and the room on its disk": (
        "không dùng được cơ sở dữ liệu của hub ({name}); xem ai đang mở, quyền của tệp và chỗ trống trên ổ"
    ),
    "the hub's database is damaged ({name}); restore a backup (gate-scanner hub restore)": (
        "cơ sở dữ liệu của hub bị hỏng ({name}); hãy khôi phục bản sao (gate-scanner hub restore)"
    ),
    "there is no room for the hub's database ({name}): {room}": (
        "không còn chỗ cho cơ sở dữ liệu của hub ({name}): {room}"
    ),
    "{path}: the hub's database is blank; restore a backup (gate-scanner hub restore)": (
        "{path}: cơ sở dữ liệu của hub trống không; hãy khôi phục bản sao (gate-scanner hub restore)"
    ),
    "{path}: the hub's database is missing; restore a backup (gate-scanner hub restore)": (
        "{path}: thiếu cơ sở dữ liệu của hub; hãy khôi phục bản sao (gate-scanner hub restore)"
    ),
    # backup
    "{file}: the hub's database is damaged; nothing was changed. "
    "gate-scanner hub restore DIR BACKUP puts a backup in its place (hub backup makes one)": (
        "{file}: cơ sở dữ liệu của hub bị hỏng; chưa thay đổi gì. "
        "gate-scanner hub restore DIR BACKUP đặt bản sao vào chỗ của nó (hub backup tạo bản sao)"
    ),
    "{file}: damage was found in the hub's database while it ran, so it has ended; gates keep what they have. "
    "gate-scanner hub restore DIR BACKUP puts a backup in its place (hub backup makes one) and keeps this file": (
        "{file}: phát hiện cơ sở dữ liệu của hub bị hỏng khi hub đang chạy, nên hub đã dừng; các cổng giữ những gì "
        "chúng có. gate-scanner hub restore DIR BACKUP đặt bản sao vào chỗ của nó (hub backup tạo bản sao) và giữ tệp "
        "này"
    ),
    "{folder}: a hub runs here: systemctl stop gate-hub": "{folder}: hub đang chạy ở đây: systemctl stop gate-hub",
    "{folder}: is being restored: wait": "{folder}: đang được khôi phục: hãy đợi",
    "{path}: cannot be written ({why}); what was there is there, or in {kept}… beside it": (
        "{path}: không ghi được ({why}); dữ liệu cũ vẫn ở đó, hoặc trong {kept}… bên cạnh"
    ),
    # what it publishes
    "the root was renewed {count} times; make a new hub": "khoá gốc đã thay {count} lần; hãy tạo hub mới",
    "{kind}: must have 1 to {most} bytes": "{kind}: phải có từ 1 đến {most} byte",
    "{path}: cannot be used ({why}); restore a backup (gate-scanner hub restore)": (
        "{path}: không dùng được ({why}); hãy khôi phục bản sao (gate-scanner hub restore)"
    ),
    "{path}: cannot be used; publish it again": "{path}: không dùng được; hãy publish lại",
}
