"""What the commands of the hub say."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # init, certificate, run, status
    "hub made in {folder}; gates may call it {names}": "đã tạo hub trong {folder}; máy quét gọi nó là {names}",
    "who came can be read for {count} day": "đọc được ai đã đến trong {count} ngày",
    "operator's token: {file}": "mã của người quản lý: {file}",
    "keep a copy of {folder}, as old as the retention at most: without it nobody can read": (
        "giữ một bản sao của {folder}, không lâu hơn thời hạn lưu: thiếu nó không ai đọc được"
    ),
    "keep one of {file} and {folder}: without them every gate enrols anew": (
        "giữ một bản sao của {file} và {folder}: thiếu chúng mọi máy quét phải đăng ký lại"
    ),
    "next: gate-scanner hub run {folder}": "tiếp theo: gate-scanner hub run {folder}",
    "and for each gate: gate-scanner hub code {folder} NAME": (
        "và cho mỗi máy quét: gate-scanner hub code {folder} NAME"
    ),
    "{file}: for {names}; start the hub anew": "{file}: cho {names}; hãy khởi động lại hub",
    "{where}: cannot listen ({why})": "{where}: không mở cổng mạng được ({why})",
    "hub on {url}": "hub tại {url}",
    "{count} people; what was known before is gone. Keep {file} safe, or remove it": (
        "{count} người; dữ liệu trước đó đã bỏ. Giữ {file} cẩn thận, hoặc xoá đi"
    ),
    # gates
    "An older code of it stays good too: another {minutes} min, or until it is used.": (
        "Mã cũ của máy này vẫn dùng được: thêm {minutes} phút, hoặc đến khi đã dùng."
    ),
    "{place}: nothing has come from such a place, but from {names}": (
        "{place}: chưa có lượt nào đến từ nơi tên như vậy, chỉ từ {names}"
    ),
    "enrols {name}, once, within {minutes} minutes.": "đăng ký {name}, một lần, trong vòng {minutes} phút.",
    "enrols {gate} anew, once, within {minutes} minutes.": "đăng ký lại {gate}, một lần, trong vòng {minutes} phút.",
    "In the gate's site file:": "Trong tệp cấu hình của máy quét:",
    "another port if `hub run` was given one": "số cổng khác nếu `hub run` dùng cổng khác",
    "on the gate:": "trên máy quét:",
    "or, for a gate that is not enrolled yet and has no keyboard, hub.enrol_code: {code} beside hub.url": (
        "hoặc, với máy chưa đăng ký và không có bàn phím, ghi hub.enrol_code: {code} cạnh hub.url"
    ),
    "{name}: is a device id; write a name, or --again for a gate that is registered": (
        "{name}: là mã thiết bị; hãy ghi tên, hoặc thêm --again cho máy đã đăng ký"
    ),
    "{name}: there is such a gate; --again makes a code that enrols it anew": (
        "{name}: đã có máy quét tên này; thêm --again để tạo mã đăng ký lại"
    ),
    "{name}: there is such a gate; choose another name": "{name}: đã có máy quét tên này; hãy chọn tên khác",
    "{name}: several gates are called so, name one by its id: {ids}": (
        "{name}: có nhiều máy quét tên này, hãy ghi mã thiết bị của một máy: {ids}"
    ),
    "{name}: there is no such gate; see: {command}": "{name}: không có máy quét này; xem: {command}",
    "{gate} is revoked: it will be told when it next calls, and stops": (
        "đã thu hồi {gate}: lần gọi tới máy sẽ được báo, và ngừng hoạt động"
    ),
    "to take it back: {command}": "để cho hoạt động lại: {command}",
    "{file}: is there already; choose another name for --out": "{file}: đã có; chọn tên khác cho --out",
    "{file}: cannot be written ({why}); {gate} stays unused": "không ghi được {file} ({why}); {gate} không được dùng",
    "{gate} registered; move {file} into the gate's state folder (mode 0600)": (
        "đã đăng ký {gate}; chuyển {file} vào thư mục trạng thái của máy quét (quyền 0600)"
    ),
    # the clock and the keys
    "the clock says {time}": "đồng hồ chỉ {time}",
    "it is believed": "đồng hồ đáng tin",
    "it is in doubt: it should be about {time}": "đồng hồ đáng ngờ: lẽ ra phải vào khoảng {time}",
    "no gate is told the time or enrolled, no key is made or destroyed; check-ins are taken": (
        "không báo giờ, không đăng ký máy quét, không tạo hay huỷ khoá; các lượt vẫn được nhận"
    ),
    "set it right, or when it is right: {command}": "hãy chỉnh lại, hoặc nếu giờ đúng: {command}",
    "arrivals {first} to {last}, from about {time}: the clock was off by {seconds} s": (
        "các lượt nhận {first} đến {last}, từ khoảng {time}: đồng hồ lệch {seconds} giây"
    ),
    "{day}: destroyed; {count} check-in lost its body; last used by {last}": (
        "{day}: đã huỷ; {count} lượt mất nội dung; dùng lần cuối {last}"
    ),
    "{day}: of a day far off, made when the clock had leapt; offered to nobody": (
        "{day}: của một ngày xa, tạo ra khi đồng hồ nhảy sai; không đưa cho máy nào"
    ),
    "{day}: kept, {gates} may still use it": "{day}: giữ lại, {gates} có thể còn dùng",
    "{day}: kept, was used until {last}": "{day}: giữ lại, đã dùng đến {last}",
    "nothing was due": "chưa có gì đến hạn",
    # what arrived, and who read it
    "--reason is for --unseal: without it nobody's data is read": (
        "--reason chỉ đi với --unseal: không có --unseal thì không đọc dữ liệu của ai"
    ),
    "{count} numbers: their digests take a while": "{count} số: tính mã băm mất một lúc",
    "--unseal needs --reason: who reads who came must say why": (
        "--unseal cần --reason: ai đọc danh tính khách phải nói lý do"
    ),
    "--day, --from, --until: they leave no time between them": "--day, --from, --until: không còn khoảng thời gian nào",
    "nothing has arrived that is asked for here": "không có lượt nào như yêu cầu",
    "read arrivals {first} to {last}": "đã đọc các lượt nhận {first} đến {last}",
    "destroyed the key of {day}": "đã huỷ khoá ngày {day}",
    "{count} check-in": "{count} lượt",
    "nobody has opened a seal, and no key was destroyed": "chưa ai mở niêm phong, và chưa huỷ khoá nào",
    # its folder
    "{path}: no hub's folder; make one: gate-scanner hub init {path}": (
        "{path}: không phải thư mục của hub; để tạo: gate-scanner hub init {path}"
    ),
    "{path}: there is a hub already; nothing was changed": "{path}: đã có hub; chưa thay đổi gì",
    "{path}: cannot be made ({why})": "{path}: không tạo được ({why})",
    "{target}: name a folder that is not there yet, outside of {folder}": (
        "{target}: hãy ghi một thư mục chưa có, nằm ngoài {folder}"
    ),
    "{folder}: is no hub's folder, nor a backup of one": "{folder}: không phải thư mục hay bản sao của hub",
    "the hub's clock says {said}, and it should be about {now}; "
    "set it right, or when it is right, run: gate-scanner hub clock DIR --accept": (
        "đồng hồ của hub chỉ {said}, lẽ ra khoảng {now}; "
        "hãy chỉnh lại, hoặc nếu giờ đúng thì chạy: gate-scanner hub clock DIR --accept"
    ),
    # publish
    "{file}: nobody is in it; write --empty if that is meant. Nothing was changed": (
        "{file}: không có ai trong đó; nếu đúng ý thì thêm --empty. Chưa thay đổi gì"
    ),
    "{file}: new; start the hub anew, and keep a copy of the file": "{file}: mới; khởi động lại hub và giữ bản sao",
    "--gate: is for {lists}; a {kind} is for every gate": "--gate: dành cho {lists}; {kind} là cho mọi máy quét",
    "{kind} for {gate} alone: {count}": "{kind} riêng cho {gate}: {count}",
    "{kind}: {count}": "{kind}: {count}",
    "{kind} version {version}, {size} bytes; gates warn after {time}": (
        "{kind} phiên bản {version}, {size} byte; máy quét cảnh báo sau {time}"
    ),
    "keep {file} safe, or remove it: gates hold the list in memory only": (
        "giữ {file} cẩn thận, hoặc xoá đi: máy quét chỉ giữ danh sách trong bộ nhớ"
    ),
    "passed over columns: {names}": "bỏ qua các cột: {names}",
    "passed over rows: {names}": "bỏ qua các dòng: {names}",
    "other headers, by which the rows beneath them were read, in rows: {names}": (
        "có tiêu đề khác, các dòng bên dưới được đọc theo tiêu đề đó, ở các dòng: {names}"
    ),
    "passed over sheets: {names}": "bỏ qua các trang tính: {names}",
    "people of several sheets, all in one list: {names}": "gộp chung một danh sách người của các trang tính: {names}",
    "gates with policy: {{from: hub}} do not look at the {kind} yet, for no policy is published here; an example is "
    "config/policy/expected-guests.yaml: {command}": (
        "máy quét ghi policy: {{from: hub}} chưa xét {kind}, vì ở đây chưa công bố bộ quy tắc nào; mẫu ở "
        "config/policy/expected-guests.yaml: {command}"
    ),
    "gates with policy: {{from: hub}} do not look at the {kind}, for policy {version}, published here, has no {key}: "
    "as in config/policy/expected-guests.yaml": (
        "máy quét ghi policy: {{from: hub}} không xét {kind}, vì bộ quy tắc {version} đã công bố không có {key}: "
        "xem mẫu ở config/policy/expected-guests.yaml"
    ),
    "no {kind} is published for all gates: {command}": "chưa công bố {kind} cho mọi máy quét: {command}",
    "NOT IN FORCE YET: until {time} gates go on by the rules they have": (
        "CHƯA ÁP DỤNG: đến {time} máy quét vẫn theo quy tắc đang có"
    ),
    "a number that stands further up already, counted once, in rows: {names}": "số đã có ở dòng phía trên, "
    "chỉ tính một lần, tại các dòng: {names}",
    "{names} and {count} more": "{names} và {count} nữa",
    "{count} number (none before)": "{count} số (trước đó chưa có)",
    "{count} number (before {was})": "{count} số (trước đó {was})",
}
