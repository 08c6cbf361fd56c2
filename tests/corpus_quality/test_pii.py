"""Personal data and secrets are masked; what only looks like them stays. Every secret here was made up for the test."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.corpus.quality.pii import mask

A, B = "Ab3" * 30, "ABCDEFGHIJKLMNOP"
MASKED = {
    "email": ["jane.doe@corp-mail.co.uk", "x+tag@sub.domain.org"],
    "phone": ["+44 20 7946 0958", "+1 (212) 736-5000", "(212) 736-5000", "212-736-5000", "+4915112345678"],
    "ip": ["93.184.216.34", "2a00:1450:4001:81b::200e", "2a00:1450:4001:081b:0000:0000:0000:200e"],
    "card": ["4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005", "6011111111111117"],
    "key": [
        "AKIA" + B,
        f"aws_secret_access_key = {A[:40]}",
        "ghp_" + A[:36],
        "github_pat_" + A[:82],
        "glpat-" + A[:20],
        "xoxb-" + "123456789012-abc",
        "xapp-1-" + A[:30],
        "hooks.slack.com/services/T" + A[:8] + "/B" + A[:8] + "/" + A[:24],
        "ya29." + A[:40],
        "GOCSPX-" + A[:28],
        "sk_live_" + A[:24],
        "AIza" + A[:35],
        "sk-proj-" + A[:48],
        "sk-ant-api03-" + A[:80],
        "hf_" + A[:34],
        "npm_" + A[:36],
        "eyJ" + A[:20] + ".eyJ" + A[:20] + "." + A[:40],
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE" + A + "\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOY" + A + "\n-----END PGP PRIVATE KEY BLOCK-----",
    ],
}
KEPT = [
    "user@example.com and root@localhost",
    "git@github.com:owner/name.git",
    "https://lists.test/git/20170505152802.6724-1-benjamin@corp-mail.org/ and https://x.test/a/TvWy=B8r@corp-mail.org",
    "Message-ID: <7voe7g3uop.fsf@corp-mail.org>, References: <a/b/1@corp-mail.org>",
    "icon@2x.png, user@contents.txt, getty@tty1.service",
    "AKIAIOSFODNN7EXAMPLE",
    "Chrome/4.0.249.89, version 14.0.249.89, Section 21.1.12.13, [21.1.1.1 Number(value)]",
    "127.0.0.1, 10.1.2.3, 192.168.1.1, 192.0.2.7, ::1, fe80::1, 2001:db8::7",
    "see section 3.1.2.2, version 1.22.333.4444, v12.34.56.78",
    "4111 1111 1111 1112 has a wrong check digit; 1234567812345670 has no issuer",
    "555-0123 and 212-555-0123 are for fiction; 2019-03-12; 12:34:56; +0100; 1 + 12345678",
    "ISBN 978-3-16-148410-0; sha1 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
    "task-" + "kebab-case-name-that-goes-on-and-on-for-a-very-long-while",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "an e-mail @ home, @decorator, $100.00, 100,000,000,000",
]


@pytest.mark.parametrize(("kind", "secret"), [(kind, secret) for kind, secrets in MASKED.items() for secret in secrets])
def test_it_is_masked_and_counted(kind: str, secret: str) -> None:
    found = mask(f"Before {secret} after, and ({secret}).")
    assert found.text == f"Before <{kind}> after, and (<{kind}>)."
    assert dict(found.counts) == {kind: 2}


def test_an_address_that_is_asked_for_by_a_web_address_or_is_its_host_is_masked() -> None:
    found = mask("https://a.test/?to=jane@corp-mail.org http://93.184.216.34/ mailto:jane@corp-mail.org <a@corp.org>")
    assert found.text == "https://a.test/?to=<email> http://<ip>/ mailto:<email> <<email>>"


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_it_stays(text: str) -> None:
    found = mask(text)
    assert found.text == text
    assert not found.counts


def test_a_wrong_check_digit_is_no_card_whichever_digit_is_wrong() -> None:
    number = "4539578763621486"
    assert mask(number).text == "<card>"
    for place in range(1, 16):
        changed = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        assert mask(changed).text == changed


@given(st.text(alphabet="abc019.@-+ :()<>", max_size=80))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once
