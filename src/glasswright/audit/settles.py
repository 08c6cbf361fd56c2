"""Which page or file would settle what is unknown: by why it is unknown, then by what is asked.

unlicensed    a license file or a line in the card's head, in the repository that holds the thing
unreachable   the address that the evidence names
else          the page or file in which such a thing stands, from the table below
"""

import re
from collections.abc import Iterable

from glasswright.audit.record import Fact, Facts
from glasswright.audit.subject import Subject

# Component or fact -> where it stands when somebody publishes it.
PLACES: dict[str, str] = {
    "architecture_code": "the file that defines the model, in its code repository",
    "training_code": "the repository with the script that trained it",
    "inference_code": "the repository with the script that runs it",
    "evaluation_code": "the repository with the script that evaluated it",
    "preprocessing_code": "the repository with the scripts that made the training data",
    "supporting_libraries": "requirements.txt or pyproject.toml of the code",
    "final_parameters": "the listing of the repository that holds the weights",
    "base_parameters": "the listing of the repository that holds the base weights",
    "tuned_parameters": "the listing of the repository that holds the tuned weights",
    "intermediate_parameters": "the listing of the repository that holds the checkpoints",
    "tokenizer": "the listing of the repository that holds the weights",
    "model_metadata": "the head of the model card",
    "datasets_base": "a data card that lists all sources of the training data",
    "datasets_tuning": "a data card that lists all sources of the tuning data",
    "evaluation_data": "the listing of the repository that holds the evaluation data",
    "model_card": "the readme of the repository that holds the weights",
    "data_card": "the readme of each data set",
    "data_preparation": "a data card, or the chapter of the paper on data",
    "technical_report": "the technical report itself",
    "research_paper": "the paper itself",
    "evaluation_results": "the results in the model card or the paper",
    "sample_outputs": "samples in the model card",
    "hardware_description": "the chapter of the card or paper on training",
    "architecture_description": "the chapter of the card or paper on the model",
    "training_compute": "the number of parameters and of training tokens, in the card or paper",
    "copyright_policy": "the provider's copyright policy (Art. 53(1)(c))",
    "training_summary": "the provider's summary of the training content (Art. 53(1)(d))",
    "publisher": "the model card or the readme",
}
LICENSED = {
    "weights": "a LICENSE file beside the weights, or `license:` in the head of the model card",
    "code": "a LICENSE file at the top of the code repository",
    "data": "the license in the card of each data set",
    "document": "a LICENSE file beside the documents",
}
MAX_LINES = 20  # of one place: a license text is a place of hundreds, and its addresses are not the fact's
ADDRESS = re.compile(r"https://[^\s<>()\[\]\"'`,;|]{4,200}")


def what_settles(fact: Fact, subject: Subject) -> str:
    """The page or file that would settle an unknown fact."""
    subject_word, _, aspect = fact.id.partition(".")
    if fact.gap == "unreachable" and (addresses := linked(fact, subject)):
        return ", ".join(addresses[:3])
    if fact.evidence and fact.id.startswith("license"):
        return f"{fact.evidence[-1].file}, read by a person"
    if fact.id.startswith("license"):
        return LICENSED.get(aspect, "a LICENSE file")
    return PLACES.get(subject_word, "a page of the publisher that speaks of it")


def linked(fact: Fact, subject: Subject) -> list[str]:
    """The addresses that stand on the lines of a fact's evidence, each once."""
    texts = {document.where: document.lines for document in subject.documents}
    found: dict[str, None] = {}
    for evidence in fact.evidence:
        first, last = evidence.lines or (1, 0)
        lines = texts.get(evidence.file, ())[first - 1 : last][:MAX_LINES]
        for address in ADDRESS.findall(" ".join(lines)):
            found.setdefault(address.rstrip(".:#?!*_"))
    return list(found)


def unsettled(facts: Facts, ids: Iterable[str]) -> list[Fact]:
    """The unknown ones among some facts, each once."""
    return [facts[i] for i in dict.fromkeys(ids) if facts[i].status == "unknown"]


def open_ends(facts: Facts, ids: Iterable[str], subject: Subject) -> dict[str, list[str]]:
    """Each page or file that would settle something, with the facts that it would settle."""
    ends: dict[str, list[str]] = {}
    for fact in unsettled(facts, ids):
        ends.setdefault(what_settles(fact, subject), []).append(fact.id)
    return ends
