"""What sentences in other languages than English take away, and whether they speak of licenses at all.

    "Die Texte dürfen nicht kommerziell genutzt werden."     LicenseRef-NC
    "未经许可，不得转载。"                                      LicenseRef-no-copies
    "Tous droits réservés."                                  LicenseRef-all-rights-reserved
    "Lizenz nach Vereinbarung."                              LicenseRef-unread: of a license, and nobody here can tell

`languages.toml` holds the words; here is how they come together. A sentence is read in every language whose words it
has: what is taken for a restriction in one language is one.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from glasswright.licenses.any_case import AnyCase

NC, ND = "LicenseRef-NC", "LicenseRef-ND"
NO_COPIES, NO_TRAINING = "LicenseRef-no-copies", "LicenseRef-no-training"
RESERVED, UNREAD = "LicenseRef-all-rights-reserved", "LicenseRef-unread"
USE = re.compile(
    r"verwend|nutz|utilis|utiliz|\bus[oa]\b|\busar|gebruik|wykorzyst|używ|korzyst|использ|servir|用于|使用|利用|이용|사용|استخدام",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?:[^.!?;。！？；\n]|[.!?;](?=[^\s])|\n(?![ \t]{0,80}(?:[\n\-*•#|>]|\Z)))+")
MAX_CHARS = 100_000  # of a text; what is longer is no license
MAX_SENTENCE = 600  # characters; what is longer is cut
MIN_LETTERS = 4
ONLY_ENGLISH = re.compile(r"\b(?:the|and|to|are|with|for|this|that|any|from|you|not|which|have|may|your|can|use)\b")
PLAIN_ENGLISH = 2  # of these words, in a sentence that is not read for others
TELLING = ("reserved", "noncommercial", "forbid")  # of whose language a few words are
# The word for a license in languages of which no sentence is read here, in their own scripts and in Latin letters.
NOT_READ = AnyCase(
    r"लाइसे[ंन]|লাইসেন্স|લાઇસન્સ|ਲਾਇਸੈਂਸ|உரிம|లైసెన్స|ಪರವಾನಗಿ|ലൈസൻസ|สัญญาอนุญาต|ใบอนุญาต|ลิขสิทธิ์|רישיון|רשיון|άδεια|ლიცენზი|արտոնագ|លិខិតអនុញ្ញាត|ፈቃድ"
    r"|ліценз|\blisans|\blisens|lisenssi|\blicens(?:en|ier\w*|villkor\w*|avtal\w*|betingelse\w*)\b|\blicencí|\blicenc(?:i|e je|ov\w*|ij\w*|a|om|u)\b"
    r"|licenț|litsents|giấy phép|\blisensi|llicènci|lizentzia|\bleseni\b|trwydded|ceadúnas|\blicenc\w*nek\b|engedély|dozvol[aeiu]\b"
)
# The same for commerce, and for what research is only for: nothing of such a sentence is read but that it may be terms.
COMMERCE_NOT_READ = AnyCase(
    r"व्यावसायिक|वाणिज्य|বাণিজ্যিক|வணிக|వాణిజ్య|เชิงพาณิชย์|מסחרי|εμπορικ|تجاری|комерц|\bticari\b|thương mại|komersi[ai]l|kommersiel|kommersiell"
    r"|kaupalli|komerčn|kereskedelmi|\bcomercial[ăe]\b|komercij|kommerts|komercial|ärilis"
    r"|\b(?:yalnızca|sadece)\b.{0,40}(?:araştırma|akademik|kişisel)|\bchỉ\b.{0,40}(?:nghiên cứu|cá nhân)|\bhanya\b.{0,40}(?:penelitian|pribadi|akademik)"
    r"|\b(?:endast|bara|kun|bare)\b.{0,40}(?:forskning|privat|personlig)|(?:лише|тільки)\b.{0,40}(?:дослідж|науков|особист)"
    r"|\b(?:pouze|jen)\b.{0,40}(?:výzkum|osobní)|\bvain\b.{0,40}(?:tutkimu|henkilökoht)|केवल.{0,40}(?:शोध|अनुसंधान|निजी)"
)
MIN_OF_A_LANGUAGE = 2  # words
BEFORE, AFTER = 20, 40  # characters from "only" to what it is only for
ENGLISH = re.compile(
    r"\b(?:the|of|and|to|is|are|with|for|this|that|any|be|or|from|by|it|you|not|under|all|as|may|on|which|have|we|they|what|must|who|if|our|us|your|has|will|there|its|these|those|are)\b"
)


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """The words of one language, by what they stand for."""

    name: str
    has_own_script: bool
    words: dict[str, str]  # patterns, compiled when they are first asked for: most texts are in one language
    taken: tuple[str, ...]
    free: tuple[str, ...]

    def has(self, idea: str, sentence: str) -> bool:
        """Whether a sentence has a word for an idea."""
        return bool(self.pattern(idea).search(sentence))

    def pattern(self, idea: str) -> AnyCase:
        """The words for an idea."""
        return _compiled(self.words[idea])

    def takes(self, sentence: str) -> str | None:
        """What a sentence takes away of an open license, or None."""
        has = {idea for idea in self.words if self.has(idea, sentence)}
        is_use = bool(USE.search(sentence)) or bool(has & {"copy", "change"})
        is_free = "both" in has or (
            "permit" in has and "commerce" in has and not has & {"deny", "forbid", "only", "ask"}
        )
        if has & {"noncommercial", "commerce", "sold"} and not is_free:
            return NC
        if (
            "trade" in has
            and "both" not in has
            and (
                has & {"forbid", "only"}
                or ("gives" not in has and ("ask" in has or ((is_use or "license" in has) and "deny" in has)))
            )
        ):
            return NC
        if self._is_only_alone(sentence):
            return NC
        if "train" in has and ("forbid" in has or ("deny" in has and (is_use or "rivals" in has))):
            return NO_TRAINING
        if "reserved" in has or {"fields", "out"} <= has or {"license", "ends"} <= has:
            return RESERVED
        if "unchanged" in has or {"change", "forbid"} <= has:
            return ND
        if is_use and (
            "forbid" in has or ("ask" in has and has & {"without", "only"} and not has >= {"gives", "both"})
        ):
            return NO_COPIES
        is_denied = "license" in has and has & {"deny", "forbid"} and not has & {"pointer", "permit"}
        return RESERVED if is_denied else None

    def may_take(self, sentence: str) -> bool:
        """Whether a sentence may take something away: of the work, or of what is done with it, and not plainly free."""
        has = {idea for idea in self.words if self.has(idea, sentence)}
        is_use = bool(USE.search(sentence)) or bool(has & {"copy", "change", "train", "license"})
        takes = (
            has & {"ends", "sold"}
            or ("forbid" in has and (is_use or has & {"trade", "fields", "out", "permit", "rivals"}))
            or ("fields" in has and has & {"deny", "out", "only"})
            or ("ask" in has and has & {"without", "trade", "permit"})
            or ("deny" in has and has & {"trade", "permit", "change", "train"})
            or ("only" in has and "trade" in has)
            or self._is_only_alone(sentence)
            or {"rivals", "train", "deny"} <= has
        )
        return bool(takes) and "gives" not in has and "both" not in has and "pointer" not in has

    def _is_only_alone(self, sentence: str) -> bool:
        """Whether "only" stands near "private", "research" and the like."""
        return any(
            self.pattern("alone").search(sentence, max(0, only.start() - BEFORE), only.end() + AFTER)
            for only in self.pattern("only").finditer(sentence)
        )


@cache
def _compiled(words: str) -> AnyCase:
    return AnyCase(words)


@cache
def languages() -> tuple[Language, ...]:
    """Every language that is read beside English."""
    stated = tomllib.loads(resources.files(__package__).joinpath("languages.toml").read_text(encoding="utf-8"))
    return tuple(
        Language(
            name,
            of.get("has_own_script", False),
            {idea: words for idea, words in of.items() if isinstance(words, str)},
            tuple(of["taken"]),
            tuple(of["free"]),
        )
        for name, of in stated.items()
    )


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text in any script, items of lists and cells of their own, with their places."""
    for found in SENTENCE.finditer(text[:MAX_CHARS]):
        for start in range(found.start(), found.end(), MAX_SENTENCE):
            sentence = " ".join(text[start : min(found.end(), start + MAX_SENTENCE)].split())
            if len(sentence) >= MIN_LETTERS:
                yield start, sentence


