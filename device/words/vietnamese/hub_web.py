"""The desk's pages: logging in, accounts, the record, how the hub is; and the commands for accounts."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "pages for people: nowhere": "trang quản lý: không mở",
    "pages for people: https://{address}": "trang quản lý: https://{address}",
    "{name} ({role}) sets the password here, once, within 24 hours:": (
        "{name} ({role}) đặt mật khẩu tại đây, một lần, trong vòng 24 giờ:"
    ),
    "the pages are off here: write an address for desk: into hub.yaml, and start the hub anew": (
        "trang quản lý đang tắt: hãy ghi địa chỉ cho desk: trong hub.yaml rồi khởi động lại hub"
    ),
    "{name}: {why}": "{name}: {why}",
    "{name}: there is no such account; see: {command}": "{name}: không có tài khoản này; xem: {command}",
    "{name} is disabled; reset lets it log in again": "{name} đã bị khoá; lệnh reset cho đăng nhập lại",
    "no account; add one: {command}": "chưa có tài khoản; để thêm: {command}",
    # every page
    "Gate hub": "Hub máy quét",
    "Skip to the content": "Đến thẳng nội dung",
    "Pages": "Các trang",
    "Overview": "Tổng quan",
    "Accounts": "Tài khoản",
    "Record": "Nhật ký",
    "My account": "Tài khoản của tôi",
    "About": "Giới thiệu",
    "Log out": "Đăng xuất",
    "To the first page": "Về trang đầu",
    # what went wrong
    "This did not work": "Chưa thực hiện được",
    "This is no request that the hub can read.": "Hub không đọc được yêu cầu này.",
    "Your account may not open this page.": "Tài khoản của bạn không được mở trang này.",
    "There is no such page.": "Không có trang này.",
    "This is more than a form of the hub holds.": "Biểu mẫu gửi lên quá lớn.",
    "This is no form of the hub.": "Đây không phải biểu mẫu của hub.",
    "The database does not answer. Gates keep what they have; try again in a moment.": (
        "Cơ sở dữ liệu không trả lời. Các máy quét vẫn giữ những gì đã ghi; hãy thử lại sau giây lát."
    ),
    "Something went wrong in the hub. It is in its log; try again in a moment.": (
        "Hub gặp lỗi, đã ghi vào nhật ký máy; hãy thử lại sau giây lát."
    ),
    "Too many people log in at this moment; try again.": "Đang có quá nhiều người đăng nhập; hãy thử lại.",
    "This did not come from a page of the hub. Open the page again and repeat it; where that does not help, the "
    "browser is too old.": (
        "Yêu cầu không đến từ một trang của hub. Hãy mở lại trang rồi làm lại; "
        "nếu vẫn không được thì trình duyệt quá cũ."
    ),
    # logging in
    "Log in": "Đăng nhập",
    "Name": "Tên",
    "Password": "Mật khẩu",
    "The password is set. Now log in with it.": "Đã đặt mật khẩu. Hãy đăng nhập bằng mật khẩu này.",
    "The name or the password is wrong.": "Sai tên hoặc mật khẩu.",
    "Too many tries. Wait {seconds} seconds.": "Thử quá nhiều lần. Hãy đợi {seconds} giây.",
    "No account, or the password forgotten? An administrator of the hub sends a one-time link.": (
        "Chưa có tài khoản hoặc quên mật khẩu? Quản trị viên của hub sẽ gửi liên kết dùng một lần."
    ),
    "This link is no longer good": "Liên kết không còn hiệu lực",
    "This link was used, or is older than a day. Ask whoever sent it for another.": (
        "Liên kết này đã dùng hoặc đã quá một ngày. Hãy xin người gửi một liên kết khác."
    ),
    "Set your password": "Đặt mật khẩu",
    "For the account {name}. The link is good once.": "Cho tài khoản {name}. Liên kết chỉ dùng được một lần.",
    "New password": "Mật khẩu mới",
    "At least {least} letters; four words that do not belong together are easy to keep in mind.": (
        "Ít nhất {least} ký tự; bốn từ không liên quan đến nhau thì dễ nhớ."
    ),
    "The same again": "Nhập lại",
    "Set the password": "Đặt mật khẩu này",
    "The two passwords are not the same.": "Hai mật khẩu không giống nhau.",
    "Code from your phone": "Mã xác thực trên điện thoại",
    "This account needs a second factor. Scan this with an app for one-time codes on your phone, then write the six "
    "digits that it shows.": (
        "Tài khoản này cần xác thực bước hai. Hãy quét mã bằng ứng dụng tạo mã một lần trên điện thoại, "
        "rồi ghi sáu chữ số hiện ra."
    ),
    "QR code for the app; the letters below say the same": "Mã QR cho ứng dụng; dãy chữ bên dưới có cùng nội dung",
    "Or type into the app:": "Hoặc nhập vào ứng dụng:",
    "Write the six digits that the app on your phone shows.": "Hãy ghi sáu chữ số mà ứng dụng trên điện thoại hiện ra.",
    "Code": "Mã",
    "Go on": "Tiếp tục",
    "Too many codes were wrong, one after the other. An administrator must reset this account.": (
        "Sai mã quá nhiều lần liên tiếp. Quản trị viên phải đặt lại tài khoản này."
    ),
    "This code is wrong or was used before. Wait for the next one; is the phone's clock right?": (
        "Mã này sai hoặc đã dùng. Hãy đợi mã kế tiếp và xem đồng hồ điện thoại có đúng không."
    ),
    # the first page
    "Gates": "Máy quét",
    "Silent gates": "Máy quét im lặng",
    "Never heard": "Chưa từng liên lạc",
    "Check-ins today": "Lượt hôm nay",
    "The hub": "Hub",
    "Clock": "Đồng hồ",
    "The hub's clock is in doubt. On the hub: gate-scanner hub clock DIR": (
        "Đồng hồ của hub đáng ngờ. Trên hub: gate-scanner hub clock DIR"
    ),
    "Who came can be read for": "Đọc được ai đã đến trong",
    "{count} day": "{count} ngày",
    "Oldest key": "Khoá cũ nhất",
    "none: a backup must be restored": "không có: phải khôi phục bản sao lưu",
    "No gate yet. On the hub, for each: gate-scanner hub code DIR NAME": (
        "Chưa có máy quét. Trên hub, cho mỗi máy: gate-scanner hub code DIR NAME"
    ),
    # accounts
    "Role": "Vai trò",
    "State": "Tình trạng",
    "Actions": "Thao tác",
    "Change {name}": "Thay đổi {name}",
    "Forgets password and codes, ends all sessions, and makes a new one-time link.": (
        "Xoá mật khẩu và mã xác thực, kết thúc mọi phiên, và tạo liên kết dùng một lần mới."
    ),
    "Reset {name}": "Đặt lại {name}",
    "Ends all sessions; nobody logs in until it is reset.": (
        "Kết thúc mọi phiên; không ai đăng nhập được cho đến khi đặt lại."
    ),
    "Disable {name}": "Khoá {name}",
    "your own": "của chính bạn",
    "Add an account": "Thêm tài khoản",
    "Add and make a one-time link": "Thêm và tạo liên kết dùng một lần",
    "Choose what the account is for.": "Hãy chọn vai trò của tài khoản.",
    "The name {why}.": "Tên {why}.",
    "One-time link": "Liên kết dùng một lần",
    "With this link {name} sets the password, once, within 24 hours. It is shown only now: send it to nobody else.": (
        "Bằng liên kết này {name} đặt mật khẩu, một lần, trong vòng 24 giờ. Nó chỉ hiện lúc này: đừng gửi cho ai khác."
    ),
    "To all accounts": "Về danh sách tài khoản",
    # one's own account
    "Change the password": "Đổi mật khẩu",
    "Present password": "Mật khẩu hiện tại",
    "The present password is wrong.": "Mật khẩu hiện tại không đúng.",
    "The password is changed. All other sessions have ended.": "Đã đổi mật khẩu. Mọi phiên khác đã kết thúc.",
    "Other sessions": "Các phiên khác",
    "This account is logged in at {count} other place.": "Tài khoản này đang đăng nhập ở {count} nơi khác.",
    "End all other sessions": "Kết thúc mọi phiên khác",
    "All other sessions have ended.": "Mọi phiên khác đã kết thúc.",
    "Language": "Ngôn ngữ",
    # the record
    "When": "Lúc",
    "Who": "Ai",
    "What": "Việc",
    "From": "Từ",
    "Newest": "Mới nhất",
    "Older": "Cũ hơn",
    # what the hub is
    "Version": "Phiên bản",
    "What gates call the hub": "Máy quét gọi hub là",
    "Database": "Cơ sở dữ liệu",
    "{kind}, tables of version {version}": "{kind}, bảng phiên bản {version}",
    "These pages load nothing from outside the hub, and keep two cookies: who is logged in, and the language.": (
        "Các trang này không tải gì từ bên ngoài hub, và giữ hai cookie: ai đang đăng nhập, và ngôn ngữ."
    ),
}
