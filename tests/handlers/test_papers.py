"""Papers marked secret and pictures of identity cards are known by the words that come with them."""

from __future__ import annotations

import unicodedata

import pytest

from handlers.rules.papers import announces_card, marked_secret, pictures_card

MARKED = [
    "MẬT", "Mật", "mật", "TỐI MẬT", "Tối mật", "tuyệt mật", "TUYỆT MẬT", "[MẬT]", "(mật)", "Độ mật: Mật",
    "Công văn 12 MẬT", "công văn mật số 5", "văn bản tối mật gửi xã", "Văn bản MẬT của huyện", "tuyet mat",
    "TUYET MAT", "cong van mat", "CONG VAN MAT SO 5", "tai lieu toi mat", "van ban MAT", "Do mat: toi mat",
    "(MAT)",
    "mat", "TOI MAT", "Toi mat", "top secret", "TOP SECRET plans", "Marked secret", "stamped confidential",
    "[SECRET]", "(confidential)", "SECRET", "The plan, SECRET", "gửi chị tờ trình mật nhé",
]  # fmt: skip
FILES = [
    "MẬT.pdf", "cv-MẬT-12.pdf", "CV_MẬT_12.PDF", "12_TỐI MẬT.docx", "TỐI_MẬT.docx", "tuyet_mat.pdf",
    "TUYETMAT.pdf",
    "cv_mat.pdf", "bao-cao-mat.docx", "BAO CAO MAT.DOCX", "tai-lieu-toi-mat.pdf", "ke hoach MAT 2026.pdf",
    "[mat].pdf",
    "MAT.pdf", "TOI MAT.pdf", "top-secret.pdf", "plan_TOP_SECRET.pdf", "Kế hoạch mật.xlsx",
    "quyet_dinh_mat_03.pdf",
]  # fmt: skip
OPEN = [
    "", "bí mật", "6 số bí mật", "bảo mật tài khoản", "mật khẩu sai", "quên mật khẩu", "mật mã",
    "mật ong rừng",
    "mật độ dân cư", "siêu âm túi mật", "sỏi mật", "đường mật", "thân mật", "tuần trăng mật", "mat khau",
    "quen mat khau", "toi mat cccd", "toi mat the roi", "TOI MAT THE ROI", "bi mat dien thoai", "mat truoc",
    "mat sau the", "mất", "mất sim", "Mất thẻ", "mặt trước", "mắt kính", "mát", "doi mat khau", "bao mat",
    "em bi mat sim",
    "tai lieu mat khau", "secret question", "a secret", "my secret code", "Mất", "cho xin mật khẩu wifi",
    "cong van mat het roi", "so mat", "khuon mat", "quet khuon mat", "xac thuc khuon mat", "ẢNH MẶT TRƯỚC",
    "bị mất ví", "giay bao mat dien", "Mat khau sai", "Mat troi", "ma mat roi",
]  # fmt: skip
OPEN_FILES = [
    "anh-mat-truoc.jpg", "khuon-mat.jpg", "quen_mat_khau.png", "IMG_2026.jpg", "bao-mat.pdf", "bi-mat.pdf",
    "mat-khau.png",
    "Don xin cap lai the bi mat.docx", "don bao mat the.doc", "matbang.pdf", "format.docx",
    "so-do-mat-bang.pdf", "Mat-truoc.jpg",
    "mặt bằng.pdf", "bí mật nhỏ.txt",
]  # fmt: skip


@pytest.mark.parametrize("words", MARKED)
def test_a_marking_in_the_caption_is_known(words: str) -> None:
    assert marked_secret(words)
    assert marked_secret(unicodedata.normalize("NFD", words))


@pytest.mark.parametrize("name", FILES)
def test_a_marking_in_the_name_is_known(name: str) -> None:
    assert marked_secret(name, file=True)
    assert marked_secret(unicodedata.normalize("NFD", name), file=True)


@pytest.mark.parametrize("words", OPEN)
def test_everyday_words_are_no_marking(words: str) -> None:
    assert not marked_secret(words)
    assert not marked_secret(unicodedata.normalize("NFD", words))


@pytest.mark.parametrize("name", OPEN_FILES)
def test_everyday_names_of_files_are_no_marking(name: str) -> None:
    assert not marked_secret(name, file=True)


@pytest.mark.parametrize(
    "words",
    [
        "cccd", "ảnh cccd của bà", "CCCD mặt trước", "căn cước của em đây", "can cuoc",
        "chứng minh nhân dân", "hộ chiếu",
        "mặt trước thẻ", "2 mat the", "my ID card", "passport", "cccd_truoc.jpg", "can-cuoc-mat-sau.png",
        "CMND.pdf",
        "anh the can cuoc", "giấy tờ tùy thân", "the chip moi", "ho_chieu.pdf",
    ],
)  # fmt: skip
def test_a_picture_that_is_said_to_show_an_identity_card_is_known(words: str) -> None:
    assert pictures_card(words)


@pytest.mark.parametrize(
    "words",
    [
        "", "màn hình báo chưa có căn cước", "vneid báo lỗi cccd", "bước nhập cccd hiện thế này",
        "ảnh thẻ 3x4", "đơn.pdf",
        "screenshot: id card not found", "thẻ bảo hiểm", "mặt trước nhà", "hóa đơn điện", "the ngan hang",
    ],
)  # fmt: skip
def test_other_pictures_pass(words: str) -> None:
    assert not pictures_card(words)


@pytest.mark.parametrize(
    "words",
    [
        "để em gửi ảnh căn cước nhé", "em chụp cccd gửi lên nhé", "gui anh cccd cho chi",
        "chị ơi em gửi ảnh 2 mặt thẻ căn cước",
        "chi gui anh mat truoc cccd cho em", "cháu chụp ảnh hộ chiếu gửi nhé",
        "I will send a photo of my ID card",
        "send me a picture of your passport", "gui hinh chung minh nhan dan duoc khong",
    ],
)  # fmt: skip
def test_somebody_about_to_send_one_is_heard(words: str) -> None:
    assert announces_card(words)


@pytest.mark.parametrize(
    "words",
    [
        "làm căn cước ở đâu", "mất cccd thì làm sao", "đừng gửi ảnh căn cước vào đây",
        "em không gửi ảnh cccd đâu",
        "gửi hồ sơ làm hộ chiếu", "gửi ảnh màn hình lỗi cccd", "đổi căn cước cần ảnh không", "cccd bị mờ ảnh",
        "never send a photo of your id card", "em gửi ảnh hóa đơn", "bao giờ gửi thẻ căn cước về nhà",
    ],
)  # fmt: skip
def test_who_only_speaks_of_cards_is_left_alone(words: str) -> None:
    assert not announces_card(words)
