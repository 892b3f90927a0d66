#!/usr/bin/env python3
"""Writes Tests/PostroomCoreTests/Fixtures/sms.txt: how PyPI smsutil 1.1.3 parts 5,000 random texts.

Run by hand; the result is committed, the tests only read it.

    python3 -m venv /tmp/vectors && /tmp/vectors/bin/pip install smsutil==1.1.3
    /tmp/vectors/bin/python Tests/Vectors/make-sms.py

The texts are not stored: line n is made from seed n by the generator below, which SMSTextTests.swift repeats. A line is
`g` or `u` (GSM-7 or UCS-2), the units (septets or UTF-16), then the code points of each part.
"""
import pathlib

import smsutil
from smsutil.codecs import GSM_BASIC_CHARSET

BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" \
        "abcdefghijklmnopqrstuvwxyzäöñüà"
EXTENDED = "\f^{}\\[~]|€"
OTHER = "汉字您好，。【】’“”–…ç`éКи한あ\u0301\u200b\ufe0f☎"
PAIRS = "😀🎉👩𠮷"
assert BASIC == GSM_BASIC_CHARSET


def text(seed):
    state = seed

    def pick(count):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % count

    pick(1)
    groups = [[BASIC], [BASIC, BASIC, EXTENDED], [BASIC, EXTENDED], [OTHER], [OTHER, PAIRS], [BASIC, EXTENDED, OTHER, PAIRS],
              [PAIRS]][pick(7)]
    length = 1 + pick([40, 80, 170, 700][pick(4)])
    result = ""
    for _ in range(length):
        group = groups[pick(len(groups))]
        result += group[pick(len(group))]
    return result


if __name__ == "__main__":
    target = pathlib.Path(__file__).parent.parent / "PostroomCoreTests/Fixtures/sms.txt"
    lines = []
    for seed in range(5000):
        parted = smsutil.split(text(seed))
        units = parted.total_bytes if parted.encoding == "gsm0338" else parted.total_bytes // 2
        assert "".join(part.content for part in parted.parts) == text(seed)
        lengths = ",".join(str(part.length) for part in parted.parts)
        lines.append(f"{'g' if parted.encoding == 'gsm0338' else 'u'} {units} {lengths}")
    target.write_text("\n".join(lines) + "\n")
    print(len(lines), "lines,", target.stat().st_size, "bytes,", sum("," in line for line in lines), "in several parts")
