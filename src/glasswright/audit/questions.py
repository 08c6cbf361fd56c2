"""The questions that people come with, each answered from facts, for the weights and for the code.

    no        a clause of the license takes it away; the clause is quoted
    yes       the license is open; or it has terms of its own that give it, in words that are quoted
    unknown   no license is stated, or its words neither give it nor take it away: what no rule found forbidden is not
              allowed by that

An answer is about a license's words. What a court makes of them, and rights of others than the licensor, are not.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from glasswright.audit.links import place_link
from glasswright.audit.osaid import Osaid
from glasswright.audit.quoting import Quote, Quoting
from glasswright.audit.record import Fact, Facts
from glasswright.audit.settles import linked, unsettled, what_settles
from glasswright.audit.subject import Subject
from glasswright.licenses.model_licenses import terms_of
from glasswright.licenses.passing_on import passes_on

Answer = Literal["yes", "no", "unknown"]

SCOPES = ("weights", "code")
MAX_QUOTES = 3
MAX_SENTENCE = 2_000  # characters of one that a pattern is tried on
MAX_TO_SETTLE = 4  # a person reads these pages; the others stand with their facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that a license answers, and by what."""

    id: str
    words: str
    no: tuple[str, ...] = ()  # clauses that take it away
    no_names: re.Pattern[str] = re.compile("")  # what such a clause has to name
    limits: tuple[str, ...] = ()  # clauses that say up to where
    duties: tuple[str, ...] = ()  # clauses in whose sentence it is a duty, and taken from nobody
    given: re.Pattern[str] | None = None  # a sentence that gives it
    policy_decides: bool = (
        False  # a policy that lies elsewhere may take it away, so that the license alone gives nothing
    )


GRANT = r"(?i)(?=.*\bgrant(?:s|ed)?\b)(?=.*\b(?:licen[sc]e|permission)\b)"

ASKED: tuple[Asked, ...] = (
    Asked(
        id="commercial_use",
        words="May I use it commercially?",
        no=("non_commercial", "separate_commercial_license"),
        limits=("user_threshold", "revenue_threshold"),
        given=re.compile(r"(?i).*\b(?:supports?|(?:free|allowed|permitted) for) commercial use\b"),
    ),
    Asked(
        id="use_in_the_eu",
        words="May I use it in the European Union?",
        no=("territory",),
        no_names=re.compile(r"(?i)europe|\be\.?u\.?\b|\beea\b|欧盟|欧洲"),
        given=re.compile(GRANT + r"(?=.*\bworld-?wide\b)"),
        policy_decides=True,
    ),
    Asked(
        id="many_users",
        words="May I serve it to any number of users?",
        no=("user_threshold",),
        duties=("naming_duty",),
    ),
    Asked(
        id="train_others",
        words="May I train other models with it or with what it writes?",
        no=("output_use",),
        given=re.compile(r"(?i)(?=.*\boutputs?\b)(?=.*\bto (?:create, )?train\b)(?=.*\bshall (?:also )?include\b)"),
    ),
    Asked(
        id="redistribute_changed",
        words="May I pass it on, changed?",
        no=("no_derivatives", "no_redistribution"),
        given=re.compile(GRANT + r"(?=.*\bdistribut)(?=.*\b(?:derivatives?\b|modif))"),
    ),
)
NOTICES = Asked(id="notices", words="Must I print a name or a notice?")
REBUILD = Asked(id="rebuild", words="Could somebody build it again?")
REBUILD_CODE = ("training_code.present", "preprocessing_code.present")

# Clauses that bind every use, whatever it is: they are quoted beside a yes.
BINDS_EVERY_USE = ("acceptable_use_policy", "field_of_use", "remote_restriction")

