"""What is said of registered places."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "make room for registered places and their posters": "thêm chỗ cho các địa điểm đã đăng ký và áp phích của chúng",
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
}
