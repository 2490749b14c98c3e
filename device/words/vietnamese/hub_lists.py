"""What is wrong with a list of people, or with what gates may ask about them."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "{mistakes}; nothing was changed": "{mistakes}; chưa thay đổi gì",
    "and {count} line more": "và {count} dòng nữa",
    "{place}: more than {most} numbers": "{place}: nhiều hơn {most} số",
    "{path}: more than {most} MB": "{path}: lớn hơn {most} MB",
    "{path}: more than {most} bytes": "{path}: lớn hơn {most} byte",
    # the header and the rows
    "begin with a header that names a column citizen_number, insurance_number or national_code_id "
    "(số CCCD, mã số BHXH, QID)": (
        "cần dòng tiêu đề ở đầu, có cột tên là số CCCD, mã số BHXH hoặc QID "
        "(citizen_number, insurance_number, national_code_id)"
    ),
    "two columns of the header mean the same: {names}": "hai cột ở dòng tiêu đề có cùng một nghĩa: {names}",
    "no number: write citizen_number, insurance_number or national_code_id (số CCCD, mã số BHXH, QID)": (
        "không có số nào: hãy ghi số CCCD, mã số BHXH hoặc QID (citizen_number, insurance_number, national_code_id)"
    ),
    "no line of CSV; look for a quote that does not end": (
        "không phải dòng CSV; hãy tìm dấu ngoặc kép mở mà không đóng"
    ),
    "write only {names}, each number in quotes": "chỉ được ghi {names}, mỗi số trong dấu ngoặc kép",
    # Excel
    "an Excel file (.xlsx)": "tệp Excel (.xlsx)",
    "an Excel file with a password": "tệp Excel có mật khẩu",
    "an Excel file of before 2007 (.xls)": "tệp Excel đời trước 2007 (.xls)",
    "a binary Excel file (.xlsb)": "tệp Excel nhị phân (.xlsb)",
    "an old Word file (.doc)": "tệp Word đời cũ (.doc)",
    "a Word file (.docx)": "tệp Word (.docx)",
    "a PowerPoint file (.pptx)": "tệp PowerPoint (.pptx)",
    "a LibreOffice file (.ods, .odt)": "tệp LibreOffice (.ods, .odt)",
    "a file of Apple's Numbers or Pages": "tệp Numbers hoặc Pages của Apple",
    "a PDF file": "tệp PDF",
    "a text with formats (.rtf)": "văn bản có định dạng (.rtf)",
    "a picture": "tệp ảnh",
    "an archive": "tệp nén",
    "{kind}, no list that can be read; open it and save it as .xlsx without a password, or copy its table into one": (
        "đây là {kind}, không đọc được như danh sách; hãy mở ra và lưu thành .xlsx không có mật khẩu, hoặc chép bảng "
        "sang một tệp như thế"
    ),
    "a formula that Excel has not calculated; open the file in Excel, save it, and publish it again": (
        "đây là công thức mà Excel chưa tính; hãy mở tệp bằng Excel, lưu lại, rồi công bố lại"
    ),
    "a formula that ends in an error; put it right in Excel": "đây là công thức bị lỗi; hãy sửa lại trong Excel",
    "{count} person is in a row that is hidden or filtered away: {rows}; show it (Data, Clear), or delete it": (
        "có {count} người ở dòng đang bị ẩn hoặc bị lọc: {rows}; hãy cho hiện ra (Data, Clear), hoặc xoá các dòng đó"
    ),
    "the letters are {encoding}, not Unicode; convert the file to Unicode (UniKey does it) and save it as "
    "CSV UTF-8 or .xlsx, or name the column CCCD": (
        "chữ trong tệp là {encoding}, không phải Unicode; hãy chuyển sang Unicode (UniKey làm được) rồi lưu thành "
        "CSV UTF-8 hoặc .xlsx, hoặc đặt tên cột là CCCD"
    ),
    "TCVN3 (ABC, fonts like .VnTime)": "TCVN3 (ABC, phông kiểu .VnTime)",
    "Windows-1258": "Windows-1258",
    "no Excel file that can be read; open it in Excel and save it as .xlsx again": (
        "tệp Excel không đọc được; hãy mở bằng Excel rồi lưu lại thành .xlsx"
    ),
    "a page (HTML or XML), whatever its name says: open it in Excel and save it as .xlsx": (
        "đây là trang HTML hoặc XML, dù tên tệp là gì: hãy mở bằng Excel rồi lưu thành .xlsx"
    ),
    "a number, but no header of its sheet names the column; name it (số CCCD), or hide the sheet": (
        "có số, nhưng trang tính này không có tiêu đề cho cột đó; hãy đặt tên cột (số CCCD), hoặc ẩn trang tính"
    ),
    "unpacks to more than {most} MB": "giải nén ra lớn hơn {most} MB",
    # a number
    "citizen_number": "số CCCD",
    "insurance_number": "mã số BHXH",
    "national_code_id": "mã định danh trong mã QR quốc gia (QID)",
    "{count} digits of {all}: a spreadsheet has taken the 0 in front; give the column the number format {zeros} "
    "(Ctrl+1, Custom), look whether each number is right again, and save": (
        "chỉ còn {count} trên {all} chữ số: Excel đã bỏ mất số 0 ở đầu; hãy đặt định dạng số của cột là {zeros} "
        "(Ctrl+1, Custom), xem lại các số đã đúng chưa, rồi lưu"
    ),
    "a spreadsheet has shortened the number (1.2E+11), and it is lost: format the column as text, and put the number "
    "in again from its source": (
        "Excel đã rút gọn số (thành dạng 1.2E+11) nên các chữ số đã mất: hãy định dạng cột là Văn bản (Text) rồi nhập "
        "lại số từ nguồn gốc"
    ),
    "9 digits are an old identity card (CMND); gates know people by the 12 digits of the citizen card": (
        "9 chữ số là chứng minh nhân dân cũ (CMND); máy quét nhận ra người theo 12 chữ số của căn cước"
    ),
    "a letter among the digits: O is not 0, l is not 1": "có chữ cái lẫn trong số: O không phải 0, l không phải 1",
    "two numbers in one cell: write one person a row": "hai số trong một ô: hãy ghi mỗi người một dòng",
    "not such a number: 12 digits": "không phải số này: cần 12 chữ số",
    "not such a number: 10 digits, or the 15 characters of the card": (
        "không phải số này: cần 10 chữ số, hoặc đủ 15 ký tự in trên thẻ"
    ),
    "not such a number: 1 to 64 printable characters": "không phải số này: cần 1 đến 64 ký tự in được",
    # what gates may ask
    'write a JSON object, each key once: {{"citizen_number": "…", "declared": true}}': (
        'hãy ghi một đối tượng JSON, mỗi khoá một lần: {{"citizen_number": "…", "declared": true}}'
    ),
    "{path}: an Excel file; write a JSON object a line (config/people.example.jsonl)": (
        "{path}: đây là tệp Excel; hãy ghi mỗi dòng một đối tượng JSON (config/people.example.jsonl)"
    ),
    "write only {names}": "chỉ được ghi {names}",
    "write one of {names}": "hãy ghi một trong: {names}",
    "{name}: not such a number, in quotes": "{name}: không phải số này, trong dấu ngoặc kép",
    "speaks of a number of line {line} again": "lặp lại một số đã có ở dòng {line}",
}
