"""Kernels on an NVIDIA GPU: `x.cu` beside `x.py` and `x.cc`, and what it takes to run it.

source      the text of a kernel source, with the headers it shares with the C++ twins
compiler    that text as machine code of one kind of GPU, by NVRTC: no compiler is installed for it
door        what a kernel accepts, from the names of its definition's arguments
launches    which kernels of a source a kernel is made of, over how many threads
device      a GPU: memory, and a launch on it
rehearsal   a GPU that computes nothing
arrays      a GPU's kernels called as definitions are, for checks
"""
