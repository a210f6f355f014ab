"""The words in which helpers tell of visits: what is counted, what it was about, which need stayed.

Without accents and in small letters, as `guard.fold` leaves them; the longest that fits is taken.
"""

from __future__ import annotations

from handlers.records.visits import Kind, Need
from handlers.text import Text, _

NOUNS: dict[Kind, str] = {
    "household": "ho gia dinh, ho dan, gia dinh, nha dan, can nha, ngoi nha, ho, nha, households, household, houses, "
    "house, homes, home, families, family",
    "business": "ho kinh doanh, ho kd, hkd, ho buon ban, cua hang, cua hieu, quan an, quan, tiem, sap hang, sap, "
    "quay hang, quay, ki ot, kiot, doanh nghiep, dn, hop tac xa, htx, co so, tieu thuong, businesses, business, "
    "shops, shop, stalls, stall, stores, store, cooperatives, cooperative, traders, trader",
    "class": "lop hoc, lop tap huan, lop, buoi hoc, buoi tap huan, buoi huong dan, classes, class, lessons, lesson, "
    "trainings, training",
    "session": "buoi luu dong, diem luu dong, buoi diem luu dong, phien luu dong, chuyen luu dong, ban luu dong, "
    "buoi ho tro luu dong, buoi truc luu dong, mobile points, mobile point, mobile sessions, mobile session, "
    "mobile point sessions, mobile point session",
    "person": "nguoi dan, ba con, hoc vien, nguoi, cu, hoi vien, people, persons, person, learners, learner",
}

MATTERS: dict[str, tuple[Text, str]] = {
    "vneid.activate": (
        _("VNeID"),
        "vneid, vnid, vn eid, dinh danh dien tu, dinh danh muc 2, dinh danh muc hai, dinh danh",
    ),
    "vneid.forgot-password": (
        _("forgotten passwords"),
        "quen mat khau, mat khau, quen passcode, passcode, passwords, password",
    ),
    "vneid.integrate-documents": (_("papers in VNeID"), "tich hop giay to, tich hop, dua giay to vao vneid"),
    "health.insurance": (
        _("health insurance cards"),
        "the bao hiem y te, bao hiem y te, the bao hiem, bao hiem, the bhyt, bhyt, health insurance cards, "
        "health insurance card, health insurance, insurance cards, insurance card, insurance",
    ),
    "health.record": (
        _("health records"),
        "so suc khoe dien tu, so suc khoe, suc khoe dien tu, health records, health record",
    ),
    "social.vssid": (_("VssID"), "vssid, vss id, bao hiem xa hoi, bhxh, social insurance"),
    "dvc.submit": (
        _("online public services"),
        "dich vu cong truc tuyen, dich vu cong, dvctt, dvc, nop ho so truc tuyen, nop ho so online, nop ho so, "
        "online public services, public services, public service",
    ),
    "dvc.feedback": (_("feedback to offices"), "phan anh kien nghi, phan anh, kien nghi, feedback"),
    "idcard.issue": (
        _("identity cards"),
        "can cuoc cong dan, the can cuoc, can cuoc, cccd, identity cards, identity card, id cards, id card",
    ),
    "residence.temporary": (
        _("residence"),
        "dang ky tam tru, tam tru, tam vang, dang ky cu tru, cu tru, residence registration, residence",
    ),
    "civil.birth": (_("births"), "dang ky khai sinh, khai sinh, birth registration, births, birth"),
    "driving.licence-renew": (
        _("driving licences"),
        "giay phep lai xe, bang lai xe, bang lai, gplx, driving licences, driving licence",
    ),
    "pay.receive-qr": (_("QR codes"), "ma qr nhan tien, ma qr, quet ma qr, quet ma, qr codes, qr code, qr"),
    "pay.wallet": (
        _("payments by telephone"),
        "thanh toan khong dung tien mat, thanh toan khong tien mat, thanh toan dien tu, thanh toan, vi dien tu, "
        "chuyen khoan, mobile money, mobile payments, payments, payment, e-wallets, e-wallet",
    ),
    "pay.utilities": (_("electricity and water bills"), "tien dien nuoc, tien dien, tien nuoc, dien nuoc, bills"),
    "pay.social-benefits": (
        _("benefits by account"),
        "an sinh xa hoi, an sinh, luong huu, tro cap, benefits, benefit, pensions, pension",
    ),
    "bank.open-account": (
        _("bank accounts"),
        "mo tai khoan ngan hang, cai app ngan hang, cai ung dung ngan hang, "
        "tai khoan ngan hang, mo tai khoan, app ngan hang, ngan hang, bank accounts, "
        "bank account, bank",
    ),
    "bank.biometrics": (_("faces for the bank"), "sinh trac hoc, sinh trac, quet mat, biometrics"),
    "sign.register": (
        _("digital signatures"),
        "chu ky so, ky so, digital signatures, digital signature, e-signatures, e-signature",
    ),
    "tax.household-business": (
        _("taxes"),
        "hoa don dien tu, hoa don, ke khai thue, khai thue, etax, thue, taxes, tax",
    ),
    "safe.official-links": (
        _("swindles"),
        "phong chong lua dao, chong lua dao, phong lua dao, lua dao, an toan mang, an toan thong tin, scams, scam, "
        "online safety, swindles",
    ),
    "skill.learn": (
        _("digital skills"),
        "ky nang so, ky nang, dung dien thoai thong minh, dung smartphone, binh dan hoc vu so, digital skills",
    ),
    "skill.install-app": (_("apps"), "cai ung dung, cai app, cai phan mem, ung dung, apps, app"),
}  # fmt: skip

