"""Personal data and secrets, masked and counted.

    email    an address, unless it lies in a domain kept for examples (RFC 2606), is git's login ("git@host:"), names a
             message ("https://lists.example/20170505-1@host", "Message-ID: <...>") or ends like a file ("logo@2x.png")
    phone    "+" and 8 to 15 digits (E.164), or ten digits written the North American way; 555-01xx is for fiction
    ip       a public IPv4 or IPv6 address; private, loopback and documentation networks name nobody, five digits or
             less number a section, and what follows "version" or a name and a slash is a version
    card     13 to 19 digits that a card issuer could have given out, with a right check digit (ISO/IEC 7812, Luhn)
    key      tokens with their issuer's mark (AWS, GitHub, GitLab, Slack, Stripe, Google, OpenAI, Anthropic, Hugging
             Face, npm, PyPI), JSON web tokens, and whole blocks of private keys; not AWS's "...EXAMPLE"

Each is replaced by its name in angle brackets, "<email>". Masking twice changes nothing more. What this cannot see:
names, street addresses, numbers written another way. What it can take wrongly: four-part version numbers that are
called nothing. A pattern begins with the character it is found by, and looks back after it, because `re` searches for
that much faster.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Masked:
    """The text without what was found, and how much of each kind that was."""

    text: str
    counts: Counter[str]


@dataclass(frozen=True, slots=True)
class _Detector:
    """One way to find one kind. `mark` stands in every match: a text without it is not searched."""

    kind: str
    mark: str
    pattern: re.Pattern[str]
    accepts: Callable[[re.Match[str]], bool] = lambda _: True


_EXAMPLE_DOMAIN = re.compile(r"(?:^|[@.])(?:example(?:\.(?:com|net|org))?|invalid|test|localhost)$", re.IGNORECASE)
_FILE_NAME = re.compile(
    r"\.(?:txt|json|ya?ml|xml|html?|css|jsx?|tsx|cfg|conf|ini|csv|log|pem|png|jpe?g|gif|svg|webp|pdf|zip|gz|exe|dll|so"
    r"|service|socket|timer|mount|slice)$",
    re.IGNORECASE,
)
_NAMES_A_MESSAGE = re.compile(
    r"://[^\s/?#]+/[^\s?#]*$|(?:message-id|in-reply-to|references):\s{0,4}<[^>\s]*$", re.IGNORECASE
)
_NAMES_A_VERSION = re.compile(r"(?:[a-z]/|\b(?:versions?|release|section|build)[:=]?\s{0,2})$", re.IGNORECASE)
_LOOK_BACK = 256  # characters
_SECTION_DIGITS = 5
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)\d*|3[47]\d{13}|6(?:011|5|4[4-9])\d*"
    r"|35(?:2[89]|[3-8])\d*|3(?:0[0-5]|[68])\d{11}|62\d{14,17}"
)
# RFC 6890, RFC 5737, RFC 3849; of IPv6 only 2000::/3 is given out
_NETWORKS_OF_NOBODY = [
    ipaddress.ip_network(network)
    for row in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24",
        "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3",
        "2001:db8::/32 ::/3 4000::/2 8000::/1",
    )
    for network in row.split()
]


def _is_somebodys_address(match: re.Match[str]) -> bool:
    is_login = match[0].startswith("git@") and match.string[match.end() : match.end() + 1] == ":"
    names_nobody = _EXAMPLE_DOMAIN.search(match[0]) or _FILE_NAME.search(match[0])
    return not (is_login or names_nobody or _NAMES_A_MESSAGE.search(_before(match)))


def _before(match: re.Match[str]) -> str:
    """The end of the text before a match."""
    return match.string[max(0, match.start() - _LOOK_BACK) : match.start()]


def _is_card(match: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", match[0])
    if not _ISSUED.fullmatch(digits) or (digits[0] in "256" and digits[:2] != "62" and len(digits) != 16):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _is_phone(match: re.Match[str]) -> bool:
    return 8 <= sum(map(str.isdigit, match[0])) <= 15


def _is_not_fiction(match: re.Match[str]) -> bool:
    return re.sub(r"\D", "", match[0])[3:8] != "55501"


def _is_public(match: re.Match[str]) -> bool:
    is_ipv4 = "." in match[0]
    if is_ipv4 and (sum(map(str.isdigit, match[0])) <= _SECTION_DIGITS or _NAMES_A_VERSION.search(_before(match))):
        return False
    try:
        address = ipaddress.ip_address(match[0])
    except ValueError:
        return False
    return not any(address in network for network in _NETWORKS_OF_NOBODY)


_TOKENS = (
    ("AKIA", r"AKIA(?!\w{9}EXAMPLE)[A-Z2-7]{16}\b"),
    ("ASIA", r"ASIA[A-Z2-7]{16}\b"),
    (
        "ecret",
        r"[aA][wW][sS]_?[sS](?i:ecret_?(?:access_?)?key)[\"']?\s{0,4}[=:]\s{0,4}[\"']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])",
    ),
    ("gh", r"gh[pousr]_[A-Za-z0-9]{36,251}\b"),
    ("github_pat_", r"github_pat_[A-Za-z0-9_]{82}\b"),
    ("glpat-", r"glpat-[A-Za-z0-9_-]{20,}"),
    ("xox", r"xox[abeprs]-[A-Za-z0-9-]{10,}"),
    ("xapp-", r"xapp-\d-[A-Za-z0-9-]{20,}"),
    ("hooks.slack.com", r"hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{20,}"),
    ("_live_", r"[rs]k_live_[A-Za-z0-9]{24,}\b"),
    ("ya29.", r"ya29\.(?<![\w.-]ya29\.)[A-Za-z0-9_-]{30,}"),
    ("GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{28}(?![A-Za-z0-9_-])"),
    ("AIza", r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    ("sk-", r"sk-(?<![\w-]sk-)(?:proj-|svcacct-|ant-[a-z0-9]+-)?[A-Za-z0-9_-]{40,}"),
    ("hf_", r"hf_[A-Za-z0-9]{34}\b"),
    ("npm_", r"npm_[A-Za-z0-9]{36}\b"),
    ("pypi-", r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}"),
    ("eyJ", r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    (
        "PRIVATE KEY",
        r"(?s)-----BEGIN ([A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?)-----.{1,16384}?-----END \1-----",
    ),
)

_DETECTORS = (
    *(_Detector("key", mark, re.compile(pattern)) for mark, pattern in _TOKENS),
    _Detector(
        "email",
        "@",
        re.compile(r"[A-Za-z0-9](?<![\w.+-].)[A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b"),
        _is_somebodys_address,
    ),
    _Detector("card", "", re.compile(r"\d(?<![\w.+-].)(?:[ -]?\d){12,18}(?![\w-])"), _is_card),
    _Detector(
        "phone",
        "+",
        re.compile(r"\+(?<![\w+].)[1-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){5,12}(?![\w-])"),
        _is_phone,
    ),
    _Detector(
        "phone",
        "",
        re.compile(r"[(2-9](?<![\w.+/-].)(?:(?<=\()[2-9]\d\d\) ?|(?<!\()\d\d[.-])[2-9]\d\d[.-]\d{4}(?![\w/-]|\.\d)"),
        _is_not_fiction,
    ),
    _Detector("ip", ".", re.compile(r"\d(?<![\w.-].)\d{0,2}(?:\.\d{1,3}){3}(?![\w-]|\.\d)"), _is_public),
    _Detector("ip", "::", re.compile(r"[23](?<![\w:.].)[0-9a-fA-F]{3}:[0-9a-fA-F:]{2,34}(?![\w:])"), _is_public),
    _Detector("ip", ":", re.compile(r"[23](?<![\w:.].)[0-9a-fA-F]{3}(?::[0-9a-fA-F]{1,4}){7}(?![\w:])"), _is_public),
)


def mask(text: str) -> Masked:
    """Replace everything found by the name of its kind."""
    counts: Counter[str] = Counter()
    for detector in _DETECTORS:
        if detector.mark in text:
            text = _replace(detector, text, counts)
    return Masked(text, counts)


def _replace(detector: _Detector, text: str, counts: Counter[str]) -> str:
    def name(match: re.Match[str]) -> str:
        if not detector.accepts(match):
            return match[0]
        counts[detector.kind] += 1
        return f"<{detector.kind}>"

    return detector.pattern.sub(name, text)
