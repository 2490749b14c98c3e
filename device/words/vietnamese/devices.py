"""What the drivers of camera and pins say, and what to do about it."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "({words}); {do}": "({words}); {do}",
    # camera
    "{key}: the camera cannot be opened {why}": "{key}: không mở được camera {why}",
    "camera.source: picamera2 cannot be loaded {why}": "camera.source: không nạp được picamera2 {why}",
    "the camera failed {why}": "camera bị lỗi {why}",
    "it is held by {holder}: end that": "{holder} đang giữ camera: hãy dừng nó",
    "set CMA in /boot/firmware/config.txt: vc4-kms-v3d,cma-256 (512 MB: cma-128)": (
        "đặt CMA trong /boot/firmware/config.txt: vc4-kms-v3d,cma-256 (máy 512 MB: cma-128)"
    ),
    "the sensor's file is missing or broken: sudo apt reinstall libcamera-ipa": (
        "tệp của cảm biến bị thiếu hoặc hỏng: sudo apt reinstall libcamera-ipa"
    ),
    "the gate's user must be in the group video: sudo ./setup.sh install": (
        "người dùng của máy quét phải thuộc nhóm video: sudo ./setup.sh install"
    ),
    "kernel and libcamera do not fit each other: sudo apt full-upgrade, restart": (
        "nhân hệ điều hành và libcamera không khớp: sudo apt full-upgrade, rồi khởi động lại"
    ),
    "its libraries do not fit: sudo apt full-upgrade, sudo ./setup.sh install": (
        "các thư viện không khớp nhau: sudo apt full-upgrade, sudo ./setup.sh install"
    ),
    "no second stream, as of USB cameras: use one on the ribbon connector": (
        "camera không có luồng hình thứ hai, như camera USB: dùng camera nối bằng cáp dẹt"
    ),
    "it refuses this size: write one that rpicam-hello --list-cameras names": (
        "camera không nhận cỡ hình này: viết cỡ có trong rpicam-hello --list-cameras"
    ),
    "the sensor does not answer: switch off, check the ribbon cable, switch on": (
        "cảm biến không trả lời: tắt máy, kiểm tra cáp dẹt, bật lại"
    ),
    "switch off, check the ribbon and raspi-config (legacy camera off), switch on": (
        "tắt máy, kiểm tra cáp dẹt và raspi-config (tắt legacy camera), bật lại"
    ),
    "the machine has run out of it: restart it if that stays so": "máy đã hết: nếu vẫn vậy thì khởi động lại",
    "camera.replay.path: it cannot be read any more ({why})": "camera.replay.path: không đọc tiếp được ({why})",
    # pins
    "pins.driver: lgpio cannot be loaded {why}": "pins.driver: không nạp được lgpio {why}",
    "pins.driver: there is no GPIO chip to open {why}": "pins.driver: không có chip GPIO để mở {why}",
    "pins.driver: there is no GPIO chip to open: no /dev/gpiochip; write mock without pins": (
        "pins.driver: không có chip GPIO để mở: không thấy /dev/gpiochip; viết mock nếu máy không có chân GPIO"
    ),
    "pins: the GPIO driver failed {why}": "pins: trình điều khiển GPIO bị lỗi {why}",
    "{key}: GPIO{number} cannot be used {why}": "{key}: không dùng được GPIO{number} {why}",
    "it is held by {holder}": "{holder} đang giữ chân này",
    "nobody was found who holds it: restart the machine if that stays so": (
        "không thấy ai đang giữ: nếu vẫn vậy thì khởi động lại máy"
    ),
    "lgpio cannot make its fifo: LG_WD must name a folder that the gate's user may write": (
        "lgpio không tạo được fifo: LG_WD phải là thư mục mà người dùng của máy quét ghi được"
    ),
    "another key of the site file names it too: give each its own": (
        "khoá khác trong tệp cấu hình cũng ghi chân này: mỗi khoá một chân riêng"
    ),
    "the line was taken away or never had: is it that of an interface (dtparam=spi or i2c in config.txt)?": (
        "chân bị lấy mất hoặc chưa giữ được: có phải chân của giao tiếp (dtparam=spi hay i2c trong config.txt) không?"
    ),
    "check pins.chip, and that the gate's user is in the group gpio: sudo ./setup.sh install": (
        "xem lại pins.chip, và người dùng của máy quét phải thuộc nhóm gpio: sudo ./setup.sh install"
    ),
    "this machine has no such pin: name another, or check pins.chip": (
        "máy này không có chân đó: ghi chân khác, hoặc xem lại pins.chip"
    ),
    "gpiozero does not know this machine as a Pi: sudo apt full-upgrade, or pins.driver: mock": (
        "gpiozero không nhận ra đây là máy Pi: sudo apt full-upgrade, hoặc pins.driver: mock"
    ),
    "the driver cannot be used: write lgpio or mock as pins.driver": (
        "không dùng được trình điều khiển: viết lgpio hoặc mock ở pins.driver"
    ),
}
