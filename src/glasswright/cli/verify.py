"""`glasswright verify`: every byte, digest and root of a release, without running any of it."""

from glasswright.cli.options import Json, ReleaseFolder, Threads, threads_or_all
from glasswright.cli.progress import display
from glasswright.cli.show import show_verdict
from glasswright.records.evaluation import RECORD as EVALUATION


def verify(release: ReleaseFolder, threads: Threads = None, as_json: Json = False) -> int:
    """Check a release without running any of it: every byte, digest and root.

    Of an evaluation, every score is computed again from the raw answers, without the model. PROVED means that the
    release is whole and consistent with itself; the last lines say what was not checked.
    """
    if (release / EVALUATION).is_file():
        from glasswright.evaluate.check import check as check_evaluation
        from glasswright.evaluate.folder import EvaluationFolder

        return show_verdict(check_evaluation(EvaluationFolder(release)), as_json=as_json)
    from glasswright.verify import check

    verdict = check(release, num_threads=threads_or_all(threads), report=display)
    return show_verdict(verdict, as_json=as_json)
