"""Names and addresses in every script, and texts that are too long for somebody."""

from __future__ import annotations

ORDINARY = (
    ("Olivia", "Hughes", "14 High Street", "Leeds"),
    ("Siân", "O’Hara", "1 Mill Lane", "Cardiff"),
    ("Jürgen", "Groß-Weiß", "Straße des 17. Juni 135", "Berlin"),
    ("Zoë", "d'Alembert", "12 rue de l'Église", "Besançon"),
    ("María José", "Núñez Ibáñez", "C/ Peñón 7, 3º B", "La Coruña"),
)
SCRIPTS = (
    ("محمد", "الفارسي", "شارع الملك فهد ١٢", "الرياض"),  # right to left
    ("שרה", "כהן-לוי", "רחוב הרצל 5", "תל אביב"),
    ("‮Eve", "Override‬", "‏12‎ Way", "A‏B"),  # marks of direction within
    ("太郎", "山田", "東京都千代田区丸の内1-1", "千代田区"),
    ("小明", "王", "人民路100号", "上海市"),
    ("지민", "김", "세종대로 110", "서울특별시"),
    ("Иван", "Петров-Водкин", "ул. Ленина, д. 5", "Москва"),
    ("Ελένη", "Παπαδοπούλου", "Οδός Ερμού 3", "Αθήνα"),
    ("สมชาย", "ใจดี", "ถนนสุขุมวิท ๒๑", "กรุงเทพฯ"),
    ("आरव", "शर्मा", "महात्मा गांधी मार्ग", "मुंबई"),
    ("Zoë", "Åström̈", "Café́ 9", "Ngọc̣"),  # combining marks
    ("👩‍👩‍👧‍👦", "Emoji 🎉", "🏠 5", "🌍"),
    ("𝒜𝓃𝓃𝒶", "𠮷田", "𠀋町 1", "𝕃𝕠𝕟𝕕𝕠𝕟"),  # beyond the basic plane
    ("Q'); DROP", 'TABLE "x"; --', "<b>&amp;</b> %00 \\u0000", "${jndi:x}"),
)
LONG = (
    ("A" * 255, "B" * 255, "C" * 255, "D" * 255),
    ("é" * 128, "ü" * 128, "ß" * 300, "ø" * 256),  # 256 bytes and more in fewer letters
    ("漢" * 100, "字" * 120, "町" * 300, "市" * 200),
    ("😀" * 64, "🎁" * 90, "🏠" * 128, "🌆" * 100),
    ("Maximiliane " * 20, "von und zu " * 30, "Haus am See " * 40, "Bad " * 60),
)
BAD_EMAILS = (
    "nobody", "a b@mail.example", "@mail.example", "ann@", "ann@@mail.example", "ann@mail", "ann@mail..example",
    "ann,bob@mail.example", "ünï@mail.example", f"{'x' * 70}@{'y' * 60}.example",
)  # fmt: skip
