"""The desk's pages of places: lists, forms, imports, what is printed; and files in forms."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # files in forms
    "This file is larger than {most} MB. Divide it into several; nothing was changed.": (
        "Tệp lớn hơn {most} MB. Hãy chia thành nhiều tệp; chưa có gì thay đổi."
    ),
    "The hub's disk has no room for this file; make some, and try again.": (
        "Đĩa của hub không đủ chỗ cho tệp này; hãy giải phóng rồi thử lại."
    ),
    # the record
    "registered a place": "đã đăng ký địa điểm",
    "changed a place": "đã sửa địa điểm",
    "took a place out of use": "đã ngừng dùng địa điểm",
    "took a place into use again": "đã dùng lại địa điểm",
    "gave a place to an account": "đã giao địa điểm cho tài khoản",
    "took a place from an account": "đã thu lại địa điểm của tài khoản",
    "imported places": "đã nhập danh sách địa điểm",
    "exported places": "đã xuất danh sách địa điểm",
    "made a poster": "đã tạo áp phích",
    # fields of a place
    "Kind": "Loại hình",
    "Province or city": "Tỉnh/thành phố",
    "Commune or ward": "Xã/phường",
    "Rest of the address": "Địa chỉ chi tiết",
    "Who answers for it": "Người phụ trách",
    "Phone": "Điện thoại",
    "Opening hours": "Giờ mở cửa",
    "Time zone": "Múi giờ",
    "Legal basis of recording": "Căn cứ pháp lý để ghi",
    "Its code": "Mã riêng",
    "Like {example}; supervision looks at these hours only.": "Như {example}; chỉ giám sát trong những giờ này.",
    "Why people may be recorded here; the notice says it.": "Vì sao được ghi lượt ở đây; tờ thông báo sẽ nêu.",
    "What your authority calls it, if it has one.": "Mã do cơ quan quản lý đặt, nếu có.",
    "Of who answers for it; sign and notice tell it.": "Của người phụ trách; in trên biển báo và thông báo.",
    "agency or office": "cơ quan, văn phòng",
    "school": "trường học",
    "hospital": "bệnh viện, cơ sở y tế",
    "shop": "cửa hàng",
    "market": "chợ",
    "vehicle": "phương tiện",
    "something else": "loại khác",
    # the list
    "Places": "Địa điểm",
    "Register a place": "Đăng ký địa điểm",
    "Import many": "Nhập nhiều địa điểm",
    "As an Excel file": "Tải tệp Excel",
    "As CSV": "Tải CSV",
    "Name or code": "Tên hoặc mã",
    "every kind": "mọi loại hình",
    "Which": "Hiện",
    "in use": "đang dùng",
    "out of use": "ngừng dùng",
    "Show": "Xem",
    "{count} place": "{count} địa điểm",
    "No place is like that. Write less, or look among those out of use.": (
        "Không có địa điểm nào như vậy. Hãy ghi ngắn hơn, hoặc tìm trong các địa điểm ngừng dùng."
    ),
    "No place yet: register the first one, or import a list.": (
        "Chưa có địa điểm nào: hãy đăng ký địa điểm đầu tiên, hoặc nhập một danh sách."
    ),
    "No place yet. An administrator gives places to your account.": (
        "Chưa có địa điểm nào. Quản trị viên sẽ giao địa điểm cho tài khoản của bạn."
    ),
    "First page": "Trang đầu",
    "Next page": "Trang sau",
    # one place
    "The place is registered. Next: its poster, and a gate that guards it.": (
        "Đã đăng ký địa điểm. Tiếp theo: tạo áp phích, và chọn máy quét trông địa điểm này."
    ),
    "The change is saved.": "Đã lưu thay đổi.",
    "The place is out of use; what was recorded there stays.": "Địa điểm đã ngừng dùng; những gì đã ghi ở đó vẫn còn.",
    "The place is in use again.": "Địa điểm được dùng lại.",
    "The account sees this place from now on.": "Từ nay tài khoản này xem được địa điểm.",
    "The account does not see this place any more.": "Tài khoản này không còn xem được địa điểm.",
    "The poster is ready: print it and hang it. Where it replaces one, take that one down.": (
        "Áp phích đã sẵn sàng: hãy in và treo. Nếu nó thay tờ cũ thì gỡ tờ cũ xuống."
    ),
    "Out of use since {time}.": "Ngừng dùng từ {time}.",
    "What is registered": "Thông tin đã đăng ký",
    "not known": "chưa rõ",
    "Its id here": "Mã trong hub",
    "Change this": "Sửa thông tin",
    "Use": "Sử dụng",
    "Take this place out of use": "Ngừng dùng địa điểm này",
    "It stands no longer in lists, and gets no new poster. What was recorded there stays.": (
        "Địa điểm không còn trong danh sách và không có áp phích mới. Những gì đã ghi ở đó vẫn còn."
    ),
    "Take this place into use again": "Dùng lại địa điểm này",
    "Owners who see this place": "Chủ địa điểm xem được nơi này",
    "Take it from {name}": "Thu lại của {name}",
    "No account with the role owner of a place sees it; all other roles do.": (
        "Chưa có tài khoản vai trò chủ địa điểm nào xem được; các vai trò khác đều xem được."
    ),
    "Give it to the account": "Giao cho tài khoản",
    "Give": "Giao",
    "There is no account of this name whose role is owner of a place. Add one under Accounts.": (
        "Không có tài khoản vai trò chủ địa điểm nào có tên này. Hãy thêm ở mục Tài khoản."
    ),
    # its gates
    "{count} gate is to guard this place.": "{count} máy quét phải trông địa điểm này.",
    "Last heard": "Lần cuối báo về",
    "Not delivered": "Chưa gửi",
    "works": "hoạt động tốt",
    "has trouble": "có trục trặc",
    "is silent": "im lặng",
    "was never heard": "chưa từng báo về",
    "is revoked": "đã thu hồi",
    "What gates say they guard": "Máy quét tự báo đang trông nơi nào",
    "A gate names its place in its site file. It is matched by the id of a place or of a poster in there.": (
        "Máy quét nêu địa điểm trong tệp cấu hình của nó. Hub so khớp theo mã địa điểm hoặc mã áp phích ghi ở đó."
    ),
    "Gate": "Máy quét",
    "Says it guards": "Báo đang trông",
    "By its id": "Theo mã",
    "Is to guard": "Phải trông",
    "this place": "địa điểm này",
    "another place": "địa điểm khác",
    "no registered place": "không địa điểm nào đã đăng ký",
    # its papers
    "Posters": "Áp phích",
    "Entrance": "Lối vào",
    "No poster yet. One hangs at each entrance.": "Chưa có áp phích. Mỗi lối vào treo một tờ.",
    "Poster {number} of {time}, marked {mark}.": "Áp phích số {number}, tạo lúc {time}, ký hiệu {mark}.",
    "Poster {number} of {entrance}": "Áp phích số {number} của {entrance}",
    "{paper} as PDF": "{paper} dạng PDF",
    "{paper} to print here": "{paper} in từ trình duyệt",
    "Replace the poster of {entrance}": "Thay áp phích của {entrance}",
    "A new poster with a new code is made. Poster {number} is out of date from then on: print the new one and take "
    "this one down.": (
        "Sẽ tạo áp phích mới với mã mới. Từ lúc đó áp phích số {number} hết hiệu lực: hãy in tờ mới và gỡ tờ này xuống."
    ),
    "Make its poster": "Tạo áp phích",
    "{entrance} has a poster already; replace it below.": "{entrance} đã có áp phích; hãy thay ở bên dưới.",
    "{entrance} has no poster yet; make its first one below.": "{entrance} chưa có áp phích; hãy tạo ở bên dưới.",
    "{most} posters were made here within a day; make more tomorrow.": (
        "Trong một ngày đã tạo {most} áp phích ở đây; ngày mai hãy tạo tiếp."
    ),
    "A place has at most {most} entrances.": "Một địa điểm có nhiều nhất {most} lối vào.",
    "This place is out of use: take it into use again first.": "Địa điểm này đã ngừng dùng: hãy dùng lại trước.",
    "{count} poster is out of date": "{count} áp phích hết hiệu lực",
    "Take them down where they still hang: number and mark stand beneath the code.": (
        "Hãy gỡ những tờ còn treo: số và ký hiệu in dưới mã."
    ),
    "Number": "Số",
    "Mark": "Ký hiệu",
    "Made": "Tạo lúc",
    "Replaced": "Thay lúc",
    "Where to hang it": "Treo ở đâu",
    "Sign for the camera, and notice": "Biển báo camera và tờ thông báo",
    "Sign: cards are neither kept nor photographed": "Biển báo: không giữ thẻ, không chụp thẻ",
    "Notice: what is kept, why, how long, whom to ask": "Thông báo: giữ gì, để làm gì, bao lâu, hỏi ai",
    "Cannot be printed yet:": "Chưa in được:",
    "nobody to ask: write who answers for the place, or notice.contact in hub.yaml": (
        "chưa có người để hỏi: hãy ghi người phụ trách địa điểm, hoặc notice.contact trong hub.yaml"
    ),
    "no legal basis: write it among what is registered of the place": (
        "chưa có căn cứ pháp lý: hãy ghi vào thông tin đã đăng ký của địa điểm"
    ),
    "Print this page with your browser: paper {paper}, at 100 %, without margins, headers and footers of the "
    "browser.": ("Hãy in trang này bằng trình duyệt: giấy {paper}, cỡ 100 %, không lề, không đầu trang và chân trang."),
    "Back to the place": "Về địa điểm",
    # the form
    "(needed)": "(bắt buộc)",
    "Suggest communes of this province": "Gợi ý xã/phường của tỉnh này",
    "Save": "Lưu",
    "Back, without saving": "Quay lại, không lưu",
    "Nothing was saved: look at the fields that are marked.": "Chưa lưu gì: hãy xem các ô được đánh dấu.",
    "Somebody has changed this place meanwhile. This is how it stands now; make your change again.": (
        "Đã có người sửa địa điểm này trong lúc đó. Đây là thông tin hiện tại; hãy sửa lại."
    ),
    "This place is registered already:": "Địa điểm này đã được đăng ký:",
    # many at once
    "Import places": "Nhập danh sách địa điểm",
    "A list as CSV or as an Excel file (.xlsx)": "Danh sách dạng CSV hoặc Excel (.xlsx)",
    "First you see what it would change; nothing is changed before you say so.": (
        "Trước hết bạn xem danh sách sẽ thay đổi gì; chưa đồng ý thì chưa có gì thay đổi."
    ),
    "Look at the list": "Xem danh sách",
    "Choose a file first.": "Hãy chọn tệp trước.",
    "the file": "tệp",
    "How a list looks": "Danh sách trông như thế nào",
    "A header that names the columns, then one line for each place. Name and province are needed; other columns may "
    "be missing, and unknown ones are passed over.": (
        "Một dòng tiêu đề nêu tên các cột, rồi mỗi địa điểm một dòng. Bắt buộc có tên và tỉnh; các cột khác có thể "
        "thiếu, cột lạ thì bỏ qua."
    ),
    "A line whose id, code, or name with address is registered changes that place. No list takes a place out of use.": (
        "Dòng có id, mã, hoặc tên cùng địa chỉ đã đăng ký thì sửa địa điểm đó. Không danh sách nào ngừng dùng địa điểm."
    ),
    "A blank list as an Excel file": "Tải danh sách trống dạng Excel",
    "A blank list as CSV": "Tải danh sách trống dạng CSV",
    "Column": "Cột",
    "What it holds": "Nội dung",
    "Example": "Ví dụ",
    "What {file} would change": "{file} sẽ thay đổi gì",
    "New": "Mới",
    "To change": "Sẽ sửa",
    "As they are": "Giữ nguyên",
    "Wrong lines": "Dòng sai",
    "Nothing was changed. Mend these lines in the list and choose it again.": (
        "Chưa có gì thay đổi. Hãy sửa các dòng này trong danh sách rồi chọn lại tệp."
    ),
    "Line": "Dòng",
    "What to do": "Cần làm gì",
    "and {count} more line": "và {count} dòng nữa",
    "and more": "và còn nữa",
    "All of this is done at once, or nothing of it.": "Tất cả được thực hiện cùng lúc, hoặc không gì cả.",
    "Carry it out": "Thực hiện",
    "There is nothing to do: all of it is registered so already.": (
        "Không có gì để làm: tất cả đã được đăng ký như vậy."
    ),
    "Choose another list": "Chọn danh sách khác",
    "Back, without changing anything": "Quay lại, không thay đổi gì",
    "Is this meant?": "Có phải ý bạn là?",
    "Columns that are passed over": "Các cột bị bỏ qua",
    "What changes": "Những gì thay đổi",
    "Place": "Địa điểm",
    "Field": "Mục",
    "Now": "Hiện tại",
    "Afterwards": "Sau đó",
    "New places": "Địa điểm mới",
    "The file is not here any more: it waits for an hour. Choose it again; nothing was changed.": (
        "Tệp không còn ở đây: hub chỉ giữ một giờ. Hãy chọn lại; chưa có gì thay đổi."
    ),
    "What is registered has changed meanwhile; nothing was done. Look at it again.": (
        "Thông tin đã đăng ký vừa thay đổi; chưa thực hiện gì. Hãy xem lại."
    ),
    "Another list is being read at this moment; nothing was changed. Try again in a minute.": (
        "Hub đang đọc một danh sách khác; chưa có gì thay đổi. Hãy thử lại sau một phút."
    ),
}
