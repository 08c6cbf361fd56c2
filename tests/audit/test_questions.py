"""The questions that people come with: what says yes, what says no, and what leaves them unknown."""

from pathlib import Path

import pytest
from tests.audit.builder import LICENSE, closed_subject, open_subject, write

from glasswright.audit import audit_subject
from glasswright.audit.questions import ASKED, Answered
from glasswright.audit.settles import PLACES, what_settles
from glasswright.audit.subject import load_folder

GRANTED = "You are granted a worldwide, royalty-free limited license to use, distribute and modify the Materials."
ABOVE = "If you have more than 700 million monthly active users, you must request a license from us."


def answers(folder: Path) -> dict[tuple[str, str], Answered]:
    """Each answer by question and scope."""
    return {(a.id, scope): a for a in audit_subject(load_folder(folder)).questions for scope in a.scopes}


def under(folder: Path, *terms: str, readme: str = "") -> dict[tuple[str, str], Answered]:
    """The answers for weights under a license of these sentences, one a section."""
    sections = "\n\n".join(f"{number}. {term}" for number, term in enumerate(terms, 1))
    text = f"BRAMBLE MODEL LICENSE\n\n{sections}\n"
    stated = f"# Bramble\n\n## License\n\nThe model weights are under the [Model License](LICENSE-MODEL). {readme}\n"
    return answers(write(folder, {"a__b/README.md": stated, "a__b/LICENSE-MODEL": text}))


def test_an_open_license_allows_everything_and_asks_for_its_notices(tmp_path: Path):
    found = answers(open_subject(tmp_path))
    for asked in ASKED:
        for scope in ("weights", "code"):
            assert (found[asked.id, scope].answer, found[asked.id, scope].sentence) == ("yes", "Apache-2.0 allows it.")
    assert "Keep the text of Apache-2.0" in found["notices", "code"].sentence


def test_scopes_under_one_license_are_one_answer_and_others_are_two(tmp_path: Path):
    assert answers(open_subject(tmp_path / "a"))["many_users", "code"].scopes == ("weights", "code")
    assert answers(closed_subject(tmp_path / "b"))["many_users", "code"].scopes == ("code",)


@pytest.mark.parametrize(
    ("asked", "clause"),
    [
        ("commercial_use", "The Model may be used for research purposes only."),
        ("commercial_use", "For commercial use, please contact us to apply."),
        ("use_in_the_eu", "The rights are not granted to persons domiciled in the European Union."),
        ("many_users", ABOVE),
        ("train_others", "You may not use the outputs of the Model to improve any other language model."),
        ("redistribute_changed", "You may not create derivative works."),
    ],
)
def test_a_clause_says_no_in_its_own_words_at_its_own_line(asked: str, clause: str, tmp_path: Path):
    answered = under(tmp_path, "You may run it.", clause)[asked, "weights"]
    assert answered.answer == "no"
    assert answered.quotes[0].words.removeprefix("2. ") == clause
    assert answered.quotes[0].place.lines == (5, 5)


def test_a_territory_without_the_union_in_it_says_nothing_of_the_union(tmp_path: Path):
    found = under(tmp_path, "The rights are not granted to persons domiciled in South Korea.")
    assert found["use_in_the_eu", "weights"].answer != "no"


def test_a_limit_says_yes_below_it_and_a_license_asked_for_above_it_is_no_ban(tmp_path: Path):
    answered = under(tmp_path, GRANTED, ABOVE)["commercial_use", "weights"]
    assert answered.answer == "yes"
    assert "Below the limit" in answered.sentence
    assert "700 million" in answered.quotes[0].words


def test_a_limit_in_one_of_two_licenses_allows_nothing_alone(tmp_path: Path):
    other = "The model weights are also under the [Other License](OTHER-LICENSE)."
    write(tmp_path, {"a__b/OTHER-LICENSE": "OTHER LICENSE\n\n1. You may use the model weights to learn from them.\n"})
    assert under(tmp_path, GRANTED, ABOVE, readme=other)["commercial_use", "weights"].answer != "yes"


