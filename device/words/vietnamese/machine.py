"""What the machine itself refuses, in the C library's words."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "No such file or directory": "không có tệp hoặc thư mục này",
    "Permission denied": "không có quyền",
    "Operation not permitted": "thao tác không được phép",
    "Is a directory": "đây là thư mục",
    "Not a directory": "đây không phải thư mục",
    "Directory not empty": "thư mục không trống",
    "File exists": "tệp đã có",
    "File name too long": "tên tệp quá dài",
    "Too many levels of symbolic links": "quá nhiều liên kết tượng trưng lồng nhau",
    "No space left on device": "hết chỗ trống trên ổ",
    "Disk quota exceeded": "vượt hạn mức dung lượng",
    "Read-only file system": "hệ thống tệp chỉ cho đọc",
    "Input/output error": "lỗi đọc ghi",
    "Device or resource busy": "thiết bị đang bận",
    "Too many open files": "mở quá nhiều tệp",
    "Cannot allocate memory": "không đủ bộ nhớ",
    "Invalid argument": "tham số không hợp lệ",
    "Connection refused": "kết nối bị từ chối",
    "Connection reset by peer": "bên kia ngắt kết nối",
    "Connection timed out": "kết nối quá thời gian chờ",
    "Network is unreachable": "không có đường mạng",
    "No route to host": "không tới được máy kia",
    "Address already in use": "địa chỉ đang được dùng",
    "Cannot assign requested address": "máy này không có địa chỉ đó",
}
