"""How a value or a key of a site file or a policy is written, and what is wrong between keys."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # keys
    "missing; write it": "thiếu; hãy viết vào",
    "missing; write it, like {example}": "thiếu; hãy viết vào, ví dụ {example}",
    "write {home}: on a line of its own, and {name}: below it, indented": (
        "viết {home}: trên một dòng riêng, và {name}: ở dòng dưới, có thụt dòng"
    ),
    "write the address on the line below, indented, behind url:": ("viết địa chỉ ở dòng dưới, có thụt dòng, sau url:"),
    "unknown key; did you mean {name}?": "không có khoá này; có phải ý bạn là {name}?",
    "unknown key; check the indentation ({name} belongs under {home})": (
        "không có khoá này ở đây; xem lại thụt dòng ({name} nằm dưới {home})"
    ),
    "unknown key; check the indentation ({name} belongs at the top)": (
        "không có khoá này ở đây; xem lại thụt dòng ({name} nằm ở cấp ngoài cùng)"
    ),
    "unknown key; check the indentation, or use one of {known}": (
        "không có khoá này; xem lại thụt dòng, hoặc dùng một trong các khoá {known}"
    ),
    "list at least one": "ghi ít nhất một mục",
    "list at most {most}": "ghi nhiều nhất {most} mục",
    "write a list, like [one, two]": "viết một danh sách, như [một, hai]",
    "empty; write a list, like [one, two]": "trống; viết một danh sách, như [một, hai]",
    "write its keys on the lines below, indented": "viết các khoá con ở những dòng dưới, có thụt dòng",
    "empty; write its keys on the lines below, indented": "trống; viết các khoá con ở những dòng dưới, có thụt dòng",
    "listed twice; remove one": "ghi hai lần; xoá bớt một",
    # values
    "{wanted} (got {got})": "{wanted} (đang ghi {got})",
    "{most} or {last}": "{most} hoặc {last}",
    "write {alternatives}": "viết {alternatives}",
    "write {written}": "viết {written}",
    "write {written}, without a blank and with a point": "viết {written}, không có dấu cách, dùng dấu chấm thập phân",
    "empty; write a value or remove the line": "trống; viết giá trị hoặc xoá dòng này",
    "write one value here, not a section": "ở đây viết một giá trị, không phải một nhóm khoá",
    "write one value here, not a list": "ở đây viết một giá trị, không phải danh sách",
    "write true or false": "viết true hoặc false",
    "write a whole number from {lowest} to {highest}": "viết số nguyên từ {lowest} đến {highest}",
    "write a BCM number from 0 to 27": "viết số chân BCM từ 0 đến 27",
    "write the BCM number without leading zeros": "viết số chân BCM không có số 0 ở đầu",
    "write the BCM number alone, like {number}": "chỉ viết số chân BCM, như {number}",
    "write a number with a unit, like 30s": "viết số kèm đơn vị, như 30s",
    "write a number with a unit (ms, s, m, h), like 30s": "viết số kèm đơn vị (ms, s, m, h), như 30s",
    "write a time from {shortest} to {longest}": "viết thời gian từ {shortest} đến {longest}",
    "write whole milliseconds": "viết số mili giây chẵn",
    "write whole millimetres": "viết số milimét chẵn",
    "write a number of days from {fewest}d to {most}d": "viết số ngày từ {fewest}d đến {most}d",
    "write a size from {fewest}MB to {most}MB": "viết dung lượng từ {fewest}MB đến {most}MB",
    "write a length with a unit (mm, cm, m), like 20cm, or none for a fixed lens": (
        "viết độ dài kèm đơn vị (mm, cm, m), như 20cm, hoặc none nếu ống kính cố định"
    ),
    "write a distance from 3cm to 10m, or none for a fixed lens": (
        "viết khoảng cách từ 3cm đến 10m, hoặc none nếu ống kính cố định"
    ),
    "write a frequency from {lowest}Hz to {highest}Hz": "viết tần số từ {lowest}Hz đến {highest}Hz",
    "write width x height in pixels, like 1296x972": "viết chiều rộng x chiều cao tính bằng điểm ảnh, như 1296x972",
    "write even numbers of pixels, like 1296x972": "viết số điểm ảnh chẵn, như 1296x972",
    "write a size from 320x240 to 4608x2592": "viết kích thước từ 320x240 đến 4608x2592",
    "remove the invisible character U+{code}": "xoá ký tự vô hình U+{code}",
    "write a text here": "viết chữ vào đây",
    "write at most {most} characters, not {count}": "viết nhiều nhất {most} ký tự, không phải {count}",
    "write the path of a file or folder": "viết đường dẫn của tệp hoặc thư mục",
    "write the path in full; ~ is not replaced here": "viết đường dẫn đầy đủ; ở đây ~ không được thay thế",
    # addresses and codes
    "write https://; http:// is only for a hub on this machine (127.0.0.1)": (
        "viết https://; http:// chỉ dùng cho hub trên chính máy này (127.0.0.1)"
    ),
    "write https://; http:// is only for a server on this machine (127.0.0.1)": (
        "viết https://; http:// chỉ dùng cho máy chủ trên chính máy này (127.0.0.1)"
    ),
    "letters a to z, digits, - and .": "chữ a đến z, chữ số, - và .",
    "write {scheme}:// in small letters": "viết {scheme}:// bằng chữ thường",
    "write the name in its ASCII form: {ascii}": "viết tên ở dạng ASCII: {ascii}",
    "no such address: four numbers from 0 to 255, like 192.168.1.30": (
        "không có địa chỉ này: cần bốn số từ 0 đến 255, như 192.168.1.30"
    ),
    "write an address like https://hub.example.vn:8400": "viết địa chỉ như https://hub.example.vn:8400",
    "write scheme, host, port and path, nothing else (no name or password)": (
        "chỉ viết giao thức, tên máy, cổng và đường dẫn (không có tên đăng nhập hay mật khẩu)"
    ),
    "write a port from 1 to 65535 after the colon": "viết số cổng từ 1 đến 65535 sau dấu hai chấm",
    "an enrolment code has 17 letters and digits, and nothing else": (
        "mã đăng ký có 17 chữ cái và chữ số, ngoài ra không có gì khác"
    ),
    "an enrolment code has 17 letters and digits, not {count}": (
        "mã đăng ký có 17 chữ cái và chữ số, không phải {count}"
    ),
    "an enrolment code has digits and letters only, and no U": "mã đăng ký chỉ có chữ số và chữ cái, không có chữ U",
    "a letter of the enrolment code is wrong; compare it with the hub's screen": (
        "một chữ trong mã đăng ký bị sai; so lại với màn hình của hub"
    ),
    # policies
    "write the id of a product, like EU/1/20/1528": "viết mã sản phẩm, như EU/1/20/1528",
    "write a SNOMED CT code, like 840539006": "viết mã SNOMED CT, như 840539006",
    "write two capital letters, like VN": "viết hai chữ hoa, như VN",
    "write an offset like +07:00, or a time zone like Asia/Ho_Chi_Minh": (
        "viết độ lệch giờ như +07:00, hoặc múi giờ như Asia/Ho_Chi_Minh"
    ),
    "this machine knows no such time zone; write an offset like +07:00": (
        "máy này không biết múi giờ đó; viết độ lệch giờ như +07:00"
    ),
    "write a day like 2021-10-07 or a time like 2021-10-07T00:00:00+07:00": (
        "viết ngày như 2021-10-07 hoặc thời điểm như 2021-10-07T00:00:00+07:00"
    ),
    "write a time of day from 00:00 to 24:00, like 07:30": "viết giờ trong ngày từ 00:00 đến 24:00, như 07:30",
    "write the text on one line": "viết trên một dòng",
    "write its keys on the lines below, indented, without dashes": (
        "viết các khoá con ở những dòng dưới, có thụt dòng, không có dấu gạch ở đầu"
    ),
    "write an IPv6 address in brackets, like https://[fd00::1]:8400": (
        "viết địa chỉ IPv6 trong ngoặc vuông, như https://[fd00::1]:8400"
    ),
}
