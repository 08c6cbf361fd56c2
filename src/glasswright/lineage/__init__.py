"""What a model was made from, computed again: whether this file follows from those, bit for bit.

stored       a model as it lies in files, a stranger's as well: tensors by name, read one at a time
narrow       a tensor's numbers as the bytes of a type
derived      what a child's tensor should be: one small module a kind says it, tensor by tensor
compare      a tensor against what it should be
said         what else a model consists of: tokenizer, chat template, sizes
check        the whole, as a verdict
"""
