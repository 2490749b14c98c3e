"""What a site file needs to be worked by: a place of its own, and the files, folders and drivers that it names."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # the file itself
    "this is still the example's; write the registered name of your place": (
        "đây vẫn là tên trong tệp mẫu; viết tên đã đăng ký của nơi bạn"
    ),
    "this is still the example's; write that of your hub, or leave the hub section out": (
        "đây vẫn là địa chỉ trong tệp mẫu; viết địa chỉ hub của bạn, hoặc bỏ nhóm khoá hub"
    ),
    "this is still the example's; write that of your server": (
        "đây vẫn là địa chỉ trong tệp mẫu; viết địa chỉ máy chủ của bạn"
    ),
    "this is still the example's; write the code that `hub code` printed": (
        "đây vẫn là mã trong tệp mẫu; viết mã mà `hub code` đã in ra"
    ),
    "write it in full, from / on, like {state} (got '{got}')": (
        "viết đầy đủ, bắt đầu bằng /, như {state} (đang ghi '{got}')"
    ),
    "a restart empties it, and check-ins are lost; write {state}, or store.volatile_ok: true": (
        "khởi động lại là thư mục này trống và mất các lượt; viết {state}, hoặc store.volatile_ok: true"
    ),
    "no files can be kept there; write a folder on the card, like {state}": (
        "không giữ được tệp ở đó; viết một thư mục trên thẻ nhớ, như {state}"
    ),
    "the gate may not write there; write {state}": "máy quét không được ghi vào đó; viết {state}",
    "Windows writes so; write the path of a file or folder on the gate, with /": (
        "đây là cách viết của Windows; viết đường dẫn tệp hoặc thư mục trên máy quét, dùng dấu /"
    ),
    # drivers
    "picamera2 is not installed; run setup.sh install, or write replay": (
        "chưa cài picamera2; chạy setup.sh install, hoặc viết replay"
    ),
    "lgpio is not installed; run setup.sh install, or write mock for none": (
        "chưa cài lgpio; chạy setup.sh install, hoặc viết mock nếu không có chân GPIO"
    ),
    # files
    "there is no file {path}; put it there, or correct the path": (
        "không có tệp {path}; đặt tệp vào đó, hoặc sửa đường dẫn"
    ),
    "there is no file {path}; make it with: gate-scanner webhook init": (
        "không có tệp {path}; tạo bằng lệnh: gate-scanner webhook init"
    ),
    "{path} is a folder; name the file itself": "{path} là thư mục; ghi tên chính tệp đó",
    "{path} is no file; name the file itself": "{path} không phải tệp; ghi tên chính tệp đó",
    "not allowed to look for {path}; check owner and mode of its folders": (
        "không có quyền tìm {path}; xem lại chủ và quyền của các thư mục chứa nó"
    ),
    "not allowed to read {path}; check its owner and mode": "không có quyền đọc {path}; xem lại chủ và quyền của nó",
    "{path} is not a folder; name one": "{path} không phải thư mục; ghi tên một thư mục",
    # users of an installed gate
    "{user} does not see what lies in {folder}; put it elsewhere, like in /srv": (
        "{user} không thấy những gì nằm trong {folder}; đặt ở nơi khác, như /srv"
    ),
    "{user} may not look into {folder}; run: chmod o+x {folder}": (
        "{user} không được vào {folder}; chạy: chmod o+x {folder}"
    ),
    "{user} may not read {path}; run: {command}": "{user} không được đọc {path}; chạy: {command}",
    "{user} may not write there; run: chown {user}: {path}": "{user} không được ghi vào đó; chạy: chown {user}: {path}",
    "the gate may write to {state} only; write that, or run: {command}": (
        "máy quét chỉ được ghi vào {state}; viết thư mục đó, hoặc chạy: {command}"
    ),
    "there is no {folder}; run: {command}": "không có {folder}; chạy: {command}",
    # pictures
    "no such file or folder": "không có tệp hoặc thư mục như thế",
    "the folder holds no pictures; name one with PNG or JPEG files": (
        "thư mục không có ảnh nào; ghi tên thư mục có tệp PNG hoặc JPEG"
    ),
    "it may not be read; where setup.sh installed the gate, the user gate-eye must (not below /home; chmod a+rX)": (
        "không có quyền đọc; nếu máy quét do setup.sh cài, người dùng gate-eye phải đọc được "
        "(không đặt dưới /home; chmod a+rX)"
    ),
}
