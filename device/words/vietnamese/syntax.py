"""Mistakes of a YAML or JSON text itself, before any key is looked at."""

from __future__ import annotations

from typing import Final

ENTRIES: Final = {
    "file": "tệp",
    "syntax": "cú pháp",
    # the file
    "there is no such file": "không có tệp này",
    "this is a folder; name the YAML file in it": "đây là thư mục; hãy ghi tên tệp YAML bên trong",
    "not allowed to read it; check its owner and mode": "không có quyền đọc; kiểm tra chủ sở hữu và quyền của tệp",
    "cannot be read: {why}": "không đọc được: {why}",
    "not a file name": "đây không phải là tên tệp",
    "this is no site file: none of its keys is one of those": (
        "đây không phải tệp cấu hình của máy quét: không có khoá nào đúng"
    ),
    "not UTF-8 from here on; save the file as UTF-8": "từ chỗ này không phải UTF-8; hãy lưu tệp dạng UTF-8",
    "a file of Excel, Word or the like; this must be YAML, written with a plain text editor": (
        "đây là tệp Excel, Word hoặc loại tương tự; cần tệp YAML, viết bằng trình soạn thảo văn bản thuần"
    ),
    "write a colon behind this key": "viết dấu hai chấm sau khoá này",
    "indent this line by {count}, like the one above it": ("thụt dòng này vào như dòng trên: {count} dấu cách ở đầu"),
    "indent this line by {count}, like the one below it": ("thụt dòng này vào như dòng dưới: {count} dấu cách ở đầu"),
    # letters that look right and are not, by their names in Unicode
    "no-break space": "dấu cách không ngắt dòng",
    "narrow no-break space": "dấu cách hẹp không ngắt dòng",
    "zero width space": "dấu cách không có bề rộng",
    "ideographic space": "dấu cách toàn khổ",
    "fullwidth colon": "dấu hai chấm toàn khổ",
    "fullwidth comma": "dấu phẩy toàn khổ",
    "left double quotation mark": "ngoặc kép cong mở",
    "right double quotation mark": "ngoặc kép cong đóng",
    "left single quotation mark": "ngoặc đơn cong mở",
    "right single quotation mark": "ngoặc đơn cong đóng",
    "left-pointing double angle quotation mark": "ngoặc kép kiểu Pháp mở",
    "non-breaking hyphen": "gạch nối không ngắt dòng",
    "soft hyphen": "gạch nối ẩn",
    "minus sign": "dấu trừ toán học",
    "en dash": "gạch ngang ngắn",
    "em dash": "gạch ngang dài",
    "bullet": "dấu chấm đầu dòng",
    "this is UTF-16; save it as UTF-8": "tệp này là UTF-16; hãy lưu lại dạng UTF-8",
    "larger than {most} KiB; is this the right file?": "lớn hơn {most} KiB; có đúng tệp không?",
    "remove the invisible character U+{code} here": "xoá ký tự vô hình U+{code} ở đây",
    "empty; write keys and their values": "trống; hãy viết các khoá và giá trị",
    "a list or a single value; write keys and their values": (
        "đây là danh sách hoặc một giá trị đơn; hãy viết các khoá và giá trị"
    ),
    "more than {most} keys and values; is this the right file?": "có hơn {most} khoá và giá trị; có đúng tệp không?",
    "nested more than {most} deep": "lồng nhau quá {most} cấp",
    "a second document begins here; remove the --- line": "tài liệu thứ hai bắt đầu ở đây; xoá dòng ---",
    # what stands in it and is not used
    "write the value out instead of the alias *{name}": "viết hẳn giá trị ra, không dùng bí danh *{name}",
    "remove the tag {tag}; the plain value is enough": "xoá nhãn {tag}; chỉ cần ghi giá trị",
    "remove the anchor &{name}; aliases are not used here": "xoá neo &{name}; ở đây không dùng bí danh",
    "remove the tag; the plain value is enough": "xoá nhãn; chỉ cần ghi giá trị",
    "write the value out; aliases are not used here": "viết hẳn giá trị ra; ở đây không dùng bí danh",
    "remove the anchor; aliases are not used here": "xoá neo; ở đây không dùng bí danh",
    "write the keys out; merging is not used here": "viết hẳn các khoá ra; ở đây không dùng phép gộp",
    # the form
    "a number or an escape (\\u, \\U, %YAML) is out of range": "một số hoặc mã thoát (\\u, \\U, %YAML) vượt giới hạn",
    "a key must be a word; put quotes around texts with [ ] {{ }} *": (
        "khoá phải là một từ; chữ có [ ] {{ }} * thì đặt trong dấu nháy"
    ),
    "given twice; first on line {line}": "bị ghi hai lần; lần đầu ở dòng {line}",
    "indent with spaces; there is a tab here": "thụt dòng bằng dấu cách; ở đây có phím Tab",
    "a colon cannot stand here; check the indentation, the colon of the line above, or put quotes around the text": (
        "dấu hai chấm không được ở đây; xem lại thụt dòng, dấu hai chấm của dòng trên, hoặc đặt chữ trong dấu nháy"
    ),
    "a colon is missing after a key; check this line and the one above": (
        "thiếu dấu hai chấm sau khoá; xem lại dòng này và dòng trên"
    ),
    "this does not line up with the lines above; check the indentation": (
        "không thẳng hàng với các dòng trên; xem lại thụt dòng"
    ),
    "a list is not finished; write it as [one, two]": "danh sách chưa đóng; viết như [một, hai]",
    "a section in braces is not finished; write it as {{one: 1, two: 2}}": (
        "phần trong ngoặc nhọn chưa đóng; viết như {{mot: 1, hai: 2}}"
    ),
    "put quotes around a text that begins with this character": "chữ bắt đầu bằng ký tự này thì đặt trong dấu nháy",
    "a backslash means something in double quotes; use single quotes": (
        "dấu \\ có nghĩa riêng trong nháy kép; hãy dùng nháy đơn"
    ),
    "nothing but a comment may follow | or > on its line; or put quotes around the text": (
        "sau | hoặc > trên cùng dòng chỉ được có chú thích; hoặc đặt chữ trong dấu nháy"
    ),
    "nothing may follow here on this line": "trên dòng này, sau chỗ này không được có gì nữa",
    "a list item (-) cannot begin here; put it on a line of its own": (
        "mục danh sách (-) không được bắt đầu ở đây; đặt nó trên dòng riêng"
    ),
    "put quotes around a text that begins with & or *": "chữ bắt đầu bằng & hoặc * thì đặt trong dấu nháy",
    "put quotes around a text that begins with !": "chữ bắt đầu bằng ! thì đặt trong dấu nháy",
    "a value is missing here, or a bracket, brace or comma is too many": (
        "ở đây thiếu giá trị, hoặc thừa dấu ngoặc hay dấu phẩy"
    ),
    "this does not belong to what stands above; check the indentation": (
        "phần này không thuộc phần ở trên; xem lại thụt dòng"
    ),
    "this is not YAML: {problem}": "đây không phải YAML: {problem}",
    "a quote is opened here and never closed": "dấu nháy mở ở đây mà không đóng",
    "a quote ends before this, and text follows; put the other kind of quotes round the whole": (
        "dấu nháy đóng trước chỗ này mà vẫn còn chữ; đặt tất cả trong loại dấu nháy kia"
    ),
    "write a blank behind the colon": "thêm dấu cách sau dấu hai chấm",
    "write a colon and a blank, not =": "viết dấu hai chấm và dấu cách, không viết =",
    "write a plain space instead of {letter}": "viết dấu cách thường thay cho {letter}",
    "write a plain colon (:) instead of {letter}": "viết dấu hai chấm thường (:) thay cho {letter}",
    "write plain quotes (' or \") instead of {letter}": "viết dấu nháy thường (' hoặc \") thay cho {letter}",
    "remove the invisible character {letter} here": "xoá ký tự vô hình {letter} ở đây",
    "write the plain character instead of {letter}": "viết ký tự thường thay cho {letter}",
    "write a plain minus (-) instead of {letter}": "viết dấu gạch thường (-) thay cho {letter}",
    "a bracket ends before this, and text follows; put quotes around the whole text": (
        "ngoặc đã đóng trước chỗ này mà còn chữ phía sau; đặt cả đoạn trong dấu nháy"
    ),
    "write a blank instead of the tab here": "viết dấu cách thay cho ký tự tab ở đây",
}
