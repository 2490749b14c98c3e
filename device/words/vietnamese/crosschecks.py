"""What is wrong between the keys of a site file or a policy, and warnings."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # pins and lamps
    "pin {number} is also used by {others}": "chân {number} còn được dùng ở {others}",
    "pins.{name} (line {line})": "pins.{name} (dòng {line})",
    " and ": " và ",
    "this pin has a fixed pull-up; let the button connect it to ground (true), or take another pin": (
        "chân này có điện trở kéo lên cố định; nối nút bấm xuống đất (true), hoặc chọn chân khác"
    ),
    "only granted may use {line}; people walk in when they see it": (
        "chỉ granted được dùng {line}; thấy nó là khách đi vào"
    ),
    "there is no pins.{line}; add it there or leave {line} out here": (
        "chưa có pins.{line}; thêm ở đó hoặc bỏ {line} ở đây"
    ),
    "granted must light green": "granted phải bật đèn xanh (green)",
    "light at least one lamp; not everybody hears the buzzer": "bật ít nhất một đèn; không phải ai cũng nghe được còi",
    "looks the same as {other}; nobody could tell them apart": "trông giống {other}; không ai phân biệt được",
    "nobody was judged; write not-ours, unreadable or several": (
        "lý do này chưa xét ai; viết not-ours, unreadable hoặc several"
    ),
    "write in: pins.out_switch turns it to out while it is on": (
        "viết in: khi bật, pins.out_switch tự chuyển hướng thành out"
    ),
    # camera, hub, policy
    "missing; camera.source is replay, so name an image, a folder or a .y4m video": (
        "thiếu; camera.source là replay thì phải ghi tên ảnh, thư mục hoặc video .y4m"
    ),
    "missing; sync.kind is webhook, so say where and what to send": (
        "thiếu; sync.kind là webhook thì phải ghi gửi đi đâu và gửi gì"
    ),
    "sync.kind is webhook, so there is no hub; remove this section": (
        "sync.kind là webhook nên không có hub; xoá phần này"
    ),
    "the policy's own file says this; remove it here": "tệp bộ quy tắc riêng đã ghi điều này; xoá ở đây",
    "from: hub takes it from the hub; remove one of the two": "from: hub là lấy từ hub; xoá một trong hai",
    "there is no hub; write a hub section, or from: site": "không có hub; viết thêm phần hub, hoặc from: site",
    "missing; write it, like file: trust.json, or from: hub": "thiếu; viết vào, như file: trust.json, hoặc from: hub",
    # policies
    "no such code gets here; add it to accept, or remove it here": (
        "loại mã này không bao giờ đến đây; thêm vào accept, hoặc xoá ở đây"
    ),
    "write pcr or antigen with a time, like pcr: 72h": "viết pcr hoặc antigen kèm thời gian, như pcr: 72h",
    "says nothing without hours; write hours, or remove the line": (
        "không có hours thì dòng này vô nghĩa; viết hours, hoặc xoá dòng"
    ),
    "no certificate gets here; add hc1 to accept": "không có chứng nhận nào đến đây; thêm hc1 vào accept",
    "write 00:00, on the next day": "viết 00:00, của ngày hôm sau",
    "write vaccination, test or recovery, or remove it": "viết vaccination, test hoặc recovery, hoặc xoá đi",
    "the same as from; a whole day is from 00:00 to 24:00": "giống hệt from; cả ngày là từ 00:00 đến 24:00",
    "less than min_days; nobody could meet both": "nhỏ hơn min_days; không ai đạt được cả hai",
    # warnings
    "warning: {why}: {may}; use {pins}": "cảnh báo: {why}: {may}; dùng chân {pins}",
    "4 to 8 for what switches on at low level (active_high: false), 9 to 13 and 16 to 27 for the rest": (
        "4 đến 8 cho thiết bị bật ở mức thấp (active_high: false), 9 đến 13 và 16 đến 27 cho các thiết bị khác"
    ),
    "GPIO {number} is high while the Pi boots": "GPIO {number} ở mức cao khi Pi khởi động",
    "GPIO {number} is low while the Pi boots": "GPIO {number} ở mức thấp khi Pi khởi động",
    "the Pi looks for a HAT on it while it boots": "Pi dò bo HAT trên chân này khi khởi động",
    "it has a fixed pull-up of 1.8 kOhm": "chân này có điện trở kéo lên cố định 1,8 kOhm",
    "the Pi's serial console writes on it while it boots": "cổng nối tiếp của Pi ghi ra chân này khi khởi động",
    "the Pi's serial console listens on it while it boots": "cổng nối tiếp của Pi đọc chân này khi khởi động",
    "the lamp may light": "đèn có thể sáng",
    "the door may open": "cửa có thể mở",
    "the buzzer may sound": "còi có thể kêu",
    'warning: the value ends in "{sign}", which is not needed; remove it': (
        'cảnh báo: giá trị kết thúc bằng "{sign}" không cần thiết; hãy xoá đi'
    ),
    "warning: a comment begins at this #; put quotes around a text that has one": (
        "cảnh báo: từ dấu # này là chú thích; chữ có dấu # thì đặt trong dấu nháy"
    ),
}
