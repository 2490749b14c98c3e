"""What the desk says of supervision, of check-ins, of opened seals and of its record."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "make room for how the scanning at each place stands": "thêm chỗ cho tình hình quét mã ở từng địa điểm",
    "there is no such folder": "không có thư mục này",
    "each day's coverage goes into {folder}": "số liệu mỗi ngày được ghi vào {folder}",
    "write a time of the day, like 03:00": "hãy ghi giờ trong ngày, như 03:00",
    # why a figure is not known
    "the hub does not know yet who belongs to the place": "hub chưa biết ai thuộc địa điểm này",
    "no opening hours are registered": "chưa đăng ký giờ mở cửa",
    "it has not been open in these days": "những ngày này địa điểm không mở cửa",
    "nobody was scanned in this hour of the four weeks before": "bốn tuần trước không ai quét vào giờ này",
    "it was closed in the last full hour": "giờ vừa qua địa điểm đóng cửa",
    "no gate there has counted anybody who passed": "ở đó chưa máy quét nào đếm được người đi qua",
    # how scanning stands
    "never scanned": "chưa từng quét",
    "stopped": "đã ngừng",
    "falling": "đang giảm",
    "Nobody was ever scanned there.": "Ở đó chưa từng có ai quét.",
    "Nobody was scanned in the last 8 opening hours; in the last 72 hours where no opening hours are registered.": (
        "Không ai quét trong 8 giờ mở cửa gần nhất; trong 72 giờ gần nhất nếu chưa đăng ký giờ mở cửa."
    ),
    "In the last 7 days fewer than half of the scans usual in the 4 weeks before.": (
        "7 ngày qua chưa bằng một nửa số lượt thường có của 4 tuần trước."
    ),
    "None of these.": "Không thuộc các trường hợp trên.",
    "What these words mean": "Các từ này nghĩa là gì",
    # the first page
    "Places to look at": "Địa điểm cần xem",
    "How scanning stands": "Tình hình quét",
    "all but those that are well": "tất cả, trừ nơi đang ổn",
    "Commune": "Xã/phường",
    "Those that nobody scans at come first; figures are of the last 7 days.": (
        "Nơi không ai quét đứng trước; số liệu của 7 ngày qua."
    ),
    "Last scan": "Lượt gần nhất",
    "Scans in 7 days": "Lượt trong 7 ngày",
    "Opening hours with a scan": "Giờ mở cửa có lượt quét",
    "Last hour, of what is usual": "Giờ vừa qua so với thường lệ",
    "Answered, of who passed": "Được trả lời / người đi qua",
    "No place of these has to be looked at.": "Không có địa điểm nào cần xem.",
    "Further": "Tiếp",
    "All as CSV": "Tất cả, tệp CSV",
    "All as an Excel file": "Tất cả, tệp Excel",
    "The coverage of {day} could not be written into {folder}; the hub's log says why.": (
        "Không ghi được số liệu ngày {day} vào {folder}; nhật ký của hub cho biết vì sao."
    ),
    # a place
    "What is registered of it": "Thông tin đã đăng ký",
    "Its check-ins": "Các lượt ở đây",
    "How scanning at {place} is": "Tình hình quét ở {place}",
    "Last scan: {when}": "Lượt gần nhất: {when}",
    "Members seen, of those who were expected": "Thành viên đã quét trên số phải có mặt",
    "Opening hours with a scan, of the last 7 days": "Giờ mở cửa có lượt quét, trong 7 ngày qua",
    "Scans in the last full hour, of what is usual in this hour of the week": (
        "Lượt của giờ vừa qua, so với thường lệ của giờ này trong tuần"
    ),
    "People answered, of those who passed, in the last 7 days": (
        "Người được trả lời trên số người đi qua, trong 7 ngày qua"
    ),
    "Its hours, days and who read who came": "Các giờ, các ngày, và ai đã xem danh tính người đến",
    "{part} of {whole}": "{part} trên {whole}",
    "The hours of the week": "Các giờ trong tuần",
    "Scans of four weeks; a dashed edge: the place is closed then.": (
        "Lượt quét của bốn tuần; viền đứt: lúc đó địa điểm đóng cửa."
    ),
    "Scans by weekday and hour, {count} in four weeks; the table below says the same.": (
        "Lượt quét theo thứ và giờ, {count} lượt trong bốn tuần; bảng bên dưới có cùng số liệu."
    ),
    "The same as a table": "Cùng số liệu, dạng bảng",
    "Hour": "Giờ",
    "closed": "đóng cửa",
    "Mon": "T2",
    "Tue": "T3",
    "Wed": "T4",
    "Thu": "T5",
    "Fri": "T6",
    "Sat": "T7",
    "Sun": "CN",
    "Four weeks": "Bốn tuần",
    "Scans": "Lượt quét",
    "Its gates": "Các máy quét ở đây",
    "Guards it": "Vì sao thuộc về đây",
    "as it is registered": "theo sổ đăng ký",
    "by the code of the place that it names": "theo mã địa điểm mà máy báo",
    "No gate guards this place: assign one, or nobody can be scanned there.": (
        "Chưa có máy quét nào ở đây: hãy giao một máy, nếu không thì không ai quét được."
    ),
    "Who read who came": "Ai đã xem danh tính người đến",
    "Reason and legal ground": "Lý do và căn cứ pháp lý",
    "Of which time": "Của khoảng thời gian nào",
    "Nobody has opened a seal of this place at the desk.": "Chưa ai mở niêm phong của địa điểm này trên trang web.",
    # check-ins
    "in": "vào",
    "out": "ra",
    "in or out": "vào hoặc ra",
    "counts": "được tính",
    "repeated": "quét lại",
    "sealed": "đã niêm phong",
    "destroyed with its key": "đã huỷ cùng khoá",
    "Of all places at once a day is not looked up: choose a place or a gate too.": (
        "Không tra một ngày của mọi địa điểm cùng lúc: hãy chọn thêm địa điểm hoặc máy quét."
    ),
    "When and where somebody came; who it was is sealed, and only the authority may open it, with a reason.": (
        "Ai đó đến lúc nào, ở đâu; đó là ai thì được niêm phong, chỉ cơ quan có thẩm quyền mới được mở, có lý do."
    ),
    "Place, by its id": "Địa điểm, theo id",
    "Gate, by its id": "Máy quét, theo id",
    "Only at:": "Chỉ ở:",
    "When it was": "Thời gian",
    "Direction": "Hướng",
    "How it counts": "Cách tính",
    "Who it was": "Danh tính",
    "Arrived here": "Về đến hub",
    "Nothing has arrived that is asked for here.": "Chưa có lượt nào như vậy.",
    # opening seals
    "Read who came": "Xem danh tính người đến",
    "Who asks, why and of which time is written down before anything is opened; those who are responsible for the "
    "place see it.": (
        "Ai xem, vì sao, của khoảng thời gian nào đều được ghi lại trước khi mở; người phụ trách địa điểm thấy điều đó."
    ),
    "From, by the clocks of the place": "Từ, theo giờ của địa điểm",
    "Until": "Đến trước",
    "Reason": "Lý do",
    "Legal ground": "Căn cứ pháp lý",
    "Write it down and open": "Ghi lại và mở",
    "Write a reason and the legal ground: nothing is opened without them.": (
        "Hãy ghi lý do và căn cứ pháp lý: không có thì không mở gì cả."
    ),
    "Write at most {most} characters, all of which can be seen.": "Hãy ghi nhiều nhất {most} ký tự nhìn thấy được.",
    "Write both times, like {example}.": "Hãy ghi cả hai thời điểm, như {example}.",
    "There is no time between these two.": "Giữa hai thời điểm này không có khoảng thời gian nào.",
    "Ask for {most} days at most.": "Hãy hỏi nhiều nhất {most} ngày.",
    "More than {most} check-ins: ask for a shorter time. Nothing was opened.": (
        "Hơn {most} lượt: hãy chọn khoảng thời gian ngắn hơn. Chưa mở gì cả."
    ),
    "Too many gates have guarded this place; ask on the hub: gate-scanner hub checkins": (
        "Quá nhiều máy quét từng ở địa điểm này; hãy xem trên hub: gate-scanner hub checkins"
    ),
    "Who came": "Người đã đến",
    "At:": "Tại:",
    "This was written down, with your name. Leave the page when you have read it: it is kept nowhere.": (
        "Việc này đã được ghi lại cùng tên của bạn. Xem xong hãy rời trang: nội dung không được lưu ở đâu cả."
    ),
    "Answer": "Trả lời",
    "let in": "cho vào",
    "sent to somebody": "mời gặp nhân viên",
    "turned away": "không cho vào",
    "born": "sinh",
    "sex": "giới tính",
    "citizen number": "số căn cước",
    "old card or passport": "CMND hoặc hộ chiếu",
    "insurance number": "số BHXH",
    "national code": "mã QR quốc gia",
    "phone": "điện thoại",
    "address": "địa chỉ",
    "no code that was read": "không đọc mã nào",
    "its seal does not open": "niêm phong không mở được",
    "Nobody was recorded there then.": "Lúc đó không ghi nhận ai ở đó.",
    "Back to the check-ins of this place": "Về các lượt của địa điểm này",
    # the record
    "read who came": "đã xem danh tính người đến",
    "exported this record": "đã xuất sổ này",
    "everything": "mọi việc",
}
