"""The desk's pages of gates, of one gate, and of rules and lists."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # what to do about a gate
    "This hub does not know what that is: bring the hub up to date.": "Hub này không biết đó là gì: hãy nâng cấp hub.",
    "Look whether it has power and its network, and read on it: gate-scanner status": (
        "Xem máy có điện và có mạng không, rồi đọc trên máy: gate-scanner status"
    ),
    "Enrol it with its code, and let it reach the hub; on it: gate-scanner status": (
        "Đăng ký máy bằng mã của nó và để máy nối được tới hub; trên máy: gate-scanner status"
    ),
    "It stays out. To take it back, make a code and enrol it anew.": (
        "Máy bị loại ra. Muốn dùng lại, hãy tạo mã và đăng ký lại."
    ),
    "Look at its camera and its card; on it: journalctl -u gate-scanner": (
        "Xem camera và thẻ nhớ của máy; trên máy: journalctl -u gate-scanner"
    ),
    "Make a new code here, and enrol it anew with that.": "Tạo mã mới ở đây rồi đăng ký lại bằng mã đó.",
    "Check pins and wires of the lamps, then restart it: systemctl restart gate-scanner": (
        "Xem lại chân và dây đèn, rồi khởi động lại: systemctl restart gate-scanner"
    ),
    "Check the camera's cable and that nothing else uses it; on it: gate-scanner doctor": (
        "Xem cáp camera và đừng để chương trình khác dùng nó; trên máy: gate-scanner doctor"
    ),
    "Check the ribbon cable and the power supply.": "Kiểm tra cáp dẹt và nguồn điện.",
    "It reads on with its other decoder. Bring its software up to date.": (
        "Máy vẫn đọc bằng bộ giải mã còn lại. Hãy nâng cấp phần mềm của máy."
    ),
    "Its card may be worn out: copy what is on it, and put in a new one.": (
        "Thẻ nhớ có thể đã hỏng: hãy chép dữ liệu ra và thay thẻ mới."
    ),
    "Look at what was refused; on it: gate-scanner queue parked": (
        "Xem những lượt bị từ chối; trên máy: gate-scanner queue parked"
    ),
    "Make a code here and enrol it anew; where that does not help, compare hub.url of its site file.": (
        "Tạo mã ở đây và đăng ký lại; nếu vẫn không được, so lại hub.url trong tệp cấu hình của máy."
    ),
    "Check the network between the gate and the hub; nothing is lost meanwhile.": (
        "Kiểm tra mạng giữa máy quét và hub; trong lúc đó không mất lượt nào."
    ),
    "Let it reach the hub once today: it fetches the key by itself.": (
        "Để máy nối được tới hub một lần trong hôm nay: máy tự lấy khoá."
    ),
    "Check its time server, or let it reach the hub, which tells it the time.": (
        "Xem máy chủ giờ của máy, hoặc để máy nối được tới hub, hub sẽ báo giờ."
    ),
    "Look at the hub's log; where the root is new, enrol the gate anew.": (
        "Xem nhật ký của hub; nếu khoá gốc là khoá mới, hãy đăng ký lại máy."
    ),
    "Use a power supply of 5.1 V and 3 A, and a short cable.": "Dùng nguồn 5,1 V 3 A và dây ngắn.",
    "Give it air, and take it out of the sun.": "Để máy thoáng khí và tránh nắng.",
    "Put in a larger card, or let it deliver what waits.": (
        "Thay thẻ nhớ lớn hơn, hoặc để máy gửi hết những gì đang chờ."
    ),
    "Run setup.sh install on it again: that arms the machine's watchdog.": (
        "Chạy lại setup.sh install trên máy: lệnh này bật bộ canh máy (watchdog)."
    ),
    "Publish the {kind} again here; on the gate: gate-scanner status": (
        "Công bố lại {kind} ở đây; trên máy: gate-scanner status"
    ),
    "Publish a new {kind} here, or check the network of the gate.": (
        "Công bố {kind} mới ở đây, hoặc kiểm tra mạng của máy."
    ),
    # what it says of itself
    "Granted": "Được vào",
    "Referred": "Mời gặp bảo vệ",
    "Denied": "Không được vào",
    "Not ours": "Mã khác",
    "Unreadable": "Không đọc được",
    "Several at once": "Nhiều mã một lúc",
    "Walked through": "Đi qua",
    "{name}, for {time}": "{name}, đã {time}",
    "sees nothing": "không thấy gì",
    "{fps} fps": "{fps} hình/giây",
    "wrong": "sai",
    "kept by a server": "theo máy chủ giờ",
    "kept by the hub": "theo hub",
    "{degrees} °C": "{degrees} °C",
    "ready for visitors": "sẵn sàng đón khách",
    "ready, without a network": "sẵn sàng, không có mạng",
    "it starts": "đang khởi động máy",
    "its ledger cannot be read": "không đọc được sổ của máy",
    "{count}, the oldest for {time}": "{count}, lượt cũ nhất đã {time}",
    "{policy}; a newer one was refused": "{policy}; bản mới hơn bị từ chối",
    "too weak, now or since it was started": "quá yếu, lúc này hoặc từ khi khởi động",
    "enough": "đủ",
    "Software": "Phần mềm",
    "Lamps at rest": "Đèn khi chờ",
    "Runs since": "Chạy từ",
    "{time} ago": "{time} trước",
    "Starts": "Số lần khởi động",
    "Camera": "Camera",
    "Unsent check-ins": "Lượt chưa gửi",
    "Clock of the gate": "Đồng hồ của máy",
    "Policy in force": "Bộ quy tắc đang dùng",
    "Heat": "Nhiệt độ",
    "Power": "Nguồn điện",
    "Free on the card": "Thẻ nhớ còn trống",
    "{count} ms to read a picture": "{count} ms để đọc một hình",
    "{width} % × {height} % of the sensor": "{width} % × {height} % cảm biến",
    "{count} MB": "{count} MB",
    "Counted before the time was known": "Đếm được khi chưa biết giờ",
    # all gates
    "All gates": "Tất cả máy quét",
    "Name, id or place": "Tên, mã máy hoặc địa điểm",
    "any": "bất kỳ",
    "Group": "Nhóm",
    "Only gates that are to guard {place}.": "Chỉ các máy được giao cho {place}.",
    "Only gates that do not have the newest {kind} yet.": "Chỉ các máy chưa có {kind} mới nhất.",
    "What needs somebody comes first.": "Máy cần người xem đứng trước.",
    "Trouble": "Trục trặc",
    "Scans today": "Lượt quét hôm nay",
    "Unsent": "Chưa gửi",
    "Policy for": "Quy tắc đã dùng",
    "No gate yet.": "Chưa có máy quét nào.",
    "No gate is like that.": "Không có máy quét nào như vậy.",
    "From the beginning": "Từ đầu",
    "More gates": "Xem thêm máy quét",
    # one gate
    "never heard": "chưa từng liên lạc",
    "last heard {time} ago": "liên lạc cách đây {time}",
    "What to do about it": "Cách xử lý",
    "How it stands": "Tình trạng máy",
    "It has not said how it stands yet, or in a way this hub cannot read. A gate does so every five minutes.": (
        "Máy chưa báo tình trạng, hoặc báo theo cách hub này không đọc được. Máy báo năm phút một lần."
    ),
    "The last seven days": "Bảy ngày qua",
    "By day, today first; what the hub has, and what the gate counted.": (
        "Theo ngày, hôm nay trước; số hub nhận được và số máy đếm được."
    ),
    "Day": "Ngày",
    "Check-ins": "Lượt",
    "{what}, hour by hour of seven days: {total} in all, at most {most} in an hour": (
        "{what}, theo giờ trong bảy ngày: tổng {total}, cao nhất {most} trong một giờ"
    ),
    "Check-ins that the hub has": "Lượt hub đã nhận",
    "Answers to people who showed who they are": "Lần trả lời người xuất trình giấy tờ",
    "Codes that could not be read, or are not for this gate": "Mã không đọc được hoặc không dành cho máy này",
    "Rules and lists there": "Quy tắc và danh sách trên máy",
    "Version there": "Phiên bản trên máy",
    "It takes none from this hub, or has not said so yet.": "Máy không lấy gì từ hub này, hoặc chưa báo.",
    "a newer one was refused there": "máy đã từ chối bản mới hơn",
    "older than the published one, {version}": "cũ hơn bản đã công bố, {version}",
    "in force": "đang dùng",
    "in force, and out of date": "đang dùng, đã cũ",
    "none is published": "chưa công bố bản nào",
    "it has none yet": "máy chưa có",
    "How it is registered": "Đăng ký của máy",
    "Device id": "Mã máy",
    "Registered": "Đăng ký lúc",
    "none that is registered": "không địa điểm đã đăng ký nào",
    "{place} (unmatched)": "{place} (không khớp)",
    "{place} (the same)": "{place} (khớp)",
    "{place} (another: {id})": "{place} (nơi khác: {id})",
    "Fingerprint of its key": "Dấu vân tay của khoá",
    "Key": "Khoá",
    "withdrawn": "đã thu hồi",
    "Seals to keys from": "Niêm phong bằng khoá từ ngày",
    "A code that enrols it anew is good until": "Mã đăng ký lại còn dùng được đến",
    # changing one
    "Change this gate": "Thay đổi máy này",
    "Rename": "Đổi tên",
    "Place it guards": "Địa điểm được giao",
    "Name, code or id of a registered place; empty: none.": (
        "Tên, mã số hoặc mã của địa điểm đã đăng ký; để trống: không có."
    ),
    "Move": "Chuyển",
    "Any name; a group is there while a gate is in it. Empty: none.": (
        "Tên tuỳ ý; nhóm tồn tại khi còn máy trong nhóm. Để trống: không có nhóm."
    ),
    "Put into this group": "Xếp vào nhóm này",
    "A new card, or a gate that was revoked? A code enrols it anew; its old key ends.": (
        "Thay thẻ nhớ, hoặc máy đã bị thu hồi? Dùng mã để đăng ký lại; khoá cũ hết hiệu lực."
    ),
    "Make a code": "Tạo mã",
    "Revoke this gate…": "Thu hồi máy này…",
    "The gate has its new name.": "Đã đổi tên máy.",
    "The registry says so now; what the gate itself says of its place stands beside it.": (
        "Đã ghi vào sổ đăng ký; địa điểm do chính máy báo ghi bên cạnh."
    ),
    "The gate is in that group now.": "Đã xếp máy vào nhóm.",
    "The gate is revoked: it is told when it next calls, and stops.": (
        "Đã thu hồi máy: lần gọi tới máy sẽ được báo và dừng."
    ),
    "Revoke a gate": "Thu hồi máy quét",
    "The key of {name} is withdrawn: the gate is told when it next calls, and stops. What it has not delivered "
    "stays on its card. Do this when it was stolen, or is taken out of use.": (
        "Khoá của {name} bị thu hồi: lần gọi tới máy sẽ được báo và dừng. Những gì chưa gửi vẫn nằm trên thẻ nhớ "
        "của máy. Hãy làm vậy khi máy bị mất trộm hoặc ngừng sử dụng."
    ),
    "To take it back, make a code on its page and enrol it anew.": (
        "Muốn dùng lại, hãy tạo mã trên trang của máy và đăng ký lại."
    ),
    "Revoke {name}": "Thu hồi {name}",
    "No, back to the gate": "Không, quay lại trang của máy",
    "The gate is revoked already.": "Máy này đã bị thu hồi rồi.",
    "There is another gate called {name}; choose another name.": "Đã có máy khác tên {name}; hãy chọn tên khác.",
    "{name}: there is no such place; write the whole name, the code or the id.": (
        "{name}: không có địa điểm này; hãy ghi đủ tên, mã số hoặc mã địa điểm."
    ),
    "{name}: several places are called so; write one's id: {ids}": (
        "{name}: có nhiều địa điểm trùng tên; hãy ghi mã của một nơi: {ids}"
    ),
    "{name}: this place is out of use.": "{name}: địa điểm này đã ngừng sử dụng.",
    # enrolling
    "Enrol a gate": "Đăng ký máy quét",
    "A gate is let in by a code, which is good once and for {minutes} minutes. Make it when you stand in front of "
    "the gate.": (
        "Máy quét vào hub bằng một mã, dùng một lần trong {minutes} phút. Hãy tạo mã khi bạn đang đứng trước máy."
    ),
    "What people call the gate": "Tên gọi của máy",
    "To all gates": "Về danh sách máy quét",
    "There is a gate called {name}; choose another name, or enrol that one anew on its page.": (
        "Đã có máy tên {name}; hãy chọn tên khác, hoặc đăng ký lại máy đó trên trang của nó."
    ),
    "Code for a gate": "Mã đăng ký máy quét",
    "This code enrols {name}, once, within {minutes} minutes. It is shown only now.": (
        "Mã này đăng ký {name}, một lần, trong vòng {minutes} phút. Mã chỉ hiện lúc này."
    ),
    "QR code with the letters above, to carry them over with a phone": (
        "Mã QR chứa dãy chữ ở trên, để chuyển bằng điện thoại"
    ),
    "How to use it": "Cách dùng",
    "Or, for a gate without a keyboard that is not enrolled yet, write into the same section of its site file, "
    "beside url:": "Hoặc, với máy không có bàn phím và chưa đăng ký, ghi vào cùng mục đó của tệp cấu hình, cạnh url:",
    "When it is in the list, say on its page which place it guards.": (
        "Khi máy đã có trong danh sách, hãy chọn địa điểm cho máy trên trang của nó."
    ),
    # rules and lists
    "Rules and lists": "Quy tắc và danh sách",
    "Published. Gates fetch it when they next ask, every few minutes.": (
        "Đã công bố. Máy quét sẽ lấy về ở lần hỏi tới, vài phút một lần."
    ),
    "{count} bytes": "{count} byte",
    "{count} number": "{count} số",
    "the hub by itself": "hub tự làm",
    "a command on the hub": "lệnh trên hub",
    "not there yet": "chưa có ở đó",
    "Nothing was published:": "Chưa công bố gì:",
    "What is published": "Đang công bố",
    "For all gates; at how many of those that take it and have said so it is in force.": (
        "Cho mọi máy quét; đang dùng ở bao nhiêu máy trong số các máy lấy nó và đã báo."
    ),
    "In force": "Đang dùng",
    "How much": "Bao nhiêu",
    "Published": "Công bố lúc",
    "By": "Người công bố",
    "Gates warn after": "Máy cảnh báo sau",
    "at {count} of {all} gates": "ở {count} trên {all} máy",
    "where not yet": "nơi chưa có",
    "Nothing is published yet.": "Chưa công bố gì.",
    "What the policy says": "Nội dung bộ quy tắc",
    "Lists of single gates": "Danh sách riêng của từng máy",
    "and {count} more list": "và {count} danh sách nữa",
    "Publish": "Công bố",
    "What the file is": "Tệp này là",
    "File": "Tệp",
    "A policy as YAML; a list of people as .xlsx or CSV with a header, like số CCCD; a trust list as JSON.": (
        "Bộ quy tắc dạng YAML; danh sách người dạng .xlsx hoặc CSV có dòng tiêu đề, như số CCCD; danh sách tin cậy "
        "dạng JSON."
    ),
    "Gates warn after so many days": "Máy cảnh báo sau số ngày",
    "Empty:": "Để trống:",
    "The list is to be empty": "Danh sách cố ý để trống",
    "Look at it first": "Xem trước",
    "Published here before": "Đã công bố tại đây",
    # before it is published
    "Publish: {kind}": "Công bố: {kind}",
    "The file {name} is right. Nothing is published yet.": "Tệp {name} đúng. Chưa công bố gì.",
    "In it until now": "Hiện có",
    "From now on": "Sẽ có",
    "Added": "Thêm",
    "Removed": "Bớt",
    "Until now": "Đến nay",
    "No key differs from the policy that is published.": "Không khoá nào khác với bộ quy tắc đang công bố.",
    "{count} gate has a list of its own; it gets this one instead.": (
        "{count} máy có danh sách riêng; máy sẽ nhận danh sách này thay thế."
    ),
    "Publish this {kind}": "Công bố {kind} này",
    "No, back to what is published": "Không, quay lại trang đang công bố",
    "Somebody else's file is being looked at; try again in a moment.": (
        "Hub đang xem tệp của người khác; hãy thử lại sau giây lát."
    ),
    "What was looked at is not there any more, or is older than an hour. Choose the file again.": (
        "Bản xem trước không còn, hoặc đã quá một giờ. Hãy chọn lại tệp."
    ),
    "Nobody is in this file. Where that is meant, say so in the form; nothing was changed.": (
        "Tệp này không có ai. Nếu cố ý, hãy đánh dấu trong biểu mẫu; chưa thay đổi gì."
    ),
    "Not in force until {time}: gates go on by the rules they have.": (
        "Chưa có hiệu lực đến {time}: máy quét vẫn theo quy tắc đang có."
    ),
    "Gates do not look at the {kind} yet, for no policy is published here.": (
        "Máy quét chưa xem {kind}, vì ở đây chưa công bố bộ quy tắc nào."
    ),
    "Gates do not look at the {kind}, for the policy that is published has no {key}.": (
        "Máy quét không xem {kind}, vì bộ quy tắc đang công bố không có {key}."
    ),
    "Choose what the file is.": "Hãy chọn loại tệp.",
    "Write a number of days from 1 to {most}.": "Hãy ghi số ngày từ 1 đến {most}.",
    "Choose a file that is not empty.": "Hãy chọn một tệp không trống.",
    "Somebody has published another one meanwhile. Look at it, and choose the file again.": (
        "Vừa có người công bố bản khác. Hãy xem bản đó rồi chọn lại tệp."
    ),
    "It asks for a {kind}, and none is published for all gates.": (
        "Bộ quy tắc cần {kind}, nhưng chưa công bố bản nào cho mọi máy."
    ),
    # the record, and the database
    "made a code that enrols a gate": "đã tạo mã đăng ký máy quét",
    "renamed a gate": "đã đổi tên máy quét",
    "moved a gate to another place": "đã chuyển máy quét sang địa điểm khác",
    "put a gate into a group": "đã xếp máy quét vào nhóm",
    "revoked a gate": "đã thu hồi máy quét",
    "published rules or a list": "đã công bố quy tắc hoặc danh sách",
    "make room for groups of gates and for who published what": "thêm chỗ cho nhóm máy quét và người công bố",
}
