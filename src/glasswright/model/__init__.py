"""Torch modules over the exact kernels: the transformer, its Hugging Face form, generation, and the dispatch guard."""
