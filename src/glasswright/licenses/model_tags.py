"""Licenses of models by the short tags that hubs use, for those that close something: what each takes away.

These tags name license texts. A tag that is an SPDX identifier is not here; the SPDX lists answer for it.
"""

import re

# Tag pattern -> the clauses of that license, named as in `clauses.CLAUSES`.
RESTRICTED_TAGS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), clauses)
    for pattern, clauses in (
        (r"llama-?2(-community)?(-license)?", ("user_threshold", "output_use", "acceptable_use_policy")),
        (r"llama-?3(-community)?(-license)?", ("user_threshold", "output_use", "naming_duty", "acceptable_use_policy")),
        (r"llama-?(3\.[123]|4)(-community)?(-license)?", ("user_threshold", "naming_duty", "acceptable_use_policy")),
        (r"gemma(-terms.*|-license)?", ("acceptable_use_policy", "remote_restriction")),
        (r".*(open-?rail|-rail|rail-).*|openrail", ("field_of_use",)),
        (r"deepfloyd-if-license", ("field_of_use", "non_commercial")),
        (r"deepseek(-license|-model.*)?", ("field_of_use", "remote_restriction")),
        (r"(tongyi-)?qianwen(-license.*)?|qwen(-license.*)?|tongyi.*", ("user_threshold", "output_use")),
        (r"qwen-research|tongyi.*research.*", ("non_commercial",)),
        (r"databricks-open-model-license|dbrx.*", ("user_threshold", "output_use", "acceptable_use_policy")),
        (r"falcon-(llm|180b|2-11b|mamba).*", ("acceptable_use_policy",)),
        (r"minimax.*|.*chatglm.*|glm-4", ("field_of_use",)),
        (r"opt-175b|opt.*license", ("non_commercial", "field_of_use")),
        (r".*(non-?commercial|noncommercial|-nc\b|research-only|research-license|-mrl|mrl|mnpl).*", ("non_commercial",)),
        (r".*(ai2-impact|impact-license|low-risk|medium-risk).*", ("field_of_use",)),
    )
)


def restricted_tag(tag: str) -> tuple[str, ...]:
    """The clauses of a license that a hub tag names; empty where the tag is not known to close anything."""
    for pattern, clauses in RESTRICTED_TAGS:
        if pattern.fullmatch(tag.strip()):
            return clauses
    return ()
