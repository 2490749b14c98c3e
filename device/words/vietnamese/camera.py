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
    "the eye says that its pictures are over, and a camera has no end": (
        "tiến trình camera báo hết ảnh, mà camera thì không có điểm hết"
    ),
    "{reason} while {engine} was running": "{reason} khi bộ giải mã {engine} đang chạy",
    "{reason}; {left}": "{reason}; {left}",
    "an eye that was killed has not ended": "{count} tiến trình camera bị buộc dừng mà chưa dừng",
    "the eye sent {what}": "tiến trình camera gửi {what}",
    "the eye cannot be read ({name})": "không đọc được tiến trình camera ({name})",
    "the eye ended": "tiến trình camera đã dừng",
    "the eye ended before it said anything": "tiến trình camera dừng trước khi báo gì",
    "the eye ended before it said anything; see: {log}": "tiến trình camera dừng trước khi báo gì; xem: {log}",
    "the eye was silent for {count} s": "tiến trình camera im lặng {count} giây",
    "the camera sees nothing but one even grey; uncover or clean the lens, or light the room": (
        "camera chỉ thấy một màu xám đều; bỏ vật che, lau ống kính, hoặc bật đèn trong phòng"
    ),
    "the camera has given one and the same picture for 3 s; it is opened again": (
        "camera cho mãi một hình suốt 3 giây; đang mở lại"
    ),
    "the eye cannot be walled off: {why}; to run it all the same: camera.unwalled_ok: true": (
        "không dựng được vách ngăn cho tiến trình camera: {why}; vẫn muốn chạy thì ghi: camera.unwalled_ok: true"
    ),
    "the eye failed ({reason} at {place}): that is a defect of the gate's software": (
        "tiến trình camera hỏng ({reason} ở {place}): đây là lỗi của phần mềm máy quét"
    ),
    # the Pi's camera
    "camera.source: write picamera2 or replay": "camera.source: viết picamera2 hoặc replay",
    "camera.source: the camera may not be opened; the gate's user is not in the group video": (
        "camera.source: không được phép mở camera; người dùng của máy quét không có trong nhóm video"
    ),
    "camera.source: no camera was found; switch off, check the ribbon cable, switch on (or choose replay)": (
        "camera.source: không tìm thấy camera; tắt máy, kiểm tra cáp dẹt, bật lại (hoặc chọn replay)"
    ),
    "camera.picamera2.index: there is no camera {index}; found: {found}, counted from 0": (
        "camera.picamera2.index: không có camera {index}; tìm thấy: {found}, đếm từ 0"
    ),
    "camera.size: the camera offers no luma plane of this size": (
        "camera.size: camera không cho hình độ sáng ở kích thước này"
    ),
    "the camera gave no frame within a second; check the ribbon cable": (
        "camera không cho hình nào trong một giây; kiểm tra cáp dẹt"
    ),
    "the camera gives frames without a time": "camera cho hình không kèm thời gian",
    "the camera repeats one frame; check the ribbon cable": "camera lặp mãi một hình; kiểm tra cáp dẹt",
    # decoders
    "{path}: the self-test picture cannot be read; install again": "{path}: không đọc được ảnh tự kiểm tra; cài lại",
    "{path}: the self-test picture is damaged; install again": "{path}: ảnh tự kiểm tra bị hỏng; cài lại",
    "{path}: the self-test text is missing; install again": "{path}: thiếu tệp chữ tự kiểm tra; cài lại",
    "{name} is not installed ({why})": "chưa cài {name} ({why})",
    "{name} does not read the self-test picture": "{name} không đọc được ảnh tự kiểm tra",
    "{name} changes the text of the self-test picture": "{name} đọc sai chữ của ảnh tự kiểm tra",
    "no engine can read QR codes here: {why}": "ở đây không bộ giải mã nào đọc được mã QR: {why}",
}
