"""What stands between a gate and its hub: the line, certificates, enrolment, bundles."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # enrolment
    "the enrolment that this gate had before stays as it is": "đăng ký cũ của máy quét này vẫn giữ nguyên",
    "enrol this gate (gate-scanner enrol CODE)": "hãy đăng ký máy quét này (gate-scanner enrol MÃ)",
    "enrol this gate (gate-scanner webhook init)": "hãy chuẩn bị máy quét này (gate-scanner webhook init)",
    "this gate has no hub (hub.url): write one, or let it work alone (gate-scanner lone init --key FILE)": (
        "máy quét này chưa có hub (hub.url): ghi địa chỉ hub, hoặc cho máy chạy một mình "
        "(gate-scanner lone init --key TỆP)"
    ),
    "the hub has withdrawn it: enrol this gate (gate-scanner enrol)": (
        "hub đã thu hồi: hãy đăng ký lại máy quét này (gate-scanner enrol)"
    ),
    "no hub took this code within 20 minutes, and no code lives longer than 15: make a new one there (gate-scanner hub "
    "code); a restart tries this one again": (
        "suốt 20 phút không hub nào nhận mã này, mà mã chỉ sống 15 phút: tạo mã mới ở hub (gate-scanner hub code); "
        "khởi "
        "động lại thì máy thử lại mã này"
    ),
    "the hub speaks another version of the contract than this gate ({contract}): upgrade one of the two": (
        "hub dùng phiên bản giao thức khác máy quét ({contract}): nâng cấp một trong hai"
    ),
    "the hub is not called so: write hub.url as `hub code` prints it": (
        "hub không có tên này: viết hub.url đúng như `hub code` in ra"
    ),
    "the hub does not take this code: it is used up, expired, mistyped, or another hub's. "
    "Compare it with the hub's screen, or make a new one there (gate-scanner hub code)": (
        "hub không nhận mã này: đã dùng, hết hạn, gõ sai, hoặc của hub khác. So lại với màn hình của hub, hoặc tạo "
        "mã mới "
        "ở đó (gate-scanner hub code)"
    ),
    "this gate is enrolled already, and the code is not for it: "
    "make one that is (gate-scanner hub code DIR NAME --again)": (
        "máy quét này đã đăng ký, mã này không dành cho nó: tạo mã cho nó (gate-scanner hub code THƯ_MỤC TÊN --again)"
    ),
    "{what}; or something between the gate and the hub answers (a captive portal?)": (
        "{what}; hoặc có thiết bị nằm giữa máy quét và hub trả lời thay (cổng đăng nhập wifi?)"
    ),
    "answered {status}: something between the gate and the hub answers (a captive portal?), or check hub.url": (
        "nhận được {status}: có thiết bị nằm giữa máy quét và hub trả lời thay (cổng đăng nhập wifi?), hoặc xem lại "
        "hub.url"
    ),
    "the hub calls this gate {device_id}, but its ledger belongs to {said}": (
        "hub gọi máy quét này là {device_id}, nhưng sổ ghi của nó thuộc về {said}"
    ),
    "the answer is no greeting of a hub: check hub.url": "câu trả lời không phải của hub: xem lại hub.url",
    "what answered does not know this code: check hub.url, and who is in between": (
        "bên trả lời không biết mã này: xem lại hub.url, và xem ai đứng giữa"
    ),
    "the answer does not enrol anybody: check hub.url": "câu trả lời không đăng ký cho máy nào: xem lại hub.url",
    "the enrolment holds no certificate authority: enrol the gate again": (
        "giấy đăng ký không có chứng thư gốc: đăng ký lại máy quét"
    ),
    # the line
    "TLS failed ({reason}): check {section}.url; somebody in between may answer": (
        "TLS hỏng ({reason}): xem lại {section}.url; có thể có bên đứng giữa trả lời thay"
    ),
    "what answers at that port does not speak TLS ({reason}): check {section}.url with its port": (
        "bên trả lời ở cổng đó không dùng TLS ({reason}): xem lại {section}.url và số cổng"
    ),
    "what answers has no version of TLS in common with this gate, 1.2 or newer ({reason})": (
        "bên trả lời không có phiên bản TLS 1.2 trở lên ({reason})"
    ),
    "the certificate of what answered is for another name or address: check {section}.url": (
        "chứng thư của bên trả lời dành cho tên hoặc địa chỉ khác: xem lại {section}.url"
    ),
    "the certificate of what answered has expired by this machine's clock: check the clock, then the server": (
        "chứng thư của bên trả lời đã hết hạn theo đồng hồ máy này: xem lại đồng hồ, rồi đến máy chủ"
    ),
    "the certificate of what answered is not valid yet by this machine's clock: check the clock, then the server": (
        "chứng thư của bên trả lời chưa có hiệu lực theo đồng hồ máy này: xem lại đồng hồ, rồi đến máy chủ"
    ),
    "the certificate of what answered is not trusted: check {section}.url and {section}.ca_file, or "
    "somebody in between answers (a captive portal?)": (
        "chứng thư của bên trả lời không tin được: xem lại {section}.url và {section}.ca_file, hoặc có bên đứng giữa "
        "trả "
        "lời thay (cổng đăng nhập wifi?)"
    ),
    "the server's name is not known here (no network, or check {section}.url)": (
        "không tìm ra tên máy chủ (mất mạng, hoặc xem lại {section}.url)"
    ),
    "nothing listens there ({name}): check {section}.url with its port, and whether the server runs": (
        "ở đó không có gì nhận kết nối ({name}): xem lại {section}.url và số cổng, và máy chủ có chạy không"
    ),
    "there is no way to the server from here: check the network": "từ đây không tới được máy chủ: xem lại mạng",
    "the line was cut before an answer came ({name})": "kết nối đứt trước khi có trả lời ({name})",
    "the answer was cut short or garbled ({name})": "câu trả lời bị cụt hoặc hỏng ({name})",
    "what answers does not speak HTTP ({name}): check {section}.url with its port": (
        "bên trả lời không dùng HTTP ({name}): xem lại {section}.url và số cổng"
    ),
    "no answer in time ({name})": "không có trả lời kịp thời gian ({name})",
    "no answer ({name})": "không có trả lời ({name})",
    "no answer within {count} s": "không có trả lời trong {count} giây",
    "the line was cut while it was being secured, before any certificate was judged (TLS handshake; "
    "{name}): check the network, and {section}.url with its port": (
        "kết nối đứt khi đang bắt tay TLS, chưa xét chứng thư nào ({name}): xem lại mạng, {section}.url và số cổng"
    ),
    "the uplink was closed": "kết nối đã đóng",
    "earlier requests still hang, most likely in looking up the hub's name": (
        "các yêu cầu trước còn treo, rất có thể do tra tên của hub"
    ),
    "the answer is no receipt: {error}": "câu trả lời không phải biên nhận: {error}",
    "the answer is no status: {error}": "câu trả lời không phải trạng thái: {error}",
    "the answer to a state report is none: {error}": "trả lời cho báo cáo không đúng dạng: {error}",
    "the answer is no catalogue: {error}": "câu trả lời không phải mục lục: {error}",
    "the answer is no download (a captive portal, or hub.url is not the hub)": (
        "câu trả lời không phải tệp tải về (cổng đăng nhập wifi, hoặc hub.url không phải hub)"
    ),
    "the answer is not JSON (a captive portal, or hub.url is not the hub)": (
        "câu trả lời không phải JSON (cổng đăng nhập wifi, hoặc hub.url không phải hub)"
    ),
    "answered {status}, which is no answer (check {section}.url, or a captive portal)": (
        "nhận được {status}, không phải câu trả lời (xem lại {section}.url, hoặc cổng đăng nhập wifi)"
    ),
    "answered with a web page (a captive portal, or check {section}.url)": (
        "nhận được một trang web (cổng đăng nhập wifi, hoặc xem lại {section}.url)"
    ),
    "the answer is compressed, which was not asked for": "câu trả lời bị nén, máy không yêu cầu như vậy",
    "the answer is larger than {most} bytes": "câu trả lời lớn hơn {most} byte",
    # addresses and files of a site file
    "{key}: there is no file {path}": "{key}: không có tệp {path}",
    "{key}: {path} holds no certificates in PEM": "{key}: {path} không chứa chứng thư dạng PEM",
    "{key}: write it like https://hub.example.vn:8400": "{key}: viết như https://hub.example.vn:8400",
    "{key}: not an address; write it like https://hub.example.vn:8400": (
        "{key}: không phải địa chỉ; viết như https://hub.example.vn:8400"
    ),
    "{key}: only scheme, host, port and path; no user, no ? and no #": (
        "{key}: chỉ có giao thức, tên máy, cổng và đường dẫn; không có tên đăng nhập, ? hay #"
    ),
    "{key}: http:// is for a server on this machine only; write https://": (
        "{key}: http:// chỉ dùng cho máy chủ trên chính máy này; viết https://"
    ),
    "sync.webhook.private_key_file: is not the key this gate seals to; run: gate-scanner webhook init": (
        "sync.webhook.private_key_file: không phải khoá mà máy quét này niêm phong; chạy: gate-scanner webhook init"
    ),
    "{section}.private_key_file: must not lie in {state}: whoever copies that folder could read who came": (
        "{section}.private_key_file: không được nằm trong {state}: ai chép thư mục đó sẽ đọc được ai đã đến"
    ),
    "{section}.secret_file: {secret} must hold 16 to 256 characters of ASCII without blanks": (
        "{section}.secret_file: {secret} phải có 16 đến 256 ký tự ASCII, không có dấu cách"
    ),
    "{section}.{key}: others may read {path}; run: chmod o= {path}": (
        "{section}.{key}: người khác đọc được {path}; chạy: chmod o= {path}"
    ),
    "{section}.private_key_file: {private_key} holds no key; restore it, or remove it and run: {init}": (
        "{section}.private_key_file: {private_key} không chứa khoá; khôi phục tệp, hoặc xoá rồi chạy: {init}"
    ),
    "{section}.{key}: there is no file {path}; make it with: {init}": (
        "{section}.{key}: không có tệp {path}; tạo bằng: {init}"
    ),
    "{section}.{key}: {path} cannot be read ({why})": "{section}.{key}: không đọc được {path} ({why})",
    "{path}: cannot be written ({why}); give the gate a folder for it: sudo install -d -o gate-scanner -g gate-scanner "
    "-m 700 {parent}": (
        "{path}: không ghi được ({why}); tạo thư mục cho máy quét: sudo install -d -o gate-scanner -g gate-scanner "
        "-m 700 "
        "{parent}"
    ),
    # bundles
    "it is a bundle of kind {kind}": "đây là gói loại {kind}",
    "it is for another gate": "dành cho máy quét khác",
    "version {version} is older than {floor}, which this gate has had": (
        "bản {version} cũ hơn bản {floor} mà máy quét này đã có"
    ),
    "it is version {version}, not {said} as was said": "đây là bản {version}, không phải {said} như đã báo",
    "a defect ({name})": "lỗi chương trình ({name})",
    "it cannot be kept: {why}": "không lưu được: {why}",
    "not a bundle": "không phải gói dữ liệu",
    "not signed by the root of this gate's hub": "không có chữ ký của hub mà máy quét này theo",
    "signed, and broken: {error}": "có chữ ký nhưng hỏng: {error}",
    "longer than its head says": "dài hơn phần đầu ghi",
    "cut short": "bị cụt",
    "its content is not the one that was signed": "nội dung không phải nội dung đã ký",
}
