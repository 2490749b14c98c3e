"""What ``queue``, ``why``, ``enrol`` and ``lone`` say, and what refuses a word of any command."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # words of a command
    "must be a whole number from {least} to {most}": "phải là số nguyên từ {least} đến {most}",
    "is blank; write a path": "để trống; hãy ghi đường dẫn",
    "is blank; write what people call the gate, like 'Main entrance'": (
        "để trống; hãy ghi tên mà mọi người gọi cổng này, như 'Cổng chính'"
    ),
    "has a letter that cannot be seen ({letter}); leave it out": "có ký tự không nhìn thấy ({letter}); hãy bỏ đi",
    "has {count} letters; write at most {most}": "có {count} ký tự; chỉ ghi tối đa {most}",
    "looks like a gate's device id; write what people call the gate": (
        "trông như mã thiết bị; hãy ghi tên mà mọi người gọi cổng này"
    ),
    "write a day like 2026-11-29": "ghi ngày như 2026-11-29",
    "write a time like 2026-11-29T07:00": "ghi thời điểm như 2026-11-29T07:00",
    "{words}: missing": "thiếu {words}",
    "{command} --help tells what it takes": "xem cách dùng: {command} --help",
    "there is no {word}; did you mean {near}?": "không có {word}; có phải ý bạn là {near}?",
    "there is no {word}; write one of {words}": "không có {word}; hãy ghi một trong: {words}",
    "no demo is installed here ({name} is missing): run ./setup.sh demo in a checkout": (
        "máy này chưa cài phần chạy thử (thiếu {name}): chạy ./setup.sh demo trong thư mục mã nguồn"
    ),
    "no hub is installed here ({name} is missing): ./setup.sh install --hub NAME": (
        "máy này chưa cài hub (thiếu {name}): ./setup.sh install --hub NAME"
    ),
    "{path}: {why}": "{path}: {why}",
    # queue
    "{file}: there is none; nothing was recorded yet, or it was removed": (
        "không có {file}; chưa ghi lượt nào, hoặc đã bị xoá"
    ),
    "{file}: there is none; a gate makes it once it is enrolled": "không có {file}; máy quét tạo nó sau khi đăng ký",
    "{waiting} waiting of {recorded} recorded, {parked} parked": (
        "{waiting} lượt đang chờ trên {recorded} lượt đã ghi, {parked} lượt bị hub từ chối"
    ),
    "and {count} more waiting": "và {count} lượt nữa đang chờ",
    "{folder}: there is no such folder": "{folder}: không có thư mục này",
    "nothing is parked": "không có lượt nào bị hub từ chối",
    "{seq}: is not parked; see: gate-scanner queue parked": (
        "{seq}: không bị hub từ chối; xem: gate-scanner queue parked"
    ),
    "{seq}: given up; it is deleted when it is as old as store.keep_delivered": (
        "{seq}: đã bỏ; sẽ xoá khi lâu bằng store.keep_delivered"
    ),
    "this gate is not enrolled: gate-scanner enrol": "máy quét này chưa đăng ký: gate-scanner enrol",
    "{file}: there is none; a gate that works alone makes it after: gate-scanner lone init": (
        "không có {file}; máy quét chạy riêng tạo nó sau khi chạy: gate-scanner lone init"
    ),
    "this gate has no hub; what it recorded is read with: gate-scanner lone export": (
        "máy quét này không có hub; đọc những gì đã ghi bằng: gate-scanner lone export"
    ),
    "{seq}: the hub lacks rows before it and has not taken it; try again": (
        "{seq}: hub còn thiếu các lượt trước nên chưa nhận; hãy thử lại"
    ),
    "{seq}: the hub keeps it apart again ({why}); it stays parked here": (
        "{seq}: hub lại không nhận ({why}); lượt này vẫn nằm trong số bị từ chối ở đây"
    ),
    "{seq}: taken": "{seq}: hub đã nhận",
    "{count} sealed bytes": "{count} byte niêm phong",
    "clock {state}": "đồng hồ {state}",
    "synchronised": "đúng giờ",
    "unsynchronised": "chưa chỉnh",
    # enrol, lone
    "enrolled as {gate}; the gate starts by itself (one that runs: systemctl restart gate-scanner)": (
        "đã đăng ký là {gate}; máy quét tự bắt đầu (nếu đang chạy: systemctl restart gate-scanner)"
    ),
    "{file}: by it the check-ins go to a webhook (sync.kind), so this gate has no hub": (
        "{file}: theo tệp này, các lượt được gửi đến một webhook (sync.kind), nên máy quét này không có hub"
    ),
    "{file}: by it this gate works alone. If it shall have a hub, add there: hub: {{url: …}}, as `gate-scanner hub "
    "code` prints it on the hub": (
        "{file}: theo tệp này, máy quét chạy riêng. Nếu muốn nối với hub, hãy thêm vào đó: hub: {{url: …}}, đúng như "
        "`gate-scanner hub code` in ra trên hub"
    ),
    "{file}: this gate has somebody to report to (hub, or sync.webhook)": (
        "{file}: máy quét này đã có nơi để báo (hub hoặc sync.webhook)"
    ),
    "{gate} works alone: check-ins stay here, sealed; the gate starts by itself": (
        "{gate} hoạt động một mình: các lượt nằm lại đây, được niêm phong; máy quét tự bắt đầu"
    ),
    "{file}: whoever has this key and the card reads who came. Take it away, and keep a copy": (
        "{file}: ai có khoá này và thẻ nhớ thì đọc được ai đã đến. Hãy cất đi nơi khác, và giữ một bản sao"
    ),
    "to read: {command}": "để đọc: {command}",
    "{count} check-in does not open with this key": "{count} lượt không mở được bằng khoá này",
    # why
    "policy {version}, in force here for {span}": "bộ quy tắc {version}, áp dụng ở đây đã {span}",
    "then {version}, from {time}": "sau đó {version}, từ {time}",
    "its file was changed and refused: {mistake}": "tệp của nó đã sửa và bị từ chối: {mistake}",
    "of the hub": "của hub",
    "trust list {file}, {aged}": "danh sách tin cậy {file}, {aged}",
    "{kind} of the hub: none yet": "{kind} của hub: chưa có",
    "{kind} of the hub: version {version}, {aged}; OLD since {time}": (
        "{kind} của hub: phiên bản {version}, {aged}; ĐÃ CŨ từ {time}"
    ),
    "{kind} of the hub: version {version}, {aged}": "{kind} của hub: phiên bản {version}, {aged}",
    "another was refused: {why}": "một bản khác bị từ chối: {why}",
    "the hub's bundles are not refreshed: {why}": "không cập nhật được từ hub: {why}",
    "of unknown age": "không rõ viết khi nào",
    "written {span} ago": "viết cách đây {span}",
    "inside {count}, counted since the gate started": "bên trong có {count} người, đếm từ khi máy quét chạy",
    "no rule was asked": "không xét quy tắc nào",
    "{time} (clock not trusted)": "{time} (đồng hồ chưa tin được)",
    "button": "nút bấm",
    "no row": "không ghi",
    "row {seq}": "dòng {seq}",
    "by {policy}": "theo {policy}",
}
