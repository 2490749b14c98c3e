"""What is said of registered places."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "make room for registered places and their posters": "thêm chỗ cho các địa điểm đã đăng ký và áp phích của chúng",
    "make room for whose places an account sees": "thêm chỗ cho việc tài khoản nào xem được địa điểm nào",
    # a place's fields
    "is blank; write one": "để trống; hãy ghi vào",
    "no kind of place; write one of {words}": "không phải loại địa điểm; hãy ghi một trong {words}",
    "no phone number; write digits, like {example}": "không phải số điện thoại; hãy ghi các chữ số, như {example}",
    "there is no such time zone; write one like {example}": "không có múi giờ này; hãy ghi như {example}",
    "write hours like {example}": "hãy ghi giờ như {example}",
    "{day} is named twice": "{day} được ghi hai lần",
    "{days}: write the earlier day first; Sunday ends the week": (
        "{days}: hãy ghi ngày đầu trước; Chủ nhật là ngày cuối tuần"
    ),
    "{span}: opens and closes at once; a whole day is 00:00-24:00": (
        "{span}: mở và đóng cùng một lúc; cả ngày là 00:00-24:00"
    ),
    "{time}: no time of a day": "{time}: không phải giờ trong ngày",
    "two openings overlap on {day}": "hai khoảng giờ mở cửa chồng lên nhau vào {day}",
    # commands
    "{name}: several places are called so; name one by its id: {ids}": (
        "{name}: có nhiều địa điểm cùng tên; hãy ghi id: {ids}"
    ),
    "{name}: there is no such place; see: {command}": "{name}: không có địa điểm này; xem: {command}",
    "{where}: {why}": "{where}: {why}",
    "this place is registered already: {place}": "địa điểm này đã được đăng ký: {place}",
    "{place}: changed": "{place}: đã sửa",
    "nothing was changed": "không có gì thay đổi",
    "{place}: in use again": "{place}: dùng lại",
    "{place}: out of use; what was recorded there stays": "{place}: ngừng dùng; những gì đã ghi ở đó vẫn còn",
    "no place yet; register one: {command}": "chưa có địa điểm nào; hãy đăng ký: {command}",
    "province": "tỉnh/thành",
    "commune": "xã/phường",
    "is to guard": "phải trông",
    "says it guards": "báo đang trông",
    "by its id": "theo mã",
    "unmatched": "không khớp",
    # lists
    "write one, of at most {most} characters": "hãy ghi vào, nhiều nhất {most} ký tự",
    "stands further up already": "đã có ở trên",
    "{path}: more than {most} rows": "{path}: hơn {most} dòng",
    "{path}: more than {most} places": "{path}: hơn {most} địa điểm",
    "{path}: more than {most} MB; divide it into several files": "{path}: hơn {most} MB; hãy chia thành nhiều tệp",
    "begin with a header that names the columns {names}": "hãy bắt đầu bằng dòng tiêu đề có các cột {names}",
    "is hidden or filtered away; show it (Data, Clear), or delete it": (
        "bị ẩn hoặc bị lọc; hãy cho hiện (Data, Clear), hoặc xoá đi"
    ),
    "there is no such place; leave it blank to register one": "không có địa điểm này; để trống để đăng ký mới",
    "several places are called so; write the code or the id": "có nhiều địa điểm cùng tên; hãy ghi mã hoặc id",
    "too many mistakes: from here on nothing was looked at": "quá nhiều lỗi: từ đây trở đi không xem nữa",
    "the same place as line {line}": "trùng địa điểm ở dòng {line}",
    "{place}: changes {names}": "{place}: sửa {names}",
    "{name}: no province or city of today; did you mean {near}?": (
        "{name}: không phải tỉnh/thành hiện nay; có phải là {near}?"
    ),
    "passed over: the columns {names}": "bỏ qua: các cột {names}",
    "{added} registered, {changed} changed, {unchanged} as they were": (
        "đăng ký {added}, sửa {changed}, giữ nguyên {unchanged}"
    ),
    "{added} new, {changed} to change, {unchanged} as they are; nothing was changed": (
        "mới {added}, sẽ sửa {changed}, giữ nguyên {unchanged}; chưa có gì thay đổi"
    ),
    "{path}: {count} places": "{path}: {count} địa điểm",
    "{count} communes; what was known before is gone": "{count} xã/phường; dữ liệu trước đó đã bị thay",
    # paper
    "{path}: no font that can be read": "{path}: không phải phông chữ đọc được",
    "no font with Vietnamese letters is installed: apt-get install fonts-dejavu-core": (
        "chưa cài phông chữ có dấu tiếng Việt: apt-get install fonts-dejavu-core"
    ),
    "{path}: poster {number} of {entrance}": "{path}: áp phích số {number} của {entrance}",
    "its code is for apps: hub.yaml has no people.url, an address that people's phones can open": (
        "mã dành cho ứng dụng: hub.yaml chưa có people.url, địa chỉ mà điện thoại mở được"
    ),
    "in the site file of the gate beside it: place.location_qr: {text}": (
        "trong tệp cấu hình của máy quét bên cạnh: place.location_qr: {text}"
    ),
    "nobody to ask: write notice.contact in hub.yaml, or who is responsible for the place": (
        "chưa ghi hỏi ai: hãy ghi notice.contact trong hub.yaml, hoặc người phụ trách địa điểm"
    ),
    "no legal basis: write it with gate-scanner hub place edit, --legal-basis": (
        "chưa có căn cứ pháp lý: hãy ghi bằng gate-scanner hub place edit, --legal-basis"
    ),
}