@lru_cache(maxsize=4096)
def spoken_in(sentence: str) -> tuple[Language, ...]:
    """The languages whose script a sentence has, or else whose words it has most of; none where that is English."""
    if not sentence.isascii():
        own = (language for language in languages() if language.has_own_script and language.has("speaks", sentence))
        if spoken := tuple(own):
            return spoken
    lowered = sentence.lower()
    if sentence.isascii() and len(set(ONLY_ENGLISH.findall(lowered))) >= PLAIN_ENGLISH:
        return ()
    num_english = len(set(ENGLISH.findall(lowered)))
    hits = {
        language.name: len({match.group() for match in language.pattern("speaks").finditer(lowered)})
        for language in languages()
    }
    most = max(hits.values())
    if num_english > most:
        return ()
    if most == 0:
        return tuple(language for language in languages() if any(language.has(idea, sentence) for idea in TELLING))
    return tuple(language for language in languages() if hits[language.name] == most)


def taken_in_words(text: str) -> Iterator[tuple[int, str]]:
    """What the sentences of a text take away, and where."""
    for place, sentence in sentences(text):
        taken = (language.takes(sentence) for language in spoken_in(sentence))
        if name := next(filter(None, taken), None):
            yield place, name


def may_take(sentence: str) -> bool:
    """Whether a sentence, wherever it stands, may take something away in another language than English."""
    return any(_is_surely(language, sentence) and language.may_take(sentence) for language in spoken_in(sentence))


