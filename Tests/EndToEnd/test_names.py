"""International domain names against another implementation: 20,000 random names, mapped and judged by the program and by PyPI's `idna`."""

import collections
import random
import unicodedata

import idna
import pytest

from martlet.emails import email

NAMES = 20_000
SEED = 20_261_130


def characters(*ranges):
    return [chr(code) for first, last in ranges for code in range(first, last + 1)]


SCRIPTS = {
    "latin": characters((0x61, 0x7A), (0x61, 0x7A), (0x41, 0x5A), (0xC0, 0x24F), (0x1E00, 0x1EFF)),
    "greek": characters((0x370, 0x3FF), (0x1F00, 0x1FFF)),
    "cyrillic": characters((0x400, 0x52F)),
    "hebrew": characters((0x591, 0x5F4)),
    "arabic": characters((0x600, 0x6FF), (0x750, 0x77F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    "devanagari": characters((0x900, 0x97F)) + ["\u094d"] * 20,
    "hangul": characters((0xAC00, 0xAC80), (0x1100, 0x11FF), (0x3131, 0x318E)),
    "cjk": characters((0x4E00, 0x4E80), (0x3041, 0x30FF), (0xF900, 0xFAD9), (0x2F800, 0x2FA1D)),
    "thai": characters((0xE01, 0xE5B)),
    "full width": characters((0xFF01, 0xFF5E), (0xFF61, 0xFF9F)),
    "emoji": characters((0x1F600, 0x1F64F), (0x2600, 0x27BF)) + ["\ufe0f"],
    "digits": characters((0x30, 0x39), (0x30, 0x39), (0x660, 0x669), (0x6F0, 0x6F9), (0x966, 0x96F)),
}
NOISE = {
    **SCRIPTS,
    "joiners": ["\u200c", "\u200d"],
    "compatibility": list("ﬀﬁﬂﬃﬄﬅﬆĲĳ①②⑳™℠℡№㎏㏑½²³ªºſẞßς") + characters((0x2100, 0x214F), (0x2460, 0x24FF), (0x3200, 0x33FF)),
    "marks": characters((0x300, 0x36F), (0x20D0, 0x20F0)),
    "hyphens": ["-", "-", "-", "--", "\u2010", "\u2011", "\u00ad"],
    "ascii": characters((0x21, 0x7E)),
    "dots": ["\u3002", "\uff0e", "\uff61", "."],
    "any": [chr(code) for code in range(0xA0, 0x30000, 7) if not 0xD800 <= code <= 0xDFFF],
}


def label(dice):
    if dice.random() < 0.08:
        text = "".join(dice.choice(SCRIPTS[dice.choice(["latin", "greek", "cyrillic", "arabic", "cjk", "emoji"])]) for _ in range(dice.randint(1, 8)))
        return dice.choice(["xn--", "XN--"]) + text.lower().encode("punycode").decode() + dice.choice(["", "", "", "", "a", "-", "9"])
    script, is_noisy = dice.choice(list(SCRIPTS)), dice.random() < 0.35
    length = dice.choice([1, 2, 3, 4, 5, 6, 8, 12]) if dice.random() < 0.95 else dice.randint(20, 70)
    return "".join(dice.choice(NOISE[dice.choice(list(NOISE))] if is_noisy and dice.random() < 0.3 else SCRIPTS[script]) for _ in range(length))


def name(dice):
    labels = [label(dice) for _ in range(dice.choice([1, 1, 1, 2, 3]))]
    return ".".join([*labels, dice.choice(["com", "example", "рф", "भारत", "test"])])


def expected(text):
    """The ASCII form by `idna`, or the fault it finds."""
    try:
        # Without its STD3 rules: it checks the code points of every label anyway.
        return idna.encode(text, uts46=True, transitional=False, std3_rules=False).decode("ascii").removesuffix("."), None
    except idna.IDNAError as fault:
        return None, fault


NEWER = {
    chr(code)
    for part in """
    4C0 870-887 889-88E 898-89F 8B5 8BE-8D2 B55 C3C C5D CDD D04 D81 10A0-10C5 115F-1160 170D 1715-171F 17B4-17B5 180E 1ABF-1ACE 1B4C
    1DFA 1E9E 2061-2063 206A-206F 2132 2183 2C2F 2C5F 3164 31BB-31BF 4DB6-4DBF 9FF0-9FFF A7C0-A7C1 A7C7-A7D9 A7F5-A7F6 A82C AB68 FFA0
    10570-105BC 10780 1079C 1079F 107A1 107A7 107B9-107BA 10E80-10EAC 10EB0-10EB1 10F70-10F85 10FB0-10FC4 11070-11075 110C2 11147
    111CE-111CF 11460-11461 11740-11746 11900-11943 11950-11959 11AB0-11ABF 11FB0 12F90-12FF0 16A70-16AC9 16FE4-16FF1 18AF3-1AFFE
    1B11F-1B122 1CF00-1CF46 1D173-1D17A 1DF00-1DF1E 1E290-1E2AE 1E7E0-1E7FE 2A6D7-2A6DF 2B735-2B738 2F868 2F874 2F91F 2F95F 2F9BF
    30000-3134A
    """.split()
    for first, last in [(part.split("-") * 2)[:2]]
    for code in range(int(first, 16), int(last, 16) + 1)
}
"""Characters that were assigned, or whose mapping was changed, after Unicode 12, whose tables libidn2 2.3.3 has (Debian 12)."""


def kind(text, ascii, other, fault):
    """Why the two may differ; `None` where they may not."""
    if isinstance(fault, idna.InvalidCodepointContext) and ascii is not None:
        # RFC 5892 appendix A.3 to A.9, which UTS #46 does not ask for. Joiners are A.1 and A.2.
        return None if "Joiner" in str(fault) else "CONTEXTO is not checked"
    decoded = "".join(part[4:].encode().decode("punycode") if part.startswith("xn--") else part for part in (other or ascii).split("."))
    if any(unicodedata.category(character) == "Cn" for character in text + decoded):
        return "assigned after Unicode " + unicodedata.unidata_version
    if NEWER & set(text + decoded):
        return "assigned or changed after Unicode 12"
    return None


@pytest.fixture(scope="module")
def accepting(start_server):
    """A server that takes emails and sends none."""
    return start_server(MARTLET_ROLES="http")


def test_names_are_mapped_and_judged_as_by_another_implementation(accepting, figure):
    account = accepting.account()
    domain = accepting.domain(account)
    dice = random.Random(SEED)
    names = [name(dice) for _ in range(NAMES)]
    differences, kinds, accepted = [], collections.Counter(), 0
    for start in range(0, NAMES, 1000):
        batch = names[start : start + 1000]
        answer = account.post("/emails/batch", {"emails": [email(domain, to=f"a@{text}") for text in batch]})
        assert answer.status == 200, answer
        for text, item in zip(batch, answer.data, strict=True):
            assert item["status"] in (202, 422), (text, item)
            ascii = item["data"]["to"].removeprefix("a@") if item["status"] == 202 else None
            other, fault = expected(text)
            if ascii == other:
                accepted += ascii is not None
            elif (reason := kind(text, ascii, other, fault)) is not None:
                kinds[reason] += 1
            else:
                differences.append((ascii_only(text), ascii, other, str(fault), item.get("explain")))
    assert not differences, f"{len(differences)}: {differences[:20]}"
    assert accepted > NAMES / 5, "most random names are valid in part only, but these are enough to compare"
    figure(f"domain names: {accepted} of {NAMES} accepted alike; differences: {dict(kinds)}")


def ascii_only(text):
    return text.encode("unicode_escape").decode()
