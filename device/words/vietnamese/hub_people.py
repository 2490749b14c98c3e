"""The address that people's phones trust, and the page behind a poster's code."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # the first administrator
    "pages for people: {urls}": "trang quản lý: {urls}",
    "a browser warns until it trusts the hub's own authority: {file}": (
        "trình duyệt còn cảnh báo cho đến khi tin nơi cấp chứng chỉ của hub: {file}"
    ),
    "nobody has used a link yet; a new one: {command}": "chưa ai dùng liên kết nào; để lấy liên kết mới: {command}",
    # the settings
    "write an IP address, like 127.0.0.1": "hãy ghi địa chỉ IP, như 127.0.0.1",
    "nothing listens for it: write people.listen too": "chưa có nơi nghe: hãy ghi thêm people.listen",
    "nobody knows what phones call it: write people.url too": (
        "không ai biết điện thoại gọi hub bằng địa chỉ nào: hãy ghi thêm people.url"
    ),
    "a proxy has the certificate: remove this line, or behind_proxy": (
        "chứng chỉ nằm ở proxy: hãy bỏ dòng này hoặc bỏ behind_proxy"
    ),
    "phones need a certificate: write people.certificate and people.key, or people.behind_proxy": (
        "điện thoại cần có chứng chỉ: hãy ghi people.certificate và people.key, hoặc people.behind_proxy"
    ),
    "write people.{other} too": "hãy ghi thêm people.{other}",
    "what it says is not encrypted, and the proxy is on this machine: listen on 127.0.0.1": (
        "nội dung ở đây không mã hoá, mà proxy nằm trên chính máy này: hãy nghe ở 127.0.0.1"
    ),
    # the certificate
    "{path}: no certificate (PEM)": "{path}: không phải chứng chỉ (PEM)",
    "{path}: no private key (PEM)": "{path}: không phải khoá riêng (PEM)",
    "{path}: is not the key of {certificate}": "{path}: không phải khoá của {certificate}",
    "{path}: cannot be served with ({why})": "{path}: không dùng để phục vụ được ({why})",
    "{path}: has a password, which nobody is there to type": "{path}: có mật khẩu mà không có ai gõ",
    "is for {names}, not for {host}": "cấp cho {names}, không phải cho {host}",
    "ended on {day}; get another one": "đã hết hạn ngày {day}; hãy lấy chứng chỉ khác",
    "begins on {day} only, by this machine's clock": "theo đồng hồ máy này thì đến ngày {day} mới có hiệu lực",
    "ends in {count} day; renew it": "còn {count} ngày là hết hạn; hãy gia hạn",
    "port {port} is root's, and the hub is not root: see config/hub.md": (
        "cổng {port} dành cho root, mà hub không chạy bằng root: xem config/hub.md"
    ),
    # how phones reach the hub
    "phones of people who come: {address}": "điện thoại của người đến: {address}",
    "phones of people who come: {told}": "điện thoại của người đến: {told}",
    "Phones of people who come": "Điện thoại của người đến",
    "no address that phones trust: hub.yaml has no people.url": (
        "chưa có địa chỉ mà điện thoại tin cậy: hub.yaml không có people.url"
    ),
    "posters lead to {url}, where this hub does not answer: hub.yaml has no people.listen": (
        "áp phích dẫn đến {url}, nơi hub này không trả lời: hub.yaml không có people.listen"
    ),
    "Pages for staff work on this network all the same. Self check-in, pages with a camera and whatever else needs an "
    "address that phones trust stay off.": (
        "Các trang quản lý vẫn dùng được trong mạng này. Tự khai báo, trang dùng máy ảnh và những gì cần địa chỉ mà "
        "điện thoại tin cậy thì tắt."
    ),
    "{url}, by the proxy at {address}": "{url}, qua proxy ở {address}",
    "{url}, certificate until {day}": "{url}, chứng chỉ có hiệu lực đến ngày {day}",
    "{url}: phones cannot open it: {why}": "{url}: điện thoại không mở được: {why}",
    "{url}: phones do not trust its certificate: {why}": "{url}: điện thoại không tin chứng chỉ: {why}",
    "the certificate {why}": "chứng chỉ {why}",
    # the page of a poster
    "Entrance:": "Lối vào:",
    "This place is no longer in use at this hub. What was recorded there is kept as told below, and no longer.": (
        "Nơi này không còn dùng ở hub này nữa. Những gì đã ghi ở đây chỉ được giữ như nêu dưới đây, không lâu hơn."
    ),
    "This is an old poster: since {day} another one hangs here. You are at the right place all the same; please tell "
    "somebody who works here.": (
        "Đây là tấm áp phích cũ: từ ngày {day} đã có tấm khác. Bạn vẫn đến đúng nơi; xin báo giúp người làm việc ở đây."
    ),
    "At the door": "Ở cửa",
    "A gate reads codes here. Hold the code of your card or app in front of its camera and wait for the lamp. On this "
    "page there is nothing to do: it asks nothing and records nothing.": (
        "Ở đây có máy quét mã. Hãy đưa mã trên thẻ hoặc trong ứng dụng trước máy ảnh và đợi đèn. Trang này không cần "
        "làm gì: không hỏi và không ghi gì cả."
    ),
    "No phone, or no code? Ask the person at the door. Your card stays in your hand: nobody keeps or photographs it.": (
        "Không có điện thoại hoặc không có mã? Hãy hỏi người trực cửa. Thẻ vẫn ở tay bạn: không ai giữ hay chụp thẻ."
    ),
    "What is kept of who comes": "Dữ liệu được ghi khi bạn đến",
    "Who keeps it": "Ai giữ",
    "What is recorded": "Giữ gì",
    "what your code says (name, number), the time and the place; sealed at once, no picture is stored": (
        "những gì ghi trong mã bạn đưa ra (tên, số), giờ và nơi; niêm phong ngay tại máy, không lưu hình"
    ),
    "Why": "Để làm gì",
    "to know who was here, should an epidemic have to be traced": "biết ai đã ở đây, nếu phải truy vết dịch",
    "How long": "Bao lâu",
    "{count} day, then the key is destroyed and nobody can read it any more": (
        "{count} ngày, sau đó khoá bị huỷ và không ai đọc được nữa"
    ),
    "Legal basis": "Căn cứ pháp lý",
    "not told yet; ask the place": "chưa nêu; hãy hỏi nơi này",
    "Whom to ask": "Hỏi ai",
    "the people at the door": "người trực cửa",
    "Your rights": "Quyền của bạn",
    "to ask, see, correct, delete or object to what is recorded of you": (
        "hỏi, xem, sửa, xoá hoặc phản đối việc ghi dữ liệu của mình"
    ),
    "This page tells facts; it is no legal advice.": "Trang này nêu sự việc, không phải tư vấn pháp lý.",
    # where there is no page
    "No such poster": "Không có áp phích này",
    "This hub knows no such poster. If its code brought you here, tell whoever is responsible for the place; hold your "
    "own code in front of the gate as usual.": (
        "Hub này không biết tấm áp phích đó. Nếu mã trên áp phích dẫn bạn đến đây, xin báo người phụ trách nơi đó; "
        "còn mã của bạn thì cứ đưa trước máy quét như thường."
    ),
    "Not now": "Chưa được",
    "So many people ask from your network at once. Wait {seconds} seconds.": (
        "Có quá nhiều người cùng mở từ mạng của bạn. Hãy đợi {seconds} giây."
    ),
    "The page cannot be shown now. The gate at the door works all the same: hold your code in front of it.": (
        "Hiện chưa mở được trang. Máy quét ở cửa vẫn hoạt động: hãy đưa mã trước máy."
    ),
}