def _is_surely(language: Language, sentence: str) -> bool:
    """Whether a sentence has a language's script or two of its words: one may be a part of a name."""
    if language.has_own_script:
        return True
    return len({match.group() for match in language.pattern("speaks").finditer(sentence.lower())}) >= MIN_OF_A_LANGUAGE


def says_license(sentence: str) -> bool:
    """Whether a sentence says, in words of another language, under which license something is."""
    spoken = spoken_in(sentence)
    return any(language.has("licensed", sentence) and not language.has("others", sentence) for language in spoken)


def is_plainly_free(language: Language, sentence: str, *, names_open: bool) -> bool:
    """Whether a sentence gives, or says where a license stands, and none of its words takes anything.

    names_open:  it names a license that is open
    """
    has = {idea for idea in language.words if language.has(idea, sentence)}
    if language.takes(sentence) or has & {"only", "forbid", "apart", "ends", "fields"}:
        return False
    if "gives" in has and ("deny" in has or "both" in has or "ask" not in has):
        return True
    is_told = names_open or bool(has & {"pointer", "both"})
    return (is_told and not has & {"deny", "trade"}) or ("permit" in has and not has & {"deny", "ask"})


def is_in_no_language_read(sentence: str) -> bool:
    """Whether a sentence has the word for a license, or for commerce, in a language of which nothing is read here."""
    return bool(NOT_READ.search(sentence) or COMMERCE_NOT_READ.search(sentence))


def is_unread(sentence: str) -> bool:
    """Whether a sentence speaks of a license, does not say where it stands, and nothing of it is understood."""
    return any(
        language.has("license", sentence) and not language.has("pointer", sentence) for language in spoken_in(sentence)
    )