@pytest.mark.parametrize(
    "terms",
    [
        "If you have fewer than 1 million daily active users, you may apply for a commercial license.",
        "If you have daily active users that do not exceed 1,000,000 users, you may apply for a commercial license.",
    ],
)
def test_a_number_below_which_a_license_must_be_applied_for_allows_nothing(terms: str, tmp_path: Path):
    found = under(tmp_path, terms, readme="The model supports commercial use.")
    assert found["commercial_use", "weights"].answer != "yes"


def test_a_duty_to_show_a_name_above_a_number_is_no_ban(tmp_path: Path):
    shown = "If you have more than 100 million monthly active users, you shall prominently display our name."
    found = under(tmp_path, GRANTED, shown)
    assert found["many_users", "weights"].answer == "yes"
    assert found["notices", "weights"].answer == "yes"


def test_a_clause_that_is_known_by_the_parents_name_alone_is_a_ban_and_no_duty(tmp_path: Path):
    card = "---\nlicense: apache-2.0\nbase_model: meta-llama/Llama-3.1-8B\npipeline_tag: text-generation\n---\n\n# X\n"
    found = answers(write(tmp_path, {"a__b/README.md": card, "a__b/config.json": "{}"}))
    assert found["many_users", "weights"].answer == "no"
    assert found["many_users", "weights"].quotes[0].words == "base_model: meta-llama/Llama-3.1-8B"
    assert all(found[asked.id, "weights"].answer != "yes" for asked in ASKED)
    assert "the text of Apache-2.0 AND LicenseRef-llama3.1" in found["commercial_use", "weights"].settled_by[0]


def test_what_was_added_to_a_known_license_is_what_is_quoted(tmp_path: Path):
    added = "Whoever copies the Software shall praise its authors in every talk that they give about it."
    text = f"{LICENSE}\n\n{added}\n"
    found = answers(write(tmp_path, {"a__b/LICENSE": text, "a__b/train.py": "", "a__b/README.md": "# X\n"}))
    answered = found["redistribute_changed", "code"]
    assert answered.answer != "yes"
    assert [quote.words for quote in answered.quotes] == [added]


@pytest.mark.parametrize("end", ["", "\n\nMore of it."])
def test_a_sentence_over_several_lines_is_quoted_whole(end: str, tmp_path: Path):
    lines = ABOVE.replace("active users, ", "active\nusers,\n")
    answered = under(tmp_path, GRANTED, f"{lines}{end}")["many_users", "weights"]
    assert answered.quotes[0].words.removeprefix("2. ") == ABOVE


def test_a_long_sentence_is_cut_at_words_around_what_was_found(tmp_path: Path):
    filler = ", and word " * 60
    clause = f"If it so happens{filler}that you have more than 700 million monthly active users{filler}then request it."
    (quote,) = under(tmp_path, GRANTED, clause)["many_users", "weights"].quotes
    assert "700 million monthly active users" in quote.words
    assert len(quote.words) <= 370
    assert set(quote.words.strip("… ").split()) <= set(clause.split())


def test_terms_of_their_own_give_what_their_words_give(tmp_path: Path):
    found = under(tmp_path, GRANTED, "You agree not to use the Model for any military purpose.")
    answered = found["redistribute_changed", "weights"]
    assert answered.answer == "yes"
    assert answered.quotes[0].words == GRANTED
    assert answered.quotes[0].place.lines == (3, 3)
    assert "fields of use" in answered.sentence


@pytest.mark.parametrize("limit", [" only", " for research", " unless we object"])
def test_words_that_give_less_than_they_seem_to_give_nothing(limit: str, tmp_path: Path):
    granted = GRANTED.replace("Materials.", f"Materials{limit}.")
    found = under(tmp_path, granted, "You agree not to use the Model for any military purpose.")
    assert found["redistribute_changed", "weights"].answer != "yes"


