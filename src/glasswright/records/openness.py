"""What an audit found of a release: the word that its evidence supports, and what it lacks for a better one."""

from dataclasses import dataclass

OPEN_SOURCE = "open source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Openness:
    """The verdicts that a model card repeats."""

    word: str  # open source, open weights, restricted weights, closed or unknown
    osaid: str  # Open Source AI Definition 1.0: proved, refuted or unknown
    mof_class: str  # Model Openness Framework: I, II, III, none or unknown
    lacking: tuple[tuple[str, str], ...]  # (requirement or component that is not proved, why)

    def __post_init__(self) -> None:
        if self.word == OPEN_SOURCE and self.osaid != "proved":
            raise ValueError(f"word: {OPEN_SOURCE} is said of what is proved, and the definition is {self.osaid}")
