"""Accounts of the desk: roles, what was done, how one stands, and what a name and a password must be."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "make room for accounts of the desk": "thêm chỗ cho tài khoản của bàn quản lý",
    "owner of a place": "chủ địa điểm",
    "technician": "kỹ thuật viên",
    "safety officer": "người phụ trách an toàn",
    "authority": "cơ quan có thẩm quyền",
    "administrator": "quản trị viên",
    "The password has fewer than {least} letters.": "Mật khẩu có ít hơn {least} ký tự.",
    "The password has more than {most} letters.": "Mật khẩu có nhiều hơn {most} ký tự.",
    "The password is too easy to guess: not the name, and more than a few different letters.": (
        "Mật khẩu quá dễ đoán: đừng dùng tên, và hãy dùng nhiều ký tự khác nhau."
    ),
    "is blank; write what the person is called": "để trống; hãy ghi tên người dùng",
    "there is an account of this name; choose another": "đã có tài khoản tên này; hãy chọn tên khác",
    "logged in": "đã đăng nhập",
    "wrong name or password": "sai tên hoặc mật khẩu",
    "logged out": "đã đăng xuất",
    "wrong code": "sai mã xác thực",
    "set up the codes of a phone": "đã thiết lập mã xác thực trên điện thoại",
    "set the password by a one-time link": "đã đặt mật khẩu bằng liên kết dùng một lần",
    "changed the password": "đã đổi mật khẩu",
    "ended all other sessions": "đã kết thúc mọi phiên khác",
    "added an account": "đã thêm tài khoản",
    "reset an account": "đã đặt lại tài khoản",
    "disabled an account": "đã khoá tài khoản",
    "can log in": "đăng nhập được",
    "waits for its one-time link to be used": "chờ dùng liên kết một lần",
    "its one-time link has expired": "liên kết dùng một lần đã hết hạn",
    "disabled": "đã khoá",
}