# A sentence with one of these gives less than it seems to.
UNSURE = re.compile(r"(?i)\b(?:not|never|unless|solely|only|non-?commercial|research|apply|request)\b")
TAKES = re.compile(
    r"(?i)\b(?:granted|given|have|has|receives?) no rights?\b|\bno rights? (?:is|are|shall be) (?:granted|given)\b"
    r"|\bnot (?:be )?(?:granted|given) (?:any |the )?rights?\b"
)
ASKS = re.compile(r"(?i)\b(?:request|apply|obtain)\b")
ABOVE = re.compile(r"(?i)\b(?:more|greater|larger|higher) than\b|\bexceed|\babove\b|\bin excess\b|超过|大于|以上")
BELOW = re.compile(r"(?i)\b(?:less|fewer|lower|smaller) than\b|\bnot exceed|\bbelow\b|不超过|低于|小于|以下|<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One question for one scope or several: the answer in a word and a sentence, and what it rests on."""

    id: str
    words: str
    scopes: tuple[str, ...]
    answer: Answer
    sentence: str
    quotes: tuple[Quote, ...]
    facts: tuple[str, ...]
    settled_by: tuple[str, ...] = field(default=())  # pages and files, where it is unknown

    def as_record(self, subject: Subject, *, with_quotes: bool = True) -> dict[str, Any]:
        """The JSON form; a clause has the address of its lines, where it has one."""
        clauses = [
            quote.place.as_record()
            | {"quote": quote.words if with_quotes else "", "address": place_link(quote.place, subject)}
            for quote in self.quotes
        ]
        return {
            "id": self.id,
            "question": self.words,
            "scopes": list(self.scopes),
            "answer": self.answer,
            "sentence": self.sentence,
            "clauses": clauses,
            "facts": list(self.facts),
            "settled_by": list(self.settled_by),
        }


def answer_questions(subject: Subject, facts: Facts, osaid: Osaid) -> tuple[Answered, ...]:
    """Every question with its answers, in the order in which people ask."""
    read = _Read(subject, facts)
    answers = [read.may(asked, scope) for asked in ASKED for scope in SCOPES]
    return (*_joined([*answers, *(read.notices(scope) for scope in SCOPES)]), read.rebuild(osaid))


def _joined(answers: list[Answered]) -> list[Answered]:
    """Scopes with one answer for one reason stand together."""
    joined: dict[tuple[str, str, str], Answered] = {}
    for answer in answers:
        key = (answer.id, answer.answer, answer.sentence)
        seen = joined.get(key)
        joined[key] = answer if seen is None else _together(seen, answer)
    return list(joined.values())


def _together(first: Answered, second: Answered) -> Answered:
    return replace(
        first,
        scopes=(*first.scopes, *second.scopes),
        quotes=tuple(dict.fromkeys((*first.quotes, *second.quotes)))[:MAX_QUOTES],
        facts=tuple(dict.fromkeys((*first.facts, *second.facts))),
        settled_by=tuple(dict.fromkeys((*first.settled_by, *second.settled_by)))[:MAX_TO_SETTLE],
    )


class _Read:
    """What the facts of a subject answer."""

    def __init__(self, subject: Subject, facts: Facts):
        self.subject, self.facts, self.quoting = subject, facts, Quoting(subject)

    def may(self, asked: Asked, scope: str) -> Answered:
        """Whether the license of a scope allows what is asked."""
        which, is_open = self.facts[f"license.{scope}"], self.facts[f"license_open.{scope}"]
        bound, limits = self._clauses(scope, BINDS_EVERY_USE), self._limits(asked, scope)
        duties = self._duties(asked, scope)
        if taken := self._taken(asked, scope, [*limits, *duties]):
            several = f", under one of its licenses: {which.value}" if " AND " in f"{which.value}" else ""
            return self._answered(asked, scope, "no", f"{_means(taken)}{several}.", taken)
        if duties:
            return self._answered(asked, scope, "yes", f"{_means(duties)}, from the number on that is quoted.", duties)
        if limits and _is_one_and_whole(which):
            told = f"Below the limit that is quoted{_and(bound)}."
            return self._answered(asked, scope, "yes", told, [*limits, *bound])
        if is_open.status == "proved":
            return self._answered(asked, scope, "yes", f"{is_open.value} allows it.", [is_open])
        policy = self._policy(asked, scope)
        if (quote := self._given(asked, which)) and not policy:
            told = f"The words of {which.value} give it{_and(bound)}."
            given = self._answered(asked, scope, "yes", told, [which, *bound], quoted=bound)
            return replace(given, quotes=(quote, *given.quotes)[:MAX_QUOTES])
        told = is_open.note or f"whether {which.value or 'its license'} is open was not found out"
        if which.status == "proved" and is_open.status == "refuted":
            told = f"{which.value} is not an open license, and words that give or forbid this were not found in it"
            return self._answered(asked, scope, "unknown", f"{told}{_and(policy)}.", [*policy, which])
        return self._answered(asked, scope, "unknown", f"{_sentence(told)}.", [is_open, which])

    def _policy(self, asked: Asked, scope: str) -> list[Fact]:
        """The clause that binds use to a policy, where that decides and was not read."""
        if not asked.policy_decides or self.facts.proved(f"use_policy.{scope}"):
            return []
        return self._clauses(scope, ("acceptable_use_policy",))

    def notices(self, scope: str) -> Answered:
        """Which names and notices the license of a scope asks for."""
        naming, is_open = self._clauses(scope, ("naming_duty",)), self.facts[f"license_open.{scope}"]
        if naming:
            return self._answered(NOTICES, scope, "yes", f"{_means(naming)}.", naming)
        if is_open.status != "proved":
            told = "Which notices it asks for is written in its license, which was not found to be an open one."
            return self._answered(NOTICES, scope, "unknown", told, [self.facts[f"license.{scope}"], is_open])
        name = is_open.value or "its license"
        terms = terms_of(name)
        if terms is not None and not terms.duties:
            return self._answered(NOTICES, scope, "no", f"{name} asks for none.", [is_open])
        same = "; what you change and pass on stays under it" if terms is not None and passes_on(terms) else ""
        told = f"Keep the text of {name} and the copyright notices with every copy{same}."
        return self._answered(NOTICES, scope, "yes", told, [is_open])

    def rebuild(self, osaid: Osaid) -> Answered:
        """Whether data and code are there from which something equivalent could be built."""
        data, code = osaid.requirements["data_information"], [self.facts[i] for i in REBUILD_CODE]
        statuses = {data.status, *(fact.status for fact in code)}
        answer: Answer = "no" if "refuted" in statuses else "unknown" if "unknown" in statuses else "yes"
        lacking = list(data.reasons) if data.status != "proved" else []
        lacking += [f"{_words(fact)}: {fact.note}" for fact in code if fact.status != "proved"]
        told = "; ".join(dict.fromkeys(lacking)) or "The data is named and the code is there"
        if answer == "yes" and any(snapshot.kind == "release" for snapshot in self.subject.snapshots):
            told = "Bit for bit, if it is what it says: `glasswright rebuild` builds it and compares"
        elif answer == "yes":
            told += "; whether it gives the same model nobody has shown"
        facts = [self.facts[i] for i in dict.fromkeys((*data.facts, *REBUILD_CODE))]
        speaking = [fact for fact in facts if fact.status == ("refuted" if answer == "no" else "proved")]
        answered = self._answered(REBUILD, "data", answer, f"{_sentence(told)}.", facts, quoted=speaking)
        return replace(answered, scopes=("data", "code"))

    def _answered(
        self,
        asked: Asked,
        scope: str,
        answer: Answer,
        told: str,
        facts: list[Fact],
        *,
        quoted: list[Fact] | None = None,
    ) -> Answered:
        ids = tuple(fact.id for fact in facts)
        return Answered(
            id=asked.id,
            words=asked.words,
            scopes=(scope,),
            answer=answer,
            sentence=told,
            quotes=self._quotes(facts if quoted is None else quoted),
            facts=ids,
            settled_by=self._settled(ids) if answer == "unknown" else (),
        )

    def _settled(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        places = [what_settles(fact, self.subject) for fact in unsettled(self.facts, ids)]
        if not places:  # the license is known and has terms of its own: its text decides, and the policy that it names
            policies = [a for i in ids if i.startswith("clause.") for a in linked(self.facts[i], self.subject)]
            places = [*policies, *(_text(self.facts[i]) for i in ids if i.startswith("license."))]
        return tuple(dict.fromkeys(places))[:MAX_TO_SETTLE]

    def _clauses(self, scope: str, kinds: tuple[str, ...]) -> list[Fact]:
        return [fact for kind in kinds if (fact := self.facts[f"clause.{scope}.{kind}"]).status == "proved"]

    def _limits(self, asked: Asked, scope: str) -> list[Fact]:
        """Clauses that name a number above which other terms hold; one that names what lies below allows nothing."""
        if self.facts[f"license.{scope}"].status != "proved":
            return []
        words = [(fact, self._says(fact)) for fact in self._clauses(scope, asked.limits)]
        return [fact for fact, said in words if ABOVE.search(said) and not BELOW.search(said)]

    def _duties(self, asked: Asked, scope: str) -> list[Fact]:
        """Clauses of the sentence that names a number, where it asks for no license: "above N, display our name"."""
        numbers = {self._says(fact) for fact in self._clauses(scope, asked.no)}
        duties = [(fact, self._says(fact)) for fact in self._clauses(scope, asked.duties)]
        return [fact for fact, said in duties if said in numbers and ABOVE.search(said) and not ASKS.search(said)]

    def _taken(self, asked: Asked, scope: str, but: list[Fact]) -> list[Fact]:
        """Clauses that say no; not one in the sentence of another: "above N users, you must request a license"."""
        within = {self._says(fact) for fact in but}
        clauses = [(fact, self._says(fact)) for fact in self._clauses(scope, asked.no)]
        return [fact for fact, said in clauses if said not in within and asked.no_names.search(said)]

    def _given(self, asked: Asked, which: Fact) -> Quote | None:
        """The sentence of a license, or of what states it, that gives what is asked."""
        if asked.given is None or not _is_one_and_whole(which):
            return None
        if self._clauses(which.id.partition(".")[2], asked.limits):
            return None
        for place in which.evidence:
            sentences = self.quoting.sentences(place)
            if any(TAKES.search(quote.words) for quote in sentences):
                return None
            is_text = place.rule == "license.text"  # else its conditions may stand in the sentence beside it
            for quote in sentences:
                said = quote.words if is_text else " ".join(q.words for q in sentences)
                if asked.given.match(quote.words[:MAX_SENTENCE]) and not UNSURE.search(said):
                    return quote
        return None

    def _says(self, fact: Fact) -> str:
        return " ".join(self.quoting.sentence(place) for place in fact.evidence[:MAX_QUOTES])

    def _quotes(self, facts: list[Fact]) -> tuple[Quote, ...]:
        """The first place of each fact, each place once; what was added to a known license, where something was."""
        places = ([e for e in fact.evidence if e.rule == "license.addition"] or fact.evidence for fact in facts)
        quotes = [self.quoting.quote(place) for of_fact in places for place in of_fact[:1]]
        return tuple({(q.place.file, q.words or q.place.lines): q for q in quotes}.values())[:MAX_QUOTES]


def _is_one_and_whole(which: Fact) -> bool:
    """Whether a license is known, and is one text that nobody changed; of two, none gives anything alone."""
    name = f"{which.value}"
    is_changed = name.startswith("LicenseRef-changed-") or any(e.rule == "license.addition" for e in which.evidence)
    return which.status == "proved" and " AND " not in name and not is_changed


def _text(which: Fact) -> str:
    """The text of a license, where it is at hand, or else by its name."""
    place = next((e.file for e in which.evidence if e.rule == "license.text"), f"the text of {which.value}")
    return f"{place}, read by a person"


def _means(clauses: list[Fact]) -> str:
    return _sentence("; ".join(dict.fromkeys(str(fact.value) for fact in clauses)))


def _and(clauses: list[Fact]) -> str:
    return f"; {'; '.join(dict.fromkeys(str(fact.value) for fact in clauses))}" if clauses else ""


def _words(fact: Fact) -> str:
    return fact.id.split(".")[0].replace("_", " ")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
