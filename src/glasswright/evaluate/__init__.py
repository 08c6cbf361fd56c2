"""Evaluation of a model: questions put to it, its raw answers kept, scores that anybody can compute again.

tasks, sets, items     which questions, from a folder on this machine
encode, likelihood     as tokens, and how likely the model holds them: the same bits on every machine
answer, run, folder    each item answered, and kept as it is
scores, estimate       what follows from the answers, with its interval; needs no model
"""
