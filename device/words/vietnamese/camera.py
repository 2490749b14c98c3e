"""Why a camera gives no picture, or no decoder works."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    # pictures instead of a camera
    "camera.replay.path: {why}": "camera.replay.path: {why}",
    "camera.replay.path: {name}: {why}": "camera.replay.path: {name}: {why}",
    "not one of the pictures can be read": "không đọc được ảnh nào",
    "camera.replay.path: {name} cannot be read as a picture": "camera.replay.path: {name} không đọc được như ảnh",
    "camera.replay.path: {name} is larger than 40 megapixels": "camera.replay.path: {name} lớn hơn 40 megapixel",
    "camera.replay.path: the video holds no whole frame": "camera.replay.path: video không có hình nào trọn vẹn",
    "camera.replay.path: the video cannot be opened ({why})": "camera.replay.path: không mở được video ({why})",
    "camera.replay.path: not a YUV4MPEG2 video of at most 4096×4096": (
        "camera.replay.path: không phải video YUV4MPEG2 tối đa 4096×4096"
    ),
    "camera.replay.path: the video's colours must be Cmono or C420": (
        "camera.replay.path: màu của video phải là Cmono hoặc C420"
    ),
    # the eye
    "the eye cannot be started ({why})": "không chạy được tiến trình camera ({why})",
    "nothing listens on {path}: systemctl restart gate-scanner-eye.socket": (
        "không có gì nhận kết nối ở {path}: chạy systemctl restart gate-scanner-eye.socket"
    ),
    "systemd starts no eye: too many wait on {path}; see: {log}": (
        "systemd không chạy tiến trình camera: quá nhiều kết nối chờ ở {path}; xem: {log}"
    ),
    "{path} cannot be used ({why}): it must belong to the user of the gate": (
        "không dùng được {path} ({why}): nó phải thuộc về người dùng của máy quét"
    ),
    "Landlock refuses ({why})": "Landlock từ chối ({why})",
    "{library} is not installed (apt install libseccomp2)": "chưa cài {library} (apt install libseccomp2)",
    "libseccomp does not know this processor": "libseccomp không biết bộ xử lý này",
    "the kernel or libseccomp refuses ({function}: {why})": (
        "nhân hệ điều hành hoặc libseccomp từ chối ({function}: {why})"
    ),
    "it has more than one thread already": "nó đã có nhiều hơn một luồng",
    "the kernel does not take no_new_privs": "nhân hệ điều hành không nhận no_new_privs",
    "its capabilities cannot be dropped ({why})": "không bỏ được các quyền của nó ({why})",
    # decoders
    "{path}: the self-test picture cannot be read; install again": "{path}: không đọc được ảnh tự kiểm tra; cài lại",
    "{path}: the self-test picture is damaged; install again": "{path}: ảnh tự kiểm tra bị hỏng; cài lại",
    "{path}: the self-test text is missing; install again": "{path}: thiếu tệp chữ tự kiểm tra; cài lại",
    "{name} is not installed ({why})": "chưa cài {name} ({why})",
    "{name} does not read the self-test picture": "{name} không đọc được ảnh tự kiểm tra",
    "{name} changes the text of the self-test picture": "{name} đọc sai chữ của ảnh tự kiểm tra",
    "no engine can read QR codes here: {why}": "ở đây không bộ giải mã nào đọc được mã QR: {why}",
}
