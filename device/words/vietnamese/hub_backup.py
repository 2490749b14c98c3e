"""What backing a hub up and restoring it says."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "{file}: {size} bytes, whole": "{file}: {size} byte, đầy đủ",
    "It holds the keys: who has it can read who came, and be the hub.": (
        "Trong đó có khoá: ai giữ nó đọc được ai đã đến, và giả làm hub được."
    ),
    "It can be read with the keys: keep it in another place than theirs.": (
        "Có khoá thì đọc được nó: hãy giữ ở nơi khác với khoá."
    ),
    "Remove it by {day}: what it holds is to be forgotten then.": (
        "Xoá nó trước hết ngày {day}: đến lúc đó phải quên dữ liệu."
    ),
    "{folder}: was to be removed before today": "{folder}: lẽ ra đã phải xoá trước hôm nay",
    "--keep-days {days}: who came can be read for {most} days; a backup that is kept longer would undo that. "
    "Keep it for {most} days at most, or add --outlive-retention": (
        "--keep-days {days}: dữ liệu người đến chỉ đọc được {most} ngày; bản sao giữ lâu hơn làm điều đó vô nghĩa. "
        "Hãy giữ tối đa {most} ngày, hoặc thêm --outlive-retention"
    ),
    "the database is a server's, and beside its keys every copy of it can be read: make two backups in two places, "
    "hub backup DIR BACKUP --only database and hub backup DIR BACKUP --only keys": (
        "cơ sở dữ liệu nằm trên máy chủ, để cạnh khoá thì bản sao nào cũng đọc được: hãy tạo hai bản sao ở hai nơi, "
        "hub backup DIR BACKUP --only database và hub backup DIR BACKUP --only keys"
    ),
    "{source}: was to be removed by {day}: who came then is to be forgotten; nothing was changed. "
    "When there is no other, add --outlive-retention; what is due is destroyed again within the hour": (
        "{source}: lẽ ra đã phải xoá trước hết ngày {day}: người đến khi đó phải được quên; chưa thay đổi gì. "
        "Nếu không còn bản nào khác thì thêm --outlive-retention; cái gì đến hạn sẽ bị huỷ lại trong một giờ"
    ),
    "{folder}: the backup has the database alone; restore one with the keys there first": (
        "{folder}: bản sao chỉ có cơ sở dữ liệu; hãy khôi phục bản có khoá vào đó trước"
    ),
    "{folder}: hub.yaml has no database.url of PostgreSQL, and the backup is of one": (
        "{folder}: hub.yaml không có database.url của PostgreSQL, còn bản sao là của PostgreSQL"
    ),
    "{source}: is of another hub than {folder}": "{source}: là của hub khác, không phải {folder}",
    "{why}. If the database is lost, restore it too: without it what was delivered is gone, and gates enrol anew.": (
        "{why}. Nếu mất cơ sở dữ liệu, khôi phục cả nó: thiếu nó thì lượt đã gửi mất, mọi máy quét phải đăng ký lại."
    ),
    "Keys from {first} to {last} are not there ({count}): nobody can read what is sealed to them.": (
        "Thiếu khoá từ {first} đến {last} ({count} ngày): không ai đọc được những gì niêm phong bằng chúng."
    ),
    "{path}: damaged; this is no whole backup": "{path}: hỏng; đây không phải bản sao đầy đủ",
    "database.url: {url}: not blank; nothing was changed. Make a new one (createdb) and write its name there": (
        "database.url: {url}: không trống; chưa thay đổi gì. Hãy tạo cái mới (createdb) và ghi tên nó vào đó"
    ),
    "{program} is missing; as root, run: apt-get install postgresql-client": (
        "thiếu {program}; với quyền root, chạy: apt-get install postgresql-client"
    ),
    "{folder}: restored": "{folder}: đã khôi phục",
    "Gates send again, by themselves, what they still have and it lacks.": (
        "Máy quét tự gửi lại những lượt còn giữ mà hub thiếu."
    ),
    "Enrol anew whoever was enrolled, and revoke anew whoever was revoked, after the backup was made.": (
        "Máy nào đăng ký hoặc bị thu hồi sau khi tạo bản sao thì phải đăng ký hoặc thu hồi lại."
    ),
    "What was there before is in {folder}; it may hold keys too: remove it when it is not needed.": (
        "Dữ liệu trước đó nằm trong {folder}; trong đó có thể có khoá: hãy xoá khi không cần nữa."
    ),
}