NEEDS: dict[Need, tuple[Text, str]] = {
    "no-phone": (
        _("without a smartphone"),
        r"(?:chua|khong|ko|k|chang) (?:co |dung |sam )+(?:duoc )?(?:dien thoai|dt|smartphone|may dien thoai"
        r"|may)(?: thong minh)?|(?:dung |chi co )?(?:dien thoai|may|dt) (?:phim bam|cuc gach)"
        r"|(?:has |have |had |with |without )?(?:no |without )(?:a )?(?:smart ?)?phones?",
    ),
    "no-signal": (
        _("without a signal"),
        r"(?:khong|ko|k|chua|mat) (?:co |vao duoc )?(?:song|mang|internet|wifi|3g|4g)(?: dien thoai| internet)?"
        r"|mat song|song yeu|(?:has |have |had |with )?no (?:signal|coverage|internet|network)"
        r"|without (?:a )?(?:signal|internet)",
    ),
    "papers": (
        _("with papers that disagree"),
        r"(?:giay to|thong tin|ten|ngay sinh|ho so|so cccd)(?: \w+)?"
        r" (?:khong khop|ko khop|k khop|chua khop|lech|bi lech|bi sai|sai|khong trung|khac nhau)"
        r"|(?:bi )?(?:sai|lech) (?:thong tin|ten|ngay sinh|giay to|ho so)"
        r"|(?:with |has |have )?(?:papers|documents|names|details)(?: that)?"
        r" (?:disagree|differ|do not match|don't match)",
    ),
    "language": (
        _("who speak another language"),
        r"(?:khong|ko|k|chua) (?:biet |noi |nghe |hieu |thao |ro |duoc )+tieng (?:viet|kinh|pho thong)"
        r"|chi (?:noi|biet) (?:duoc )?tieng \w+|can (?:nguoi )?(?:phien dich|noi tieng \w+)"
        r"|(?:who |that )?(?:speaks?|speaking) (?:no vietnamese|another language|only \w+)|no vietnamese"
        r"|(?:with )?(?:a )?minority language",
    ),
}  # fmt: skip

# Where a place begins, and the words at which its name has ended.
PLACES = "thôn|xóm|tổ dân phố|tdp|khu phố|kp|khu dân cư|kdc|khu|tổ|bản|ấp|làng|buôn|sóc|phum|group|quarter"
NOT_A_PLACE = {
    "to so",
    "to cong",
    "to truong",
    "ban hang",
    "buon ban",
    "ap the",
    "ap dung",
    "lang nghe",
    "khu cach",
}
ENDS_A_NAME = set(
    """
    khong ko k chua co di den giup tham ho nha hom sang chieu trua toi ngay duoc da lam cho ve voi va trong cac may moi
    o tai buoi lop thu cn ca het mat nguoi quan cua tiem them can huong dan cai nay nua xong roi deu bi song
    yesterday today last on this had has with we i helped visited for in at no about minutes hours mins
    """.split()  # noqa: SIM905
)
