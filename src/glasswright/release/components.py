"""Which files of the builder's source are which component of an open model, for code/build.json to state.

Whoever audits a release is told here where to look, and looks: a file that is named and is not there, or does something
else, proves nothing. A test holds every name to a file.
"""

COMPONENTS: dict[str, tuple[str, ...]] = {  # below the package
    "architecture_code": ("model/decoder.py", "model/blocks/attention.py"),
    "training_code": ("train/trainer.py", "train/optimizer.py", "train/schedule.py", "train/run.py"),
    "inference_code": ("model/generate.py",),
    "evaluation_code": ("evaluate/likelihood.py", "evaluate/scores.py", "train/objective.py"),
    "preprocessing_code": ("corpus/collect.py", "corpus/decide.py", "tokenizer/shards.py"),
    "tokenizer": ("tokenizer/learn.py",),
    "code_documentation": ("__init__.py",),
}
