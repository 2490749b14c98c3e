"""What the list of gates says."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "no gate yet; for each: {command}": "chưa có máy quét nào; cho mỗi máy: {command}",
    "name": "tên",
    "state": "tình trạng",
    "last heard": "liên lạc",
    "today": "hôm nay",
    "unsent": "chưa gửi",
    "version": "bản",
    "trouble": "trục trặc",
    "silent": "im lặng",
    "REVOKED": "THU HỒI",
    "never": "chưa gọi",
    "{count} h": "{count} giờ",
    "ALARM the clock says {time}: see {command}": "BÁO ĐỘNG đồng hồ chỉ {time}: xem {command}",
    "ALARM {kind}, version {version}, since {time}: unless it was started again and again, revoke it at once": (
        "BÁO ĐỘNG {kind}, phiên bản {version}, từ {time}: nếu máy không bị bật lại nhiều lần, hãy hub revoke ngay"
    ),
    "ALARM {kind} at row {seq} of {epoch}, since {time}": "BÁO ĐỘNG {kind} ở dòng {seq} của {epoch}, từ {time}",
    # what troubles a gate
    "its code fails": "mã đăng ký hỏng",
    "lamps fail": "hỏng đèn",
    "camera lost": "mất camera",
    "camera slow": "camera chậm",
    "a decoder crashes": "bộ giải mã hỏng",
    "ledger unreadable": "không đọc được sổ",
    "check-ins refused": "có lượt bị từ chối",
    "hub refuses it": "bị hub từ chối",
    "nothing delivered for a day": "một ngày chưa gửi được",
    "no key for today": "thiếu khoá hôm nay",
    "clock wrong": "sai đồng hồ",
    "gets no rules": "không nhận được quy tắc",
    "power too weak": "nguồn yếu",
    "too hot": "quá nóng",
    "card nearly full": "thẻ gần đầy",
    "watchdog off": "tắt giám sát",
    "{kind} refused": "{kind} bị từ chối",
    "{kind} out of date": "{kind} đã cũ",
}