def test_a_known_license_with_somebody_left_out_gives_nothing_by_its_old_words(tmp_path: Path):
    granted = (
        "MIT License\n\nCopyright (c) 2031 Meadow\n\n"
        "Permission is hereby granted, free of charge, to any person obtaining a copy of this software, to deal in the "
        "Software without restriction, including the rights to use, copy, modify, merge, publish, distribute, "
        "sublicense, and/or sell copies of the Software.\n\nCompanies that are listed are granted no rights.\n"
    )
    folder = {"a__b/LICENSE": granted, "a__b/train.py": "", "a__b/README.md": "# X\n"}
    assert answers(write(tmp_path, folder))["redistribute_changed", "code"].answer != "yes"


def test_use_bound_to_a_policy_elsewhere_leaves_the_union_unknown_and_names_the_policy(tmp_path: Path):
    policy = "Your use must adhere to the Acceptable Use Policy (https://example.org/use-policy), incorporated herein."
    answered = under(tmp_path, GRANTED, policy)["use_in_the_eu", "weights"]
    assert answered.answer == "unknown"
    assert answered.settled_by[0] == "https://example.org/use-policy"


def test_what_no_word_forbids_is_not_allowed_by_that(tmp_path: Path):
    answered = under(tmp_path, "You agree not to use the Model for any military purpose.")["commercial_use", "weights"]
    assert answered.answer == "unknown"
    assert answered.settled_by == ("a__b/LICENSE-MODEL, read by a person",)


def test_without_a_license_every_question_is_unknown_and_says_what_would_settle_it(tmp_path: Path):
    found = answers(write(tmp_path, {"a__b/README.md": "# X\n\nA model.\n", "a__b/model.safetensors": ""}))
    for asked in ASKED:
        assert found[asked.id, "weights"].answer == "unknown"
        assert "LICENSE file beside the weights" in found[asked.id, "weights"].settled_by[0]


def test_what_lies_at_an_address_is_settled_by_that_address(tmp_path: Path):
    readme = "# X\n\nSee our [technical report](https://arxiv.org/abs/2501.00001).\n"
    report = audit_subject(load_folder(write(tmp_path, {"a__b/README.md": readme})))
    assert report.facts["technical_report.complete"].gap == "unreachable"
    assert what_settles(report.facts["technical_report.complete"], report.subject) == "https://arxiv.org/abs/2501.00001"
    assert what_settles(report.facts["training_code.present"], report.subject) == PLACES["training_code"]


@pytest.mark.parametrize(
    ("license", "answer", "says"),
    [("cc0-1.0", "no", "asks for none"), ("mit", "yes", "Keep"), ("cc-by-sa-4.0", "yes", "stays under it")],
)
def test_notices_follow_from_the_license(license: str, answer: str, says: str, tmp_path: Path):
    card = f"---\nlicense: {license}\npipeline_tag: text-generation\n---\n\n# X\n"
    notices = answers(write(tmp_path, {"a__b/README.md": card, "a__b/model.safetensors": ""}))["notices", "weights"]
    assert notices.answer == answer
    assert says in notices.sentence


def test_whether_it_can_be_built_again_follows_from_data_and_code(tmp_path: Path):
    whole = answers(open_subject(tmp_path / "a"))["rebuild", "data"]
    assert (whole.answer, "nobody has shown" in whole.sentence) == ("yes", True)
    lacking = answers(open_subject(tmp_path / "b", **{"scripts/prepare_data.py": None}))["rebuild", "data"]
    assert lacking.answer == "unknown"
    assert any("scripts that made the training data" in place for place in lacking.settled_by)


def test_a_statement_that_is_a_whole_text_is_named_and_not_quoted(tmp_path: Path):
    found = answers(write(tmp_path, {"a__b/LICENSE": LICENSE, "a__b/train.py": "", "a__b/README.md": "# X\n"}))
    assert [quote.words for quote in found["commercial_use", "code"].quotes] == [""]
