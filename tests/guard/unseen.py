"""A fourth set of sentences, written when the guard had been mended on the three others.

At its first run on these the guard found 97.8 % and hid something in 2.1 % of innocent messages: numbers of
customers behind "tiền nước mã", and landlines written in two groups.
"""

from __future__ import annotations

SECRET = {
    "one-time code": (
        "điện thoại báo tin nhắn mới: mã {otp} để xác minh tài khoản",
        "BIDV: Quy khach dang thuc hien GD {money}. OTP: {otp}. Khong tiet lo cho bat ky ai",
        "tôi nhập otp {otp} ba lần đều báo hết hạn",
        "mã hiện trên máy con là {otp}, cô xem đúng không",
        "con bấm vào thấy nó gửi cái mã {otp}",
        "bác Tư nhận được mã rồi, {otp} nha",
        "ủy ban gọi hỏi mã kích hoạt, má đọc cho họ {otp}",
        "gõ {otp} vào ô otp",
        "em có mã nè: {otp}, làm gì tiếp",
        "mã kích hoạt {activation} hết hạn chưa",
    ),
    "code, alone": ("{otp} nhé chị", "vâng {otp} ạ", "là {otp}"),
    "code, in reply": (
        "Chị gửi em mã OTP với ạ >> của chị là {otp}",
        "Bác còn nhớ mật khẩu không >> hình như là {password}",
    ),
    "passcode": (
        "passcode mình xài {six} mà bị báo sai",
        "mã pin ký số cũ {pin} quên mã mới",
        "sáu số bí mật {six}, tôi nhớ rõ mà",
    ),
    "password": (
        "mật khẩu mẹ tôi dùng {password} cho mọi thứ",
        "đặt lại mật khẩu {strong} nó báo trùng mật khẩu cũ",
        "pass của nick là {password}",
        "em gõ {strong} đúng mật khẩu mà nó không nhận",
        "quên mật khẩu rồi, thử {password} với {password} đều không được",
    ),
    "account login": (
        "đăng nhập bằng tài khoản {login} với mật khẩu {strong} không vào",
        "user name: {login}, pass: {password}",
        "tên đăng nhập của mẹ là {login}",
    ),
    "identity, 12 digits": (
        "em tên {name} căn cước {cccd} hỏi thủ tục",
        "sao vneid không nhận số {cccd}",
        "số định danh trên giấy khai sinh {cccd}",
    ),
    "identity, 9 digits": ("cmnd {cmnd} làm mất rồi", "chứng minh thư cũ số {cmnd}"),
    "bank card": (
        "thẻ napas {card} không rút được",
        "đưa số thẻ {card} cho người lạ rồi",
        "{card} thẻ này của ai",
    ),
    "code (en)": (
        "I received {otp} by SMS, is it the code?",
        "the app wants a code, mine is {otp}",
        "my six secret digits are {six}",
    ),
    "password and login (en)": (
        "the password should be {password}",
        "log in as {login}, password {strong}",
        "tried {strong} as password",
    ),
    "identity and card (en)": ("ID card {cccd} lost", "Visa {card} declined"),
}

INNOCENT = {
    "dossier codes": ("hồ sơ khai sinh {dossier} sao rồi", "tra giùm {dossier} nha"),
    "telephones": (
        "gọi em theo số {mobile} chiều nay",
        "đổi sim {mobile} thì otp vneid về đâu",
        "bên kia xưng {landline} đòi mật khẩu",
    ),
    "dates and times": (
        "quên mật khẩu từ {day}",
        "mã chưa về, em chờ tới {hour}",
        "ngày cấp căn cước {day}",
        "sinh {year} làm vneid được không",
    ),
    "sums of money": (
        "mã giảm giá được {money} không",
        "chuyển khoản {money} báo sai otp",
        "tiền nước {money}",
    ),
    "report values": (
        "(report) >> {figure} đó chị",
        "(report) >> {count}, {count}",
        "tổng số hộ {count}, có điện thoại thông minh {count}",
    ),
    "addresses and plots": ("nhà {house} tổ {n} {place}", "số {house} phố Huế"),
    "licence plates": ("{plate} của tôi bị camera chụp", "biển {plate} nộp phạt sao"),
    "insurance numbers": ("bhxh số {insurance} gộp sổ", "thẻ {health_card} ở {place}"),
    "customers' codes": ("mã khách hàng {meter}", "tra tiền nước mã {water} được không"),
    "tax numbers": ("mst {tax} bị khóa",),
    "bank accounts and payments": ("stk người lừa {account}", "giao dịch {trade} bị treo"),
    "codes of steps and requests": (
        "quay lại {step}",
        "{request} xong rồi cảm ơn",
        "gửi lại biên nhận {receipt}",
    ),
    "talk about secrets": (
        "không nhớ nổi mật khẩu",
        "mã otp nhập sai 3 lần có sao không",
        "passcode 6 số nhập ở đâu",
        "có nên cho người nhà biết mã pin",
        "cccd của con 14 tuổi",
    ),
    "links, mail and makes": ("{link} bảo nhập mật khẩu", "otp gửi về {mail}", "{make} đăng nhập vneid"),
    "asked for something else": ("Mấy giờ bác rảnh >> {hour}", "Nhà số bao nhiêu ạ >> {house}"),
    "everyday words (en)": (
        "the OTP never came to {mobile}",
        "password reset takes how long",
        "my file is {dossier}",
        "paid {money} twice",
    ),
}
