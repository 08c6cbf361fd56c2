"""What a model was made from, computed again: whether this file follows from those, bit for bit.

stored       a model as it lies in files, a stranger's as well: tensors by name, read one at a time
narrow       a tensor's numbers as the bytes of a type
derived      what a child's tensor should be; said by copied, quantized, adapted and merged, a kind or two each
compare      a tensor against what it should be
said         what else a model consists of: tokenizer, chat template, sizes
find         which kind a child is to be held to
edge, walk   the record beside a child, and the way back along such records; statement: to be signed
make         a merge written as a folder
"""
